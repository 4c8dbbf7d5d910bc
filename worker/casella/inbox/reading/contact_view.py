"""The contact's own view of what he and the business wrote to each other: his messages, answers once they are sent,
never a note, never anybody else's (law 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.inbox.files import FileLinks
from casella.inbox.house import ChannelEntry, Rooms, address_key
from casella.plugin import Transcript, TranscriptFile, TranscriptMessage
from casella.plugin.events import AttachmentKind, MessageKind
from casella.store import feed
from casella.store.queries import message_queries, visit_queries
from casella.store.queries.visit_queries import Correspondence, VisitPlace
from casella.store.rows import TableRow

MOST = 100


def correspondence(db: Connection, rooms: Rooms, channel: ChannelEntry, address: str) -> Correspondence | None:
    """What was ever written between a channel and a contact address; None before the first message."""
    found = visit_queries.address_id(db, *address_key(rooms, channel, address))
    return Correspondence(channel.id, found) if found is not None else None


def transcript(
    db: Connection, rooms: Rooms, channel: ChannelEntry, address: str, *, before: str | None, limit: int
) -> Transcript:
    """The newest messages, or those before a place. The cursor is read first: what comes meanwhile is told twice
    rather than never. Raises Invalid for a place that is none."""
    cursor = str(feed.newest(db))
    place = _parse(before) if before else None
    of = correspondence(db, rooms, channel, address)
    if of is None:
        return Transcript(messages=(), older=None, cursor=cursor, read_at=None)
    most = max(1, min(limit, MOST))
    rows = visit_queries.before(db, of, place, most + 1)
    shown = rows[-most:]
    older = _written(shown[0]) if len(rows) > most else None
    return Transcript(
        messages=tuple(_views(db, rooms.links, of, shown)),
        older=older,
        cursor=cursor,
        read_at=visit_queries.read_at(db, of),
    )


def messages_of(
    db: Connection, rooms: Rooms, of: Correspondence, message_ids: Sequence[str]
) -> Mapping[str, TranscriptMessage]:
    """Those of these messages that the contact may read, by id."""
    return {view.id: view for view in _views(db, rooms.links, of, visit_queries.some(db, of, message_ids))}


def _views(db: Connection, links: FileLinks, of: Correspondence, rows: Sequence[TableRow]) -> list[TranscriptMessage]:
    files = message_queries.attachments_of(db, [row.id for row in rows if row.has_attachments])
    quoted = visit_queries.quoted(db, of, {row.reply_to_external for row in rows if row.reply_to_external})
    return [
        TranscriptMessage(
            id=row.id,
            external_id=row.external_id if row.direction == "in" else None,
            direction=row.direction,
            kind=cast(MessageKind, row.kind),
            text=row.text,
            sender=_first_name(row.agent_name),
            at=row.shown_at,
            state=row.state,
            reply_to=row.reply_to or quoted.get(row.reply_to_external or ""),
            files=tuple(_file(links, file) for file in files.get(row.id, ())),
        )
        for row in rows
    ]


def _first_name(name: str | None) -> str | None:
    """Visitors of a website are told who writes, not the whole name of an employee."""
    return name.split()[0] if name and name.strip() else None


def _file(links: FileLinks, row: TableRow) -> TranscriptFile:
    url = links.link(row.id) if row.state == "stored" else None
    return TranscriptFile(kind=cast(AttachmentKind, row.kind), mime=row.mime, name=row.name, size=row.size, url=url)


def _written(row: TableRow) -> str:
    return f"{row.shown_at.isoformat()}~{row.sequence}~{row.id}"


def _parse(written: str) -> VisitPlace:
    try:
        at, sequence, id = written[:200].split("~")
        shown_at = datetime.fromisoformat(at)
        if shown_at.tzinfo is None or not 0 <= int(sequence) < 2**31:
            raise ValueError
        return VisitPlace(shown_at, int(sequence), id)
    except ValueError as error:
        raise Invalid("This is not a place in a transcript; begin without one.", code="bad_cursor") from error
