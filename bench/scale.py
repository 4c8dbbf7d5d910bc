"""More worker processes on PostgreSQL: what they do together, and which lock they wait for.

    python -m bench.scale                    1, 2, 4 and 8 workers, then 1 and 4 with commits that take 5 ms longer
    python -m bench.scale --workers 1 4 --messages 1500
    python -m bench.scale --quick            a smoke run

The journal is filled beforehand and only workers run: no HTTP, no client, nobody who starts. A round begins with the
ring of all lanes and ends when nothing waits any more. Each number of workers warms up first; a proxy on loopback then
holds each COMMIT back, as a database in another room does: there more workers must help, on two cores as well.
A lock's share is the time for which it was held, of the time that the batches took.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import cast

from sqlalchemy import exists, select

from bench.rig import report, webhooks
from bench.rig.figures.pace import Pace, pace
from bench.rig.figures.rounds import Round, summary, with_spread
from bench.rig.figures.slow_commit import slow_commit
from bench.rig.figures.spent import cpu_of, cpu_of_tree, postmaster
from bench.rig.house import journal_rows
from bench.rig.processes import Ground, JsonObject, Process, ground, postgresql, redis, running
from casella import app as house
from casella.store import journal, tables

_WORKERS = (1, 2, 4, 8)
_AT_ONCE = 200
_PATIENCE = 120.0


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.messages, given.rounds, given.contacts = min(given.messages, 150), 1, 100
    results: dict[str, JsonObject] = {}
    for workers in given.workers:
        results[f"{workers}"] = _measure(given, workers, 0)
    for workers in (1, 4):
        if workers in given.workers and given.commit:
            results[f"{workers}_slow"] = _measure(given, workers, given.commit)
    shown = ("messages_per_second", "cpu_us_per_message", "database_cpu_us_per_message")
    rows = [(name, *(with_spread(r, key) for key in shown), r["lock_share"], r["us_under_lock"], _locks(r))
            for name, r in results.items()]  # fmt: skip
    heads = (
        "workers",
        "messages/s",
        "CPU µs/message",
        "PostgreSQL's",
        "agents' share",
        "µs under it",
        "held, ms/batch",
    )
    report.table("Applied by so many workers: median (least-greatest)", heads, rows)
    report.last_line(_figures(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=2_000, help="of each round (default 2000)")
    parser.add_argument("--rounds", type=int, default=5, help="of each number of workers (default 5)")
    parser.add_argument("--workers", type=int, nargs="+", default=list(_WORKERS), help="worker processes (1 2 4 8)")
    parser.add_argument("--commit", type=float, default=5.0, help="ms that a commit takes longer, then (default 5)")
    parser.add_argument("--rules", type=int, default=100, help="rules of the desk (default 100)")
    parser.add_argument("--contacts", type=int, default=5_000, help="numbers that write (default 5000)")
    parser.add_argument("--quick", action="store_true", help="one round of 150 messages, to see that it works")
    return parser


def _measure(given: argparse.Namespace, workers: int, commit: float) -> JsonObject:
    name = f"{workers} workers" + (f", commits {commit:g} ms longer" if commit else "")
    report.progress(f"{name}: starting")
    with ExitStack() as stack:
        url = stack.enter_context(postgresql())
        place = stack.enter_context(ground(url, stack.enter_context(redis())))
        place.furnish(rules=given.rules)
        if commit:
            place.extra["CASELLA_DATABASE_URL"] = stack.enter_context(slow_commit(url, commit))
        backlog = stack.enter_context(_Backlog(place, given))
        processes = [Process(place, f"work-{number}", "work", locks=True) for number in range(workers)]
        server, rounds, paces = postmaster(url), list[Round](), list[Pace]()
        with running(place, *processes):
            report.progress(f"{name}: warming up")
            backlog.apply(backlog.fill())
            for _ in range(given.rounds):
                rows = backlog.fill()
                paces.append(pace())
                before = _spent(processes, server)
                seconds = backlog.apply(rows)
                spent = [after - was for after, was in zip(_spent(processes, server), before, strict=True)]
                rounds.append(_round(rows, seconds, spent))
            notes = [process.stop() for process in processes]
    return summary(rounds, paces) | _held(notes, (given.rounds + 1) * given.messages)


class _Backlog:
    """What waits in the journal, and the bell for it."""

    def __init__(self, place: Ground, given: argparse.Namespace) -> None:
        self._given = given
        self._built = house.build(place.settings, serves=False, works=False)
        self._next = 0

    def __enter__(self) -> _Backlog:
        return self

    def __exit__(self, *exception: object) -> None:
        self._built.close()

    def fill(self) -> int:
        """A round's messages come in; nobody is told. Returns how many."""
        given = self._given
        requests = webhooks.requests(
            given.messages, contacts=given.contacts, first=self._next, contacts_from=self._next
        )  # fmt: skip
        rows = journal_rows(self._built, list(requests))
        self._next += given.messages
        self._rows = rows
        return len(rows)

    def apply(self, count: int) -> float:
        """Store and ring; seconds from the ring until nothing waits."""
        store = self._built.rooms.store
        with store.write() as db:
            for begin in range(0, count, _AT_ONCE):
                journal.append(db, self._rows[begin : begin + _AT_ONCE])
        began = time.perf_counter()
        self._built.bell.lanes(sorted({int(str(row["lane"])) for row in self._rows}))
        waits = select(exists().where(tables.journal.c.state == "pending"))
        while True:
            with store.read() as db:
                if not db.execute(waits).scalar_one():
                    return time.perf_counter() - began
            if time.perf_counter() - began > _PATIENCE:
                raise SystemExit(f"messages still wait after {_PATIENCE:.0f} s")
            time.sleep(0.01)


