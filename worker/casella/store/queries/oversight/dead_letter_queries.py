"""What was tried in vain and is left to people, of every kind in one shape: `kind`, `id`, `at`, `conversation_id`,
`channel_id` or `connection`, `what`, `reason`, `attempts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Select,
    String,
    and_,
    cast,
    exists,
    literal,
    null,
    select,
    update,
)

from casella.store.rows import TableRow
from casella.store.tables import (
    channels,
    conversations,
    journal,
    kept_webhooks,
    messages,
    plugin_actions,
    subscription_letters,
    subscriptions,
    webhook_calls,
    webhooks,
)

_kept, _journal, _message, _call = kept_webhooks.c, journal.c, messages.c, webhook_calls.c
_action, _letter = plugin_actions.c, subscription_letters.c
FAILED = "failed"


def messages_failed(db: Connection, seen: ColumnElement[bool], before: str | None, limit: int) -> Sequence[TableRow]:
    """Ours that never left, and were not sent again since, in conversations that fulfil `seen`. What a campaign could
    not send stands in its report: nobody sends it again by hand."""
    query = (
        select(
            _message.id, _message.received_at.label("at"), _message.conversation_id, _message.kind.label("what"),
            _message.error_text.label("reason"), _message.error_retryable, _message.details,
        )
        .join(conversations, conversations.c.id == _message.conversation_id)
        .where(_message.state == FAILED, _message.direction == "out", _message.sender_kind != "campaign", seen)
    )  # fmt: skip
    return _page(db, query, _message.id, before, limit)


def calls_failed(db: Connection, seen: ColumnElement[bool], before: str | None, limit: int) -> Sequence[TableRow]:
    """Of rules' webhooks."""
    query = select(
        _call.id, _call.created_at.label("at"), _call.conversation_id, webhooks.c.key.label("what"),
        _call.error.label("reason"), _call.attempts,
    ).join(webhooks, webhooks.c.id == _call.webhook_id)  # fmt: skip
    return _page(db, query.where(_call.state == FAILED, _seen(_call.conversation_id, seen)), _call.id, before, limit)


def actions_failed(db: Connection, seen: ColumnElement[bool], before: str | None, limit: int) -> Sequence[TableRow]:
    """Of plugins."""
    query = select(
        _action.id, _action.created_at.label("at"), _action.conversation_id, _action.name.label("what"),
        _action.result.label("reason"), _action.attempts,
    ).where(_action.state == FAILED, _seen(_action.conversation_id, seen))  # fmt: skip
    return _page(db, query, _action.id, before, limit)


def letters_failed(db: Connection, seen: ColumnElement[bool], before: str | None, limit: int) -> Sequence[TableRow]:
    """Of subscriptions that are on."""
    query = (
        select(
            _letter.id, _letter.created_at.label("at"), _letter.conversation_id, _letter.kind.label("what"),
            _letter.error.label("reason"), _letter.attempts,
        )
        .join(subscriptions, subscriptions.c.id == _letter.subscription_id)
        .where(_letter.state == FAILED, subscriptions.c.state == "active", _seen(_letter.conversation_id, seen))
    )  # fmt: skip
    return _page(db, query, _letter.id, before, limit)


def kept_by(db: Connection, keys: Sequence[str] | None, before: str | None, limit: int) -> Sequence[TableRow]:
    """Webhooks of these connections (None: of all) that no plugin could read, and that are not tried any more."""
    query = select(
        _kept.id, _kept.received_at.label("at"), null().label("conversation_id"), _kept.connection_key.label("what"),
        _kept.reason, _kept.attempts,
    ).where(_kept.replayed_at.is_(None), _kept.due_at.is_(None))  # fmt: skip
    if keys is not None:
        query = query.where(_kept.connection_key.in_(keys))
    return _page(db, query, _kept.id, before, limit)


