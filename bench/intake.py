"""Accepting signed webhooks durably, beside the same server that forgets them and beside the bare commits.

    python -m bench.intake                   SQLite and PostgreSQL, about 50 seconds
    python -m bench.intake --quick           a smoke run
    python -m bench.intake --only sqlite --seconds 10

The server is `casella serve`'s process with the real door, SMS plugin and journal; nothing drains the lanes, so that
only the way in is measured. "Bare" appends the same rows in transactions of the size the server was seen to make,
without HTTP, in one loop.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import cast

from bench.rig import report, webhooks
from bench.rig.house import journal_rows
from bench.rig.job import Job
from bench.rig.processes import Ground, JsonObject, Process, ground, load, postgresql, running
from casella import app as house
from casella.store import journal

_CONTACTS = 5_000
_MOST_PER_SECOND = 14_000  # requests to prepare per second of the run


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.seconds = min(given.seconds, 0.5)
    results = {}
    for database in ("sqlite", "postgresql") if given.only == "both" else (given.only,):
        try:
            results[database] = _database(database, given)
        except LookupError as missing:
            report.progress(f"no {database} here: {missing}")
    rows = [
        (name, r["requests_per_second"], r["p50_ms"], r["p99_ms"], r["no_store_per_second"], r["ratio_to_no_store"],
         r["bare_rows_per_second"], r["ratio_to_bare_group_commit"], r["rows_per_commit"], r["client_cpu"])
        for name, r in results.items()
    ]  # fmt: skip
    heads = (
        "store",
        "req/s",
        "p50 ms",
        "p99 ms",
        "no store",
        "ratio",
        "bare rows/s",
        "ratio",
        "rows/commit",
        "client CPU",
    )
    report.table(f"Signed webhooks to 2xx, {given.connections} connections", heads, rows)
    report.last_line(_figures(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.intake", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measurement (default 6)")
    parser.add_argument("--connections", type=int, default=64, help="keep-alive connections (default 64)")
    parser.add_argument("--only", choices=("both", "sqlite", "postgresql"), default="both", help="one store only")
    parser.add_argument("--quick", action="store_true", help="half a second each, to see that it works")
    return parser


def _database(name: str, given: argparse.Namespace) -> JsonObject:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql()) if name == "postgresql" else ""
        place = stack.enter_context(ground(url))
        report.progress(f"{name}: preparing")
        place.furnish(rules=100)
        count = int(_MOST_PER_SECOND * (given.seconds + 0.5)) if given.seconds >= 1 else 6_000
        file = place.folder / "requests"
        webhooks.write(file, webhooks.requests(count, contacts=_CONTACTS))
        job = Job(
            port=place.port, requests=file, connections=given.connections, seconds=given.seconds,
            warm_up=min(1000, count // 10),
        )  # fmt: skip
        forgot, _ = _measure(place, job, f"{name}: without storing", stores=False)
        kept, notes = _measure(place, job, f"{name}: storing", stores=True)
        stages = cast("dict[str, float]", notes["intake"])
        per_commit = max(1, round(stages["requests"] / max(1, stages["batches"])))
        bare = _bare(place, per_commit, given.seconds / 2)
        report.profile(f"{name}, storing", notes)
        _stages(name, stages)
        if not given.quick:
            later = place.folder / "later"
            webhooks.write(later, webhooks.requests(count // 2, contacts=_CONTACTS, first=count))
            _, sampled = _measure(
                place, job.model_copy(update={"requests": later, "seconds": given.seconds / 2}),
                f"{name}: once more, sampled", stores=True, stacks=True,
            )  # fmt: skip
            report.profile(f"{name}, sampled", sampled)
    rate = cast(float, kept["requests_per_second"])
    return kept | {
        "no_store_per_second": forgot["requests_per_second"],
        "ratio_to_no_store": round(rate / cast(float, forgot["requests_per_second"]), 3),
        "bare_rows_per_second": round(bare),
        "ratio_to_bare_group_commit": round(rate / bare, 3),
        "rows_per_commit": per_commit,
        "rss_mb": notes["rss_mb"],
    }


def _measure(
    place: Ground, job: Job, what: str, *, stores: bool, stacks: bool = False
) -> tuple[JsonObject, JsonObject]:
    report.progress(what)
    process = Process(place, f"serve-{stores}-{stacks}", "serve", stores=stores, stacks=stacks)
    with running(place, process):
        result = load(place, job)
        notes = process.stop()
    bad = {status: count for status, count in cast("dict[str, int]", result["statuses"]).items() if status != "200"}
    if bad:
        raise SystemExit(f"{what}: not everything was accepted: {bad}")
    return result, notes


def _bare(place: Ground, batch: int, seconds: float) -> float:
    """Rows per second of `journal.append` alone, in transactions of `batch` rows. Rows are made before the clock."""
    report.progress(f"bare commits of {batch} rows")
    built = house.build(place.settings, serves=False, works=False)
    count = max(batch * 20, int(6_000 * seconds))
    requests = list(webhooks.requests(count, contacts=_CONTACTS, first=50_000_000))
    rows = [dict(row) for row in journal_rows(built, requests)]
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        part = rows[done % count : done % count + batch]
        for offset, row in enumerate(part):
            row["identity"] = f"bare-{done + offset}"
        with built.rooms.store.write() as db:
            journal.append(db, part)
        done += len(part)
    took = time.perf_counter() - began
    built.close()
    return done / took


def _stages(name: str, stages: dict[str, float]) -> None:
    count = max(1.0, stages["requests"])
    store = stages["store_seconds"] / count * 1e6
    rows = [
        ("verify and translate", stages["answer_seconds"] / count * 1e6 - store),
        ("append and commit", store),
    ]
    report.table(f"{name}: intake thread, µs of wall time per request", ("stage", "µs"), rows)


def _figures(results: dict[str, JsonObject]) -> JsonObject:
    keys = ("requests_per_second", "ratio_to_no_store", "ratio_to_bare_group_commit", "p99_ms")
    first = results.get("sqlite") or next(iter(results.values()), {})
    figures = {key: first.get(key) for key in keys}
    for name, short in (("sqlite", ""), ("postgresql", "postgres_")):
        more = (*(keys if short else ()), "p50_ms", "no_store_per_second", "bare_rows_per_second", "rows_per_commit",
                "client_cpu", "rss_mb")  # fmt: skip
        figures |= {short + key: results[name].get(key) for key in more if name in results}
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