def _spent(processes: Sequence[Process], server: int) -> tuple[float, float]:
    return sum(cpu_of(process.pid) for process in processes), cpu_of_tree(server)


def _round(messages: int, seconds: float, spent: Sequence[float]) -> Round:
    return {
        "messages_per_second": round(messages / seconds, 1),
        "cpu_us_per_message": round(spent[0] / messages * 1e6),
        "database_cpu_us_per_message": round(spent[1] / messages * 1e6),
    }


def _held(notes: Sequence[JsonObject], messages: int) -> JsonObject:
    """Of all workers together. A batch holds its lane from its first statement to its last."""
    locks: dict[str, dict[str, float]] = {}
    for note in notes:
        for name, lock in cast(dict[str, dict[str, float]], note.get("locks", {})).items():
            into = locks.setdefault(name, dict.fromkeys(lock, 0.0))
            for key, value in lock.items():
                into[key] += value
    batches, agents = locks.get("lanes", {}).get("held_seconds", 0.0), locks.get("agents", {}).get("held_seconds", 0.0)
    by_name = {
        name: {
            "transactions": lock["transactions"],
            "held_ms": round(lock["held_seconds"] / max(1.0, lock["transactions"]) * 1000, 2),
            "asked_ms": round(lock["asked_seconds"] / max(1.0, lock["transactions"]) * 1000, 2),
        }
        for name, lock in sorted(locks.items())
    }
    return {
        "lock_share": round(agents / batches, 3) if batches else 0.0,
        "us_under_lock": round(agents / messages * 1e6, 1),
        "locks": by_name,
    }


def _locks(result: JsonObject) -> str:
    locks = cast(dict[str, dict[str, float]], result["locks"])
    return ", ".join(f"{name} {lock['held_ms']:.1f}" for name, lock in locks.items())


def _figures(results: dict[str, JsonObject]) -> JsonObject:
    """The lock's figures are those of four workers, or of the most there are."""
    of = {name: cast(float, result["messages_per_second"]) for name, result in results.items()}
    busiest = results.get("4") or next(iter(reversed(results.values())))
    figures: JsonObject = {
        "ratio_4_to_1": _ratio(of, "4", "1"),
        "ratio_4_to_1_slow_commit": _ratio(of, "4_slow", "1_slow"),
        "lock_share": busiest["lock_share"],
        "us_under_lock": busiest["us_under_lock"],
    }
    for name, result in results.items():
        figures |= {f"workers_{name}_{key}": value for key, value in result.items()}
    return figures


def _ratio(of: dict[str, float], many: str, one: str) -> float | None:
    return round(of[many] / of[one], 2) if many in of and one in of else None


if __name__ == "__main__":
    raise SystemExit(main())
