"""From webhook to assigned and visible: messages per second, how long one takes at fixed rates, and CPU by stage.

    python -m bench.pipeline                       embedded, then PostgreSQL and Redis with 1, 2 and 4 workers
    python -m bench.pipeline --only embedded --seconds 10
    python -m bench.pipeline --quick               a smoke run

Signed webhooks come in over HTTP; an agent's event stream (`GET /api/v1/events`) is read by the same client. A message
counts when that stream has shown it and its conversation has an assignee. 100 rules, 24 agents in three teams that
take turns, 5,000 contacts, new ones in every round. Nothing is sent out: `bench.delivery` measures that.

A round is a load as fast as it goes, one at half of that, and one at each fixed rate; figures are the median of the
rounds, `spread` says how far they lay apart, `machine_cpu_ms` how long a fixed piece of work took before each of them.
Before the first, one thread goes through the stages alone: CPU per message is what can be compared on a busy machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import cast

from sqlalchemy import func, select

from bench.rig import report, webhooks
from bench.rig.figures.pace import Pace, pace
from bench.rig.figures.rounds import Round, summary, with_spread
from bench.rig.figures.spent import cpu_of, cpu_of_tree, postmaster
from bench.rig.figures.stages import STAGES, stages
from bench.rig.job import Job
from bench.rig.processes import Ground, JsonObject, Process, ground, load, postgresql, redis, running
from casella.store import Store
from casella.store.tables import search_pending

_MOST_PER_SECOND = 4_000  # requests to prepare per second of the run
_WORKERS = (1, 2, 4)
_RATES = {"embedded": (500, 1_500), "postgres": (10, 500)}


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.seconds, given.rounds, given.staged = min(given.seconds, 0.4), 1, min(given.staged, 200)
    results: dict[str, JsonObject] = {}
    if given.only in ("both", "embedded"):
        results["embedded"] = _embedded(given)
    if given.only in ("both", "postgresql"):
        for workers in given.workers:
            try:
                results[f"postgres_{workers}"] = _distributed(given, workers)
            except LookupError as missing:
                report.progress(f"not here: {missing}")
    _print(given, results)
    report.last_line(_figures(results))
    return 0


def _print(given: argparse.Namespace, results: dict[str, JsonObject]) -> None:
    shown = ("messages_per_second", "cpu_us_per_message", "visible_p50_ms", "visible_p99_ms", "rss_mb", "client_cpu")
    rows = [(name, *(with_spread(r, key) for key in shown)) for name, r in results.items()]
    heads = ("how", "messages/s", "CPU µs/message", "p50 ms, half load", "p99 ms", "RSS MB", "client CPU")
    report.table(f"Webhook to assigned and visible, {given.rules} rules: median (least-greatest)", heads, rows)
    rated = [(name, key, with_spread(r, key)) for name, r in results.items() for key in r if "_at_" in key]
    report.table("At fixed rates, messages per second", ("how", "what", "ms"), rated)
    staged = [(name, *(r[f"us_{stage}"] for stage in STAGES)) for name, r in results.items() if f"us_{STAGES[0]}" in r]
    report.table("One thread alone: µs of CPU per message", ("how", *STAGES), staged)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pipeline", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=2.0, help="of each measurement (default 2)")
    parser.add_argument("--rounds", type=int, default=5, help="of everything (default 5)")
    parser.add_argument("--staged", type=int, default=3_000, help="messages through the stages alone (default 3000)")
    parser.add_argument("--connections", type=int, default=64, help="keep-alive connections (default 64)")
    parser.add_argument("--rules", type=int, default=100, help="rules of the desk (default 100)")
    parser.add_argument("--contacts", type=int, default=5_000, help="numbers that write (default 5000)")
    parser.add_argument("--only", choices=("both", "embedded", "postgresql"), default="both", help="one size only")
    parser.add_argument("--workers", type=int, nargs="+", default=list(_WORKERS), help="worker processes (1 2 4)")
    parser.add_argument("--lanes", type=int, default=0, help="CASELLA_LANES (default 0: as fits the database)")
    parser.add_argument("--profile", action="store_true", help="sample the stacks too (embedded; costs a little speed)")
    parser.add_argument("--quick", action="store_true", help="one round of 0.4 s each, to see that it works")
    return parser


def _embedded(given: argparse.Namespace) -> JsonObject:
    with ground() as place:
        place.extra["CASELLA_LANES"] = str(given.lanes)
        place.furnish(rules=given.rules)
        return _run(place, given, "embedded", lambda: [Process(place, "up", "up", stacks=given.profile)])


def _distributed(given: argparse.Namespace, workers: int) -> JsonObject:
    with ExitStack() as stack:
        place = stack.enter_context(ground(stack.enter_context(postgresql()), stack.enter_context(redis())))
        place.extra["CASELLA_LANES"] = str(given.lanes)
        place.furnish(rules=given.rules)

        def start() -> list[Process]:
            served = Process(place, "serve", "serve", stacks=given.profile)
            served.wait_ready()
            return [served, *(Process(place, f"work-{n}", "work", stacks=given.profile) for n in range(workers))]

        return _run(place, given, f"PostgreSQL and Redis, {workers} workers", start)


class _Loads:
    """The loads of one house, one after the other; each with requests of its own, numbered on from the last."""

    def __init__(self, place: Ground, given: argparse.Namespace, name: str, processes: Sequence[Process]) -> None:
        self._place, self._given, self._name, self._processes = place, given, name, processes
        self._server = postmaster(place.database_url) if place.database_url else None
        self._first = self._contacts_from = 0

    def new_contacts(self) -> None:
        """Whoever writes from now on has not written before."""
        self._contacts_from += self._given.contacts

    def run(self, rate: float | None) -> tuple[JsonObject, Round]:
        """What the client saw; and CPU seconds, of the house and of PostgreSQL. `rate` None: as fast as it goes."""
        given = self._given
        count = int((rate or _MOST_PER_SECOND) * given.seconds) + (1 if rate else 500)
        file = self._place.folder / f"requests-{self._first}"
        webhooks.write(
            file,
            webhooks.requests(
                count, contacts=given.contacts, first=self._first, contacts_from=self._contacts_from
            ),
        )  # fmt: skip
        job = Job(
            port=self._place.port, requests=file, first=self._first, connections=given.connections,
            seconds=given.seconds, warm_up=min(100 if rate else 500, count // 10), token=self._place.token, rate=rate,
            patience=max(20.0, given.seconds * 3),
        )  # fmt: skip
        self._first += count
        before = self._spent()
        seen = load(self._place, job)
        after = self._spent()
        file.unlink()
        _whole(self._name, seen)
        return seen, {key: after[key] - before[key] for key in before}

    def _spent(self) -> dict[str, float]:
        server = {"server": cpu_of_tree(self._server)} if self._server is not None else {}
        return {"house": sum(cpu_of(process.pid) for process in self._processes)} | server


def _run(place: Ground, given: argparse.Namespace, name: str, start: Callable[[], list[Process]]) -> JsonObject:
    staged = {}
    if given.staged and not name.endswith((" 2 workers", " 4 workers")):
        report.progress(f"{name}: stage by stage, in one thread")
        staged = {f"us_{stage}": us for stage, us in stages(place, given.staged, given.contacts).items()}
    report.progress(f"{name}: starting")
    processes = start()
    rounds, paces = list[Round](), list[Pace]()
    with running(place, *processes):
        loads = _Loads(place, given, name, processes)
        for number in range(given.rounds):
            report.progress(f"{name}: round {number + 1} of {given.rounds}")
            paces.append(pace())
            rounds.append(_round(place, given, loads, _RATES["postgres" if place.database_url else "embedded"]))
        notes = [process.stop() for process in processes]
    for process, note in zip(processes, notes, strict=True):
        report.profile(f"{name}, {process.name}", note)
    resident = round(sum(cast(float, note["rss_mb"]) for note in notes), 1)
    figures = summary([{**each, "rss_mb": resident} for each in rounds], paces)
    return figures | staged | {"processes": len(notes)}


def _round(place: Ground, given: argparse.Namespace, loads: _Loads, rates: Sequence[int]) -> dict[str, float]:
    loads.new_contacts()
    began = time.perf_counter()
    full, spent = loads.run(None)
    visible = cast(float, full["visible"])
    figures = {
        "messages_per_second": cast(float, full["visible_per_second"]),
        "cpu_us_per_message": round(spent["house"] / visible * 1e6),
        "accepted_per_second": cast(float, full["requests_per_second"]),
        "client_cpu": cast(float, full["client_cpu"]),
        "searchable_per_second": round(visible / (_until_indexed(place) - began)),
    }
    if "server" in spent:
        figures["database_cpu_us_per_message"] = round(spent["server"] / visible * 1e6)
    figures["half_rate"] = round(max(1.0, figures["messages_per_second"] / 2))
    calm, _ = loads.run(figures["half_rate"])
    figures |= {key: cast(float, calm[key]) for key in ("visible_p50_ms", "visible_p99_ms")}
    for rate in rates:
        fixed, _ = loads.run(rate)
        figures[f"p50_at_{rate}_ms"] = cast(float, fixed["visible_p50_ms"])
        figures[f"p99_at_{rate}_ms"] = cast(float, fixed["visible_p99_ms"])
    return figures


def _whole(name: str, result: JsonObject) -> None:
    if result["missing"] or result["repeated"]:
        raise SystemExit(f"{name}: {result['missing']} messages missing, {result['repeated']} shown twice: {result}")


def _until_indexed(place: Ground) -> float:
    store = Store(place.settings.effective_database_url)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with store.read() as db:
            if not db.execute(select(func.count()).select_from(search_pending)).scalar_one():
                break
        time.sleep(0.05)
    store.close()
    return time.perf_counter()


def _figures(results: dict[str, JsonObject]) -> JsonObject:
    """Those of the embedded house by their own names; of the others behind "postgres_" and the number of workers."""
    keys = ("messages_per_second", "visible_p50_ms", "visible_p99_ms", "rss_mb")
    first = results.get("embedded") or next(iter(results.values()), {})
    figures = {key: first.get(key) for key in keys} | {"cpu_us_per_message": first.get("cpu_us_per_message")}
    figures |= {key: value for key, value in first.items() if key not in figures}
    for name, result in results.items():
        if name != "embedded":
            figures |= {f"{name}_{key}": value for key, value in result.items()}
    one = results.get("postgres_1", {})
    figures |= {f"postgres_{key}": one[key] for key in one if "_at_" in key}
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
