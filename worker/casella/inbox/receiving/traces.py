"""What providers tell that is no message leaves a trace (law 14): one sentence in the contact's conversation, or what
is counted of it. And reactions that arrive as text find the message they are for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, select

from casella.inbox.house import ChannelEntry
from casella.inbox.state import AddressState, ConversationState, Values, Workspace
from casella.plugin import MessageReceived, ReactionChanged, Unsupported, clean_text
from casella.store.feed import JsonValue
from casella.store.tables import channels, connections, conversations, journal, messages

_LONGEST, _TOLD = 500, 2000
_ELLIPSIS = ("…", "...")
_MOST_COUNTED = 10_000


def add_trace(
    work: Workspace, conversation: ConversationState, message_id: str, event: Unsupported, received_at: datetime
) -> None:
    """A line of the provider's at the end of the conversation: it wakes nobody, and is no customer's words."""
    text = clean_text(event.what)[:_LONGEST]
    row: Values = {
        "id": message_id,
        "conversation_id": conversation.id,
        "channel_id": conversation.channel.id,
        "sequence": conversation.next_sequence(),
        "direction": "note",
        "kind": "text",
        "text": text,
        "sender_kind": "provider",
        "sender_id": None,
        "external_id": None,
        "reply_to": None,
        "reply_to_external": None,
        "details": None,
        "provider_time": event.provider_time,
        "received_at": received_at,
        "shown_at": event.provider_time or received_at,
        "state": "received",
        "error_code": None,
        "error_text": None,
        "error_retryable": None,
        "has_attachments": False,
    }
    work.messages.append(row)
    told: dict[str, JsonValue] = {
        "id": message_id,
        "direction": "note",
        "kind": "text",
        "text": text[:_TOLD],
        "state": "received",
    }
    work.tell("message.created", conversation, {"message": told})


def reaction_meant(
    db: Connection, channel: ChannelEntry, address: AddressState | None, event: MessageReceived
) -> ReactionChanged | None:
    """The reaction that a message written out stands for ("Liked “…”"), if what it quotes can be found: the newest
    message with these words in the contact's conversations on this channel."""
    quoted, emoji = event.metadata.get("quoted", ""), event.metadata.get("emoji", "")
    if event.message_kind != "reaction" or not quoted or address is None or address.is_new:
        return None
    begins = next((quoted.removesuffix(dots) for dots in _ELLIPSIS if quoted.endswith(dots)), "")
    said = messages.c.text.startswith(begins, autoescape=True) if begins else messages.c.text == quoted
    query = (
        select(messages.c.external_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            conversations.c.channel_id == channel.id,
            conversations.c.address_id == address.id,
            messages.c.direction.in_(("in", "out")),
            messages.c.external_id.is_not(None),
            said,
        )
        .order_by(messages.c.shown_at.desc(), messages.c.sequence.desc())
        .limit(1)
    )
    target = db.execute(query).scalar_one_or_none()
    if target is None:
        return None
    return ReactionChanged(
        channel_address=event.channel_address,
        contact_address=event.contact_address,
        provider_time=event.provider_time,
        external_id=target,
        emoji=emoji,
        revision=event.external_id,
    )


def counted(db: Connection) -> Sequence[tuple[str, str, int]]:
    """Of the newest events that no message came of: the connection, what they were, and how many."""
    query = (
        select(connections.c.key, journal.c.event)
        .join(channels, channels.c.id == journal.c.channel_id)
        .join(connections, connections.c.id == channels.c.connection_id)
        .where(journal.c.kind == "unsupported")
        .order_by(journal.c.id.desc())
        .limit(_MOST_COUNTED)
    )
    found: dict[tuple[str, str], int] = {}
    for row in db.execute(query):
        key = (row.key, str(orjson.loads(row.event).get("what", "")))
        found[key] = found.get(key, 0) + 1
    return [(connection, what, count) for (connection, what), count in sorted(found.items())]
