"""`casella replay`: webhooks that were kept raw are verified and translated again, after the plugin or the desk was
mended; and parked rows of the journal get another chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson
from sqlalchemy import Row

from casella.inbox.house import ConnectionEntry, Rooms
from casella.inbox.receiving import media
from casella.inbox.receiving.translation import Translator
from casella.plugin import Webhook
from casella.store import journal

_PAGE = 200


@dataclass(slots=True)
class ReplayReport:
    """`accepted`: in their lanes now. `refused`: not authentic after all, dropped. `kept`: still cannot be translated.
    `retried`: parked journal rows put back into their lanes. Attachments that wait are due at once."""

    accepted: int = 0
    refused: int = 0
    kept: int = 0
    retried: int = 0


def replay_kept(
    rooms: Rooms, connection_key: str | None = None, progress: Callable[[int], None] = lambda done: None
) -> ReplayReport:
    """Take up everything that was kept, in the order it came. Doing it twice does no harm: what is in the journal
    already is recognised. Raises StoreUnavailable."""
    report = ReplayReport()
    translator = Translator(rooms)
    after = ""
    while True:
        with rooms.store.read() as db:
            rows = journal.kept(db, after, _PAGE)
        if not rows:
            break
        for row in rows:
            if connection_key in (None, row.connection_key):
                _replay_one(rooms, translator, row, report)
            progress(1)
        after = rows[-1].id
    with rooms.store.write() as db:
        report.retried = journal.retry_failed(db)
        media.retry_now(db, rooms.clock.now())
    with rooms.store.read() as db:
        rooms.bell.lanes(journal.waiting_lanes(db))
    rooms.bell.media()
    return report


def _replay_one(rooms: Rooms, translator: Translator, row: Row[tuple[object, ...]], report: ReplayReport) -> None:
    entry = rooms.directory.current.connection(row.connection_key)
    if entry is None:
        report.kept += 1
        return
    accepted = translator.accept(entry, _webhook(rooms, entry, row))
    if accepted.kept:
        report.kept += 1
        return
    outcome: Literal["accepted", "refused"] = "accepted" if accepted.answer.status < 400 else "refused"
    with rooms.store.write() as db:
        new = journal.append(db, accepted.rows) if accepted.rows else 0
        journal.mark_replayed(db, [row.id], rooms.clock.now(), {"outcome": outcome, "new": new})
    if outcome == "accepted":
        report.accepted += 1
    else:
        report.refused += 1


def _webhook(rooms: Rooms, entry: ConnectionEntry, row: Row[tuple[object, ...]]) -> Webhook:
    url = f"{rooms.settings.public_url}/webhooks/{entry.key}" + (f"?{row.query}" if row.query else "")
    headers = orjson.loads(rooms.sealer.open(row.headers_sealed))
    return Webhook(row.method, url, row.query, headers, row.body, row.received_at)
