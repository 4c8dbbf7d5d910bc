"""Reading a large inbox, as the server itself measures it, and hundreds of agents who watch it.

    python -m bench.inbox                          PostgreSQL: 1,000,000 conversations, 5,000,000 messages
    python -m bench.inbox --database sqlite        200,000 conversations in one file
    python -m bench.inbox --only search            some groups of requests only
    python -m bench.inbox --quick                  a smoke run

The house is made once, which takes half an hour, and kept in a folder (--cache) until the generator changes:
40 inboxes of very different sizes, 200 agents, two years. What is asked follows from the server's own OpenAPI document:
every tab, filter and sort of the list, as an agent of a large inbox, one of a small one, and an admin who sees all.
Each is asked one by one and the server says what it took; beside it the same statements are asked without Casella
(ratio_to_bare), and everything of a house of 10,000 conversations (growth). On a machine that has other things to do,
believe the CPU time and the quickest of each rather than p95 and p99.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import orjson

from bench.rig import report, webhooks
from bench.rig.inbox import desk, listeners
from bench.rig.inbox.asks import Document, asks, not_asked
from bench.rig.inbox.kept import House, Keeper, default_folder, kept
from bench.rig.inbox.measuring import Asker, Taken, document
from bench.rig.inbox.samples import take
from bench.rig.processes import Ground, JsonObject, Process, ground, redis, running

SMALL = 10_000
SIZES = {"postgres": 1_000_000, "sqlite": 200_000}
VIEWERS = ("agent-0", "agent-39", desk.ADMIN)
GROUPS = ("list", "counts", "search", "open", "start", "contacts", "streams")
_WORST = 12


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    size, small = (400, 200) if given.quick else (given.conversations or SIZES[given.database], SMALL)
    figures: JsonObject = {}
    with kept(given.database, given.cache) as keeper:
        if set(given.only) - {"streams"}:
            large = _measured(keeper, size, given, bare=True)
            before = {one.name: one for one in _measured(keeper, small, given, bare=False)}
            for group in given.only:
                _table(group, [one for one in large if one.ask.group == group], before)
            figures = _figures(large, before)
        if "streams" in given.only:
            figures |= _streams(keeper, small, given)
    report.last_line(_in_order(figures) | {"database": given.database, "conversations": size})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.inbox", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres", help="(default postgres)")
    parser.add_argument("--conversations", type=int, help="in the large house (default 1,000,000; SQLite 200,000)")
    parser.add_argument("--repeats", type=int, default=30, help="of each kind of request (default 30)")
    parser.add_argument("--every", type=int, default=1, help="ask every n-th kind of request only (default 1)")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="these groups only")
    parser.add_argument("--viewers", nargs="+", default=list(VIEWERS), help=f"who asks (default {' '.join(VIEWERS)})")
    parser.add_argument("--streams", type=int, default=500, help="open event streams (default 500)")
    parser.add_argument("--rate", type=float, default=200, help="messages per second meanwhile (default 200)")
    parser.add_argument("--seconds", type=float, default=20, help="for which they come in (default 20)")
    parser.add_argument(
        "--cache", type=Path, default=default_folder(), help="where houses are kept (default %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="400 conversations, few requests, to see that it works")
    return parser


def _measured(keeper: Keeper, size: int, given: argparse.Namespace, *, bare: bool) -> list[Taken]:
    house = keeper.house(size)
    repeats = 3 if given.quick else given.repeats
    found: list[Taken] = []
    with ground(house.database_url) as place, _serving(place, timed=True):
        known = Document(document(place.port, house.tokens[desk.ADMIN]))
        for who in given.viewers[: 1 if given.quick else None]:
            report.progress(f"{size:,} conversations, asked by {who}")
            samples = take(house, who)
            wanted = [one for one in asks(known, samples) if one.group in given.only]
            wanted = wanted[:: 9 if given.quick else given.every]
            found += Asker(place.port, house, who, place.folder).take(wanted, repeats, bare=bare)
            if bare and (unknown := not_asked(known, samples)):
                report.progress(f"nobody has said in bench.rig.inbox.samples what to ask for: {', '.join(unknown)}")
    return found


@contextmanager
def _serving(place: Ground, *, timed: bool) -> Iterator[Process]:
    server = Process(place, "serve", "serve", timed=timed)
    with running(place, server):
        yield server


def _table(group: str, taken: Sequence[Taken], before: Mapping[str, Taken]) -> None:
    """The worst of a group, and all of it together."""
    if not taken:
        return
    heads = ("request", "p50", "p95", "p99", "least", "CPU", "SQL", "statements", "bare", "ratio", "growth")
    rows: list[Sequence[object]] = []
    for one in sorted(taken, key=lambda one: -one.app[0])[:_WORST]:
        cells = (one.at(0.5), one.at(0.95), one.at(0.99), one.app[0], one.cpu[len(one.cpu) // 2])
        rows.append((one.name, *cells, one.sql[len(one.sql) // 2], one.statements, one.bare or "", one.ratio or "",
                     _growth(one, before) or ""))  # fmt: skip
    everything = sorted(time for one in taken for time in one.app)
    cpu = sorted(time for one in taken for time in one.cpu)
    rows.append((f"all {len(taken)} kinds", *(everything[int(len(everything) * share)] for share in (0.5, 0.95, 0.99)),
                 everything[0], cpu[len(cpu) // 2], *[""] * 5))  # fmt: skip
    report.table(f"{group}: the slowest kinds of requests, milliseconds at the server", heads, rows)


def _growth(one: Taken, before: Mapping[str, Taken]) -> float | None:
    """How many times as long as in the small house, the quickest to the quickest."""
    small = before.get(one.name)
    return one.app[0] / small.app[0] if small else None


def _figures(taken: Sequence[Taken], before: Mapping[str, Taken]) -> JsonObject:
    """The worst case of each."""

    def worst(group: str, share: float) -> float | None:
        times = [one.at(share) for one in taken if one.ask.group == group]
        return round(max(times), 2) if times else None

    lists = [one for one in taken if one.ask.group in ("list", "counts")]
    ratios = [one.ratio for one in lists if one.ratio is not None]
    growths = [growth for one in lists if (growth := _growth(one, before)) is not None]
    return {
        "list_p95_ms": worst("list", 0.95),
        "list_p99_ms": worst("list", 0.99),
        "counts_p95_ms": worst("counts", 0.95),
        "search_p95_ms": worst("search", 0.95),
        "open_p95_ms": worst("open", 0.95),
        "start_p95_ms": worst("start", 0.95),
        "contacts_p95_ms": worst("contacts", 0.95),
        "ratio_to_bare": round(max(ratios), 2) if ratios else None,
        "growth_1e4_to_1e6": round(max(growths), 2) if growths else None,
        "list_cpu_p50_ms": _middle([time for one in taken if one.ask.group == "list" for time in one.cpu]),
    }


def _middle(times: Sequence[float]) -> float | None:
    return round(sorted(times)[len(times) // 2], 2) if times else None


def _streams(keeper: Keeper, size: int, given: argparse.Namespace) -> JsonObject:
    """In a copy of the small house: what streams cost depends on what happens, not on what has happened."""
    house = keeper.copy(keeper.house(size), "streams")
    streams, seconds = (20, 1.0) if given.quick else (given.streams, given.seconds)
    with ExitStack() as stack:
        distributed = given.database == "postgres"
        place = stack.enter_context(ground(house.database_url, stack.enter_context(redis()) if distributed else ""))
        requests = place.folder / "requests"
        numbers = [desk.number_of(inbox) for inbox in range(desk.INBOXES)]
        webhooks.write(requests, webhooks.to_numbers(int(given.rate * seconds), numbers, desk.ZIPF, 2_000))
        server = Process(place, "serve", "serve" if distributed else "up")
        processes = [server, Process(place, "work", "work")] if distributed else [server]
        stack.enter_context(running(place, *processes))
        report.progress(f"{streams} event streams, {given.rate:.0f} messages per second")
        result = _listen(place, server, house, requests, streams, given.rate)
        notes = server.stop()
    report.table("event streams of one process", list(result), [list(result.values())])
    report.profile("the process with the streams", notes)
    if result["refused"] or result["unseen"]:
        report.progress(f"{result['refused']} webhooks were refused, {result['unseen']} messages seen by nobody")
    return {key: result[key] for key in ("stream_p99_ms", "rss_per_client_kb")}


def _listen(place: Ground, server: Process, house: House, requests: Path, streams: int, rate: float) -> JsonObject:
    tokens = [token for key, token in house.tokens.items() if key.startswith("agent-")]
    spec = listeners.Spec(port=place.port, pid=server.pid, tokens=tokens, streams=streams, requests=requests, rate=rate)
    file = place.folder / "listeners.json"
    file.write_text(spec.model_dump_json())
    command = [sys.executable, "-m", "bench.rig.inbox.listeners", str(file)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600)
    return cast(JsonObject, orjson.loads(done.stdout))


_KEYS = (
    "list_p95_ms", "list_p99_ms", "counts_p95_ms", "search_p95_ms", "open_p95_ms", "start_p95_ms", "stream_p99_ms",
    "rss_per_client_kb", "ratio_to_bare", "growth_1e4_to_1e6",
)  # fmt: skip


def _in_order(figures: JsonObject) -> JsonObject:
    """The figures of the issue first; null for what the server does not offer, or what was not asked."""
    return {key: figures.get(key) for key in _KEYS} | figures


if __name__ == "__main__":
    raise SystemExit(main())
