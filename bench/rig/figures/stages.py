"""CPU by stage of a message's way in: one thread, one stage after the other, no HTTP and nobody else's work in it.

On a machine that others use as well this is the figure to believe; a rate is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from bench.rig import webhooks
from bench.rig.house import journal_rows
from bench.rig.processes import Ground
from casella import app as house
from casella.api.stream.event_stream import block
from casella.api.stream.feed_events import read_after
from casella.inbox.reading import index_pending
from casella.inbox.receiving.lanes import apply_rows
from casella.store import feed, journal

STAGES = ("verify_translate", "append", "lane", "search", "feed")
BATCH = 64
_CONTACTS_FROM = 900_000  # apart from those of the load
_NUMBERS_FROM = 9_000_000
_SEARCHED_AT_ONCE = 500


def stages(place: Ground, count: int, contacts: int) -> dict[str, float]:
    """µs of CPU per message of each stage; a third of `count` goes before, uncounted, so that nothing is cold."""
    built = house.build(place.settings, serves=False, works=False)
    try:
        warm = max(BATCH, count // 3)
        made = webhooks.requests(
            warm + count, contacts=contacts, first=_NUMBERS_FROM, contacts_from=_CONTACTS_FROM
        )  # fmt: skip
        requests = list(made)
        _way(built, requests[:warm])
        return {stage: round(seconds / count * 1e6, 1) for stage, seconds in _way(built, requests[warm:]).items()}
    finally:
        built.close()


def _way(built: house.App, requests: Sequence[bytes]) -> dict[str, float]:
    store, spent, rows = built.rooms.store, dict[str, float](), list[journal.JournalRow]()
    with store.read() as db:
        cursor = feed.newest(db)
    spent["verify_translate"] = _spent(lambda: rows.extend(journal_rows(built, requests)))
    spent["append"] = _spent(lambda: _append(built, rows))
    lanes = sorted({int(str(row["lane"])) for row in rows})
    spent["lane"] = _spent(lambda: _drain(built, lanes))
    spent["search"] = _spent(lambda: _index(built))
    spent["feed"] = _spent(lambda: _read(built, cursor))
    return {stage: spent[stage] for stage in STAGES}


def _append(built: house.App, rows: Sequence[journal.JournalRow]) -> None:
    for begin in range(0, len(rows), BATCH):
        with built.rooms.store.write() as db:
            journal.append(db, rows[begin : begin + BATCH])


def _drain(built: house.App, lanes: Iterable[int]) -> None:
    for lane in lanes:
        while _apply(built, lane):
            pass


def _apply(built: house.App, lane: int) -> bool:
    """A batch as a worker does it; False where nothing waits."""
    with built.rooms.store.write() as db:
        rows = journal.pending(db, lane, BATCH) if journal.hold_lane(db, lane) else []
        if not rows:
            return False
        work = apply_rows(built.rooms, db, rows, built.rooms.clock.now())
        journal.finish(db, [row.id for row in rows])
    work.after_commit()
    return True


def _index(built: house.App) -> None:
    done = 1
    while done:
        with built.rooms.store.write() as db:
            done = index_pending(db, _SEARCHED_AT_ONCE)


def _read(built: house.App, cursor: feed.Cursor) -> None:
    while events := read_after(built.rooms.store, cursor):
        for event in events:
            block(str(event.cursor), event.kind, event.json)
        cursor = events[-1].cursor


def _spent(act: Callable[[], object]) -> float:
    began = time.thread_time()
    act()
    return time.thread_time() - began
