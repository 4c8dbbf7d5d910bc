"""Writing conversations and their tags, as one transaction has changed them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, update

from casella.errors import ClaimLost
from casella.inbox.state.entities import ConversationState
from casella.store.tables import conversation_tags, conversations

_CHANGING = (
    "status", "priority", "assignee_id", "team_id", "assigned_at", "queued_at", "waiting_since", "last_inbound_at",
    "last_message_at", "last_message_text", "message_count", "closed_at", "turned_at", "replyable", "version",
    "subject",
    "address_id", "contact_id", "inbox_id", "returned_by", "snoozed_until", "wanted", "referral", "last_message_kind",
    "last_message_direction", "inbound_count", "inbound_received_at", "archived_at",
)  # fmt: skip

_UPDATE = update(conversations).where(
    conversations.c.id == bindparam("row_id"),
    conversations.c.assignee_id.is_not_distinct_from(bindparam("held_by")),
    conversations.c.status == bindparam("held_status"),
)
_INSERT, _INSERT_TAG = insert(conversations), insert(conversation_tags)


def write_conversations(db: Connection, every: Iterable[ConversationState]) -> list[ConversationState]:
    """In one order, which is returned. Raises ClaimLost where one is no longer whose it was when it was read."""
    states = sorted(every, key=lambda s: (s.row["status"] != "closed", s.id))  # one that closed makes room
    if changed := [state for state in states if state.changed and not state.is_new]:
        claims = [
            {"row_id": s.id, "held_by": s.held_by, "held_status": s.held_status, **{n: s.row[n] for n in _CHANGING}}
            for s in changed
        ]
        if db.execute(_UPDATE, claims).rowcount != len(claims):
            raise ClaimLost
    if fresh := [state.row for state in states if state.is_new]:
        db.execute(_INSERT, fresh)  # after the updates: one that closed makes room for these
    if tags := [{"conversation_id": s.id, "tag": tag} for s in states for tag in sorted(s.new_tags)]:
        db.execute(_INSERT_TAG, tags)
    for state in (each for each in states if each.lost_tags):
        mine = conversation_tags.c.conversation_id == state.id
        db.execute(conversation_tags.delete().where(mine, conversation_tags.c.tag.in_(state.lost_tags)))
    return states