def events_failed(db: Connection, inbox_ids: Sequence[str], before: str | None, limit: int) -> Sequence[TableRow]:
    """Of the journal: understood, and not applied. By number."""
    query = (
        select(
            cast(_journal.id, String).label("id"), _journal.received_at.label("at"),
            null().label("conversation_id"), _journal.kind.label("what"), _journal.error.label("reason"),
            _journal.attempts, _journal.id.label("number"),
        )
        .join(channels, channels.c.id == _journal.channel_id)
        .where(_journal.state == FAILED, channels.c.inbox_id.in_(inbox_ids))
    )  # fmt: skip
    if before is not None:
        query = query.where(_journal.id < int(before))
    return db.execute(query.order_by(_journal.id.desc()).limit(limit)).all()


def again_call(db: Connection, id: str, now: datetime, seen: ColumnElement[bool]) -> bool:
    mine = and_(_call.id == id, _call.state == FAILED, _seen(_call.conversation_id, seen))
    values = {"state": "queued", "attempts": 0, "due_at": now, "created_at": now, "error": None}
    if not db.execute(update(webhook_calls).where(mine).values(values)).rowcount:
        return False
    its = webhooks.c.id == select(_call.webhook_id).where(_call.id == id).scalar_subquery()
    db.execute(update(webhooks).where(its).values(paused_until=None))  # somebody means now
    return True


def again_action(db: Connection, id: str, now: datetime, seen: ColumnElement[bool]) -> bool:
    mine = and_(_action.id == id, _action.state == FAILED, _seen(_action.conversation_id, seen))
    values = {"state": "queued", "attempts": 0, "due_at": now, "created_at": now, "result": None}
    return db.execute(update(plugin_actions).where(mine).values(values)).rowcount > 0


def again_kept(db: Connection, id: str, now: datetime, keys: Sequence[str] | None) -> bool:
    mine = and_(_kept.id == id, _kept.replayed_at.is_(None), _kept.due_at.is_(None))
    if keys is not None:
        mine = and_(mine, _kept.connection_key.in_(keys))
    return db.execute(update(kept_webhooks).where(mine).values(attempts=0, due_at=now)).rowcount > 0


def again_event(db: Connection, number: int, inbox_ids: Sequence[str]) -> bool:
    theirs = select(channels.c.id).where(channels.c.inbox_id.in_(inbox_ids))
    mine = and_(_journal.id == number, _journal.state == FAILED, _journal.channel_id.in_(theirs))
    return db.execute(update(journal).where(mine).values(state="pending", attempts=0)).rowcount > 0


def has_call(db: Connection, id: str, seen: ColumnElement[bool]) -> bool:
    """Whether it is there and about nothing else than `seen` allows, whatever its state; so of the others."""
    return _there(db, select(_call.id).where(_call.id == id, _seen(_call.conversation_id, seen)))


def has_action(db: Connection, id: str, seen: ColumnElement[bool]) -> bool:
    return _there(db, select(_action.id).where(_action.id == id, _seen(_action.conversation_id, seen)))


def has_kept(db: Connection, id: str, keys: Sequence[str] | None) -> bool:
    query = select(_kept.id).where(_kept.id == id)
    return _there(db, query if keys is None else query.where(_kept.connection_key.in_(keys)))


def has_event(db: Connection, number: int, inbox_ids: Sequence[str]) -> bool:
    theirs = select(channels.c.id).where(channels.c.inbox_id.in_(inbox_ids))
    return _there(db, select(_journal.id).where(_journal.id == number, _journal.channel_id.in_(theirs)))


def _there(db: Connection, query: Executable) -> bool:
    return db.execute(query).first() is not None


def _seen(column: ColumnElement[str | None], seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """It is about no conversation, or about one that fulfils `seen`."""
    return column.is_(None) | exists(select(literal(1)).where(conversations.c.id == column, seen))


def _page(
    db: Connection, query: Select[*tuple[object, ...]], id: ColumnElement[str], before: str | None, limit: int
) -> Sequence[TableRow]:
    if before is not None:
        query = query.where(id < before)
    page: Executable = query.order_by(id.desc()).limit(limit)
    return db.execute(page).all()
