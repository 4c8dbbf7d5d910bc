"""A failed message sent again, and one that has not left taken back, by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from casella.errors import Conflict, NotFound
from casella.ids import new_id
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.sending import Way, judge, judge_writer, recipient
from casella.inbox.state import ConversationState, outgoing_row
from casella.inbox.views import message_updated, tell
from casella.store.rows import TableRow
from casella.store.tables import attachments, messages, outbox

_COPIED = tuple(
    column.name for column in attachments.c if column.name not in ("id", "message_id", "token", "due_at")
)  # fmt: skip


def retry(db: Connection, rooms: Rooms, message_id: str, *, by: str, at: datetime) -> str:
    """The same words, files and contents as a new message, whose id is returned; the failed one stays as it is. Raises
    NotFound, NotAllowed and SendRefused as for any message, and Conflict for one that has not failed (`not_failed`),
    that would fail again (`not_retryable`), or that was sent again before (`already_retried`, with `message_id`)."""
    row = _ours(db, message_id)
    if row.state != "failed":
        raise Conflict("Only a message that has failed can be sent again.", code="not_failed")
    if not row.error_retryable or row.sender_kind == "campaign":  # who agreed to what is the campaign's to ask
        raise Conflict("It would fail again; the reason beside it says why.", code="not_retryable")
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(row.conversation_id)  # held: of many at once, one sends it
    details = dict(_ours(db, message_id).details or {})
    if "retried_as" in details:
        again = str(details["retried_as"])
        raise Conflict("This message was sent again before.", code="already_retried", message_id=again)
    channel, to = recipient(db, rooms, conversation.id)
    judge(rooms, channel, to, at, Way(True, template=_is_template(row), writer=by)).require()
    new = outgoing_row(
        new_id(), row.channel_id, row.text, at, sender_kind="agent", sender_id=by, state="queued", kind=row.kind,
        reply_to=row.reply_to,
    )  # fmt: skip
    new |= {"details": {**details, "retry_of": row.id}, "has_attachments": row.has_attachments}
    conversation.set(waiting_since=None)
    turn.work.queue_message(conversation, new)
    turn.write()
    _copy_files(db, row.id, str(new["id"]))
    db.execute(update(messages).where(messages.c.id == row.id).values(details={**details, "retried_as": new["id"]}))
    tell(rooms, db, [message_updated(conversation.id, row.id)], at)
    return str(new["id"])


def withdraw(db: Connection, rooms: Rooms, message_id: str, *, by: str, at: datetime) -> None:
    """A message that has not left never does (`canceled`). Raises NotFound, NotAllowed for who may not reply, and
    Conflict (`not_queued`) when it is on its way already."""
    row = _ours(db, message_id)
    judge_writer(rooms, Way(True, False, by)).require()
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(row.conversation_id)
    waits = (outbox.c.message_id == message_id) & (outbox.c.state == "queued")
    if not db.execute(delete(outbox).where(waits)).rowcount:
        raise Conflict("This message is on its way already.", code="not_queued")
    db.execute(update(messages).where(messages.c.id == message_id).values(state="canceled"))
    if conversation.row["status"] != "closed":
        conversation.set(waiting_since=_waiting_since(db, conversation))
    tell(rooms, db, [message_updated(conversation.id, message_id)], at)
    turn.tell({"agent_id": by})
    turn.write()


def _ours(db: Connection, message_id: str) -> TableRow:
    row = db.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
    if row is None or row.direction != "out":
        raise NotFound("There is no such message, or it is not yours to see.")
    return row


def _is_template(row: TableRow) -> bool:
    content = (row.details or {}).get("content")
    return isinstance(content, dict) and content.get("kind") == "template"


def _copy_files(db: Connection, old: str, new: str) -> None:
    for file in db.execute(select(attachments).where(attachments.c.message_id == old)).all():
        values = {name: getattr(file, name) for name in _COPIED}
        db.execute(insert(attachments).values(id=new_id(), message_id=new, **values))


def _waiting_since(db: Connection, conversation: ConversationState) -> datetime | None:
    """Since when the contact waits, now that this answer is none: since his first message after the last that was."""
    mine = messages.c.conversation_id == conversation.id
    answered = select(func.coalesce(func.max(messages.c.sequence), 0)).where(
        mine, messages.c.direction == "out", messages.c.state.not_in(("canceled", "failed"))
    )
    first = select(func.min(messages.c.received_at)).where(
        mine, messages.c.direction == "in", messages.c.kind != "reaction",
        messages.c.sequence > answered.scalar_subquery(),
    )  # fmt: skip
    found: datetime | None = db.execute(first).scalar_one()
    return found
