"""From webhook to assigned and visible: messages per second, and how long one takes at half that load.

    python -m bench.pipeline                       embedded, then PostgreSQL and Redis with 1, 2 and 4 workers
    python -m bench.pipeline --only embedded --seconds 10
    python -m bench.pipeline --quick               a smoke run

Signed webhooks come in over HTTP; an agent's event stream (`GET /api/v1/events`) is read by the same client. A message
counts when that stream has shown it and its conversation has an assignee. 100 rules, 24 agents in three teams that
take turns, 5,000 contacts. Nothing is sent out: `bench.delivery` measures that.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

from sqlalchemy import func, select

from bench.rig import report, webhooks
from bench.rig.job import Job
from bench.rig.processes import Ground, JsonObject, Process, ground, load, postgresql, redis, running
from casella.store import Store
from casella.store.tables import search_pending

_MOST_PER_SECOND = 8_000  # requests to prepare per second of the run
_WORKERS = (1, 2, 4)


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.seconds = min(given.seconds, 0.5)
    results: dict[str, JsonObject] = {}
    if given.only in ("both", "embedded"):
        results["embedded"] = _embedded(given)
    if given.only in ("both", "postgresql"):
        for workers in given.workers:
            try:
                results[f"postgres_{workers}"] = _distributed(given, workers)
            except LookupError as missing:
                report.progress(f"not here: {missing}")
    rows = [
        (name, r["messages_per_second"], r["half_rate"], r["visible_p50_ms"], r["visible_p99_ms"],
         r["searchable_per_second"], r["rss_mb"], r["client_cpu"])
        for name, r in results.items()
    ]  # fmt: skip
    heads = ("how", "messages/s", "half load", "visible p50 ms", "p99 ms", "searchable/s", "RSS MB", "client CPU")
    report.table(f"Webhook to assigned and visible, {given.rules} rules", heads, rows)
    report.last_line(_figures(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.pipeline", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement (default 4)")
    parser.add_argument("--connections", type=int, default=64, help="keep-alive connections (default 64)")
    parser.add_argument("--rules", type=int, default=100, help="rules of the desk (default 100)")
    parser.add_argument("--contacts", type=int, default=5_000, help="numbers that write (default 5000)")
    parser.add_argument("--only", choices=("both", "embedded", "postgresql"), default="both", help="one size only")
    parser.add_argument("--workers", type=int, nargs="+", default=list(_WORKERS), help="worker processes (1 2 4)")
    parser.add_argument("--lanes", type=int, default=0, help="CASELLA_LANES (default 0: as fits the database)")
    parser.add_argument("--profile", action="store_true", help="sample the stacks too (embedded; costs a little speed)")
    parser.add_argument("--quick", action="store_true", help="half a second each, to see that it works")
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


def _run(place: Ground, given: argparse.Namespace, name: str, start: Callable[[], list[Process]]) -> JsonObject:
    """As fast as it goes, then at half of that. The first two seconds' worth of contacts are new; that is counted."""
    report.progress(f"{name}: preparing")
    count = int(_MOST_PER_SECOND * given.seconds) + 500
    job = Job(
        port=place.port, requests=_prepare(place, given, 0, count), connections=given.connections,
        seconds=given.seconds, warm_up=min(500, count // 10), token=place.token, patience=max(20.0, given.seconds * 3),
    )  # fmt: skip
    processes = start()
    with running(place, *processes):
        report.progress(f"{name}: as fast as it goes")
        began = time.perf_counter()
        full = load(place, job)
        _whole(name, full)
        searchable = cast(int, full["visible"]) / (_until_indexed(place) - began)
        half = max(1.0, cast(float, full["visible_per_second"]) / 2)
        report.progress(f"{name}: {half:.0f} messages per second")
        wanted = int(half * given.seconds) + 1
        later = _prepare(place, given, count, wanted)
        changes = {"requests": later, "first": count, "rate": half, "warm_up": min(100, wanted // 4)}
        calm = load(place, job.model_copy(update=changes))
        _whole(name, calm)
        notes = [process.stop() for process in processes]
    for process, note in zip(("web", *("worker" for _ in notes)), notes, strict=False):
        report.profile(f"{name}, {process}", note)
    return {
        "messages_per_second": full["visible_per_second"],
        "visible_p50_ms": calm["visible_p50_ms"],
        "visible_p99_ms": calm["visible_p99_ms"],
        "rss_mb": round(sum(cast(float, note["rss_mb"]) for note in notes), 1),
        "half_rate": round(half),
        "searchable_per_second": round(searchable),
        "accepted_per_second": full["requests_per_second"],
        "client_cpu": full["client_cpu"],
        "processes": len(notes),
    }


def _prepare(place: Ground, given: argparse.Namespace, first: int, count: int) -> Path:
    file = place.folder / f"requests-{first}"
    webhooks.write(file, webhooks.requests(count, contacts=given.contacts, first=first))
    return file


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
    keys = ("messages_per_second", "visible_p50_ms", "visible_p99_ms", "rss_mb")
    first = results.get("embedded") or next(iter(results.values()), {})
    figures = {key: first.get(key) for key in keys}
    more = ("searchable_per_second", "accepted_per_second", "client_cpu")
    figures |= {key: first.get(key) for key in more}
    for name, result in results.items():
        if name != "embedded":
            figures |= {f"{name}_{key}": result[key] for key in (*keys, "searchable_per_second")}
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
