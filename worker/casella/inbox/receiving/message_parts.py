"""Joining the parts of long messages, for providers that hand them over one by one.

A part waits until the others are there; then the message is received as one, under the id of the part that came first.
What is not complete after a minute is shown with its gaps (`incomplete_messages`); a part that comes later still is
shown by itself: late, but never lost. Everything happens while the contact's lane is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select

from casella.inbox.house import ChannelEntry
from casella.plugin import MessageReceived, event_from_json
from casella.store.tables import message_parts

GAP = "[…]"
_COLUMNS = message_parts.c
PartRow = Row[tuple[object, ...]]


def join_part(
    db: Connection, channel: ChannelEntry, message_id: str, now: datetime, event: MessageReceived
) -> tuple[str, MessageReceived] | None:
    """The message that this part completes, with the id of its first part; None while others are missing."""
    part = event.part
    assert part is not None, "asked for parts only"
    same = same_message(channel.id, event.contact_address, part.group)
    waiting = db.execute(select(message_parts).where(same).order_by(_COLUMNS.id)).all()
    if any(row.shown_at is not None or row.number == part.number for row in waiting):
        return message_id, event  # too late for its message, or the first of another one under the same reference
    db.execute(
        insert(message_parts).values(
            channel_id=channel.id, contact_address=event.contact_address, bundle=part.group, number=part.number,
            total=part.total, event=event.model_dump_json(), message_id=message_id, received_at=now,
        )
    )  # fmt: skip
    if len(waiting) + 1 < part.total:
        return None
    rows = db.execute(select(message_parts).where(same).order_by(_COLUMNS.id)).all()
    db.execute(delete(message_parts).where(same))
    return joined(rows)


def joined(rows: Sequence[PartRow]) -> tuple[str, MessageReceived]:
    first = event_from_json(str(rows[0].event))
    assert isinstance(first, MessageReceived), "only those are kept here"
    texts = {row.number: _text(row) for row in rows}
    total = max(row.total for row in rows)
    text = "".join(texts.get(number, GAP) for number in range(1, total + 1))
    return str(rows[0].message_id), first.model_copy(update={"text": text, "part": None})


def _text(row: PartRow) -> str:
    event = event_from_json(str(row.event))
    return event.text if isinstance(event, MessageReceived) else ""


def same_message(channel_id: str, address: str, bundle: str) -> ColumnElement[bool]:
    return (_COLUMNS.channel_id == channel_id) & (_COLUMNS.contact_address == address) & (_COLUMNS.bundle == bundle)
