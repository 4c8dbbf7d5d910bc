"""What was tried in vain and is left to people, of every kind in one list, and tried again from there (law 14):
webhooks that no plugin could read, events that could not be applied, messages that did not leave, calls of rules,
actions of plugins, letters of subscriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from casella.errors import NotFound
from casella.inbox.commands import resending
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, lists, visible
from casella.inbox.subscriptions import require_letter, send_again
from casella.store.queries import organisation_queries
from casella.store.queries.oversight import dead_letter_queries
from casella.store.rows import TableRow

Kind = Literal["webhook", "event", "message", "call", "action", "letter"]
KINDS: Sequence[Kind] = ("webhook", "event", "message", "call", "action", "letter")
_WHY: Mapping[str, str] = {
    "quarantined": "Its plugin was set aside.",
    "plugin_failed": "Its plugin fails at it.",
    "behind": "It waited behind another one.",
    "unusable_connection": "Its connection cannot be used.",
}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`what`: the connection, the kind of event, message or letter, the rule's webhook, the plugin's action. `reason`:
    for people. `may_retry`: whether trying again can help at all."""

    kind: Kind
    id: str
    at: datetime
    what: str
    reason: str | None
    attempts: int
    conversation_id: str | None
    may_retry: bool


def list_dead_letters(db: Connection, member: Member, kind: Kind, before: str | None, limit: int) -> list[DeadLetter]:
    """Of one kind, the newest first; those that are the member's to see."""
    return [_shown(kind, row) for row in _READ[kind](db, member, before, limit)]


def try_again(db: Connection, rooms: Rooms, member: Member, kind: Kind, id: str, at: datetime) -> None:
    """It goes its way once more. Raises NotFound for what is not there, not the member's, or has not failed, and what
    sending a message again raises."""
    require_seen(db, member, kind, id)
    if kind == "message":
        resending.retry(db, rooms, id, by=member.id, at=at)
    elif kind == "letter":
        send_again(db, member, id, at)
    elif not _AGAIN[kind](db, member, id, at):
        raise NotFound("There is nothing like this to be tried again.")


def require_seen(db: Connection, member: Member, kind: Kind, id: str) -> None:
    """Raises NotFound unless it is the member's to see, whatever has become of it."""
    if kind == "message":
        lists.require_message(db, member, id)
    elif kind == "letter":
        require_letter(db, member, id)
    elif not _SEEN[kind](db, member, id):
        raise NotFound("There is nothing like this to be tried again.")


def newest(db: Connection, member: Member, limit: int) -> list[DeadLetter]:
    """Of every kind, the newest first."""
    found = [one for kind in KINDS for one in list_dead_letters(db, member, kind, None, limit)]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)[:limit]


def _keys(db: Connection, member: Member) -> Sequence[str] | None:
    """The connections whose webhooks a member may know of: for admins all, also those that no desk names."""
    if member.is_admin:
        return None
    return sorted({row.connection_key for row in organisation_queries.channels(db, sorted(member.inbox_ids))})


def _is_number(id: str) -> bool:
    return id.isascii() and id.isdigit() and len(id) < 19


def _shown(kind: Kind, row: TableRow) -> DeadLetter:
    may_retry, attempts, reason = True, 1, row.reason
    if kind == "message":
        may_retry = bool(row.error_retryable) and "retried_as" not in (row.details or {})
    else:
        attempts = row.attempts
    if kind == "webhook":
        reason = _WHY.get(row.reason, row.reason)
    return DeadLetter(kind, row.id, row.at, row.what, reason, attempts, row.conversation_id, may_retry)


_READ: Mapping[Kind, Callable[[Connection, Member, str | None, int], Sequence[TableRow]]] = {
    "webhook": lambda db, member, before, most: dead_letter_queries.kept_by(db, _keys(db, member), before, most),
    "event": lambda db, member, before, most: dead_letter_queries.events_failed(
        db, sorted(member.inbox_ids), before, most
    ),
    "message": lambda db, member, before, most: dead_letter_queries.messages_failed(db, visible(member), before, most),
    "call": lambda db, member, before, most: dead_letter_queries.calls_failed(db, visible(member), before, most),
    "action": lambda db, member, before, most: dead_letter_queries.actions_failed(db, visible(member), before, most),
    "letter": lambda db, member, before, most: dead_letter_queries.letters_failed(db, visible(member), before, most),
}
_AGAIN: Mapping[Kind, Callable[[Connection, Member, str, datetime], bool]] = {
    "webhook": lambda db, member, id, at: dead_letter_queries.again_kept(db, id, at, _keys(db, member)),
    "event": lambda db, member, id, at: dead_letter_queries.again_event(db, int(id), sorted(member.inbox_ids)),
    "call": lambda db, member, id, at: dead_letter_queries.again_call(db, id, at, visible(member)),
    "action": lambda db, member, id, at: dead_letter_queries.again_action(db, id, at, visible(member)),
}
_SEEN: Mapping[Kind, Callable[[Connection, Member, str], bool]] = {
    "webhook": lambda db, member, id: dead_letter_queries.has_kept(db, id, _keys(db, member)),
    "event": lambda db, member, id: (
        _is_number(id) and dead_letter_queries.has_event(db, int(id), sorted(member.inbox_ids))
    ),
    "call": lambda db, member, id: dead_letter_queries.has_call(db, id, visible(member)),
    "action": lambda db, member, id: dead_letter_queries.has_action(db, id, visible(member)),
}
