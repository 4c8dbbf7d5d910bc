"""Rows for tests, each with one call: parents that are not named are made too.

    with store.write() as db:
        inbox = make_inbox(db)
        ann = make_agent(db, name="Ann", inboxes=[inbox])
        conversation = make_conversation(db, inbox_id=inbox, assignee_id=ann)
        make_message(db, conversation, text="Is it ready?")

Everything returns the new row's id. `NOW` is where `ManualClock` begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, Table, func, insert, select, update

from casella.ids import new_id
from casella.store.tables import (
    agents,
    attachments,
    channels,
    connections,
    contact_addresses,
    contacts,
    conversation_tags,
    conversations,
    inbox_members,
    inboxes,
    messages,
    team_members,
    teams,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_numbers = count(1)


def _add(db: Connection, table: Table, **values: object) -> str:
    values.setdefault("id", new_id())
    db.execute(insert(table).values(**values))
    return str(values["id"])


def make_inbox(db: Connection, *, key: str | None = None, name: str | None = None, **columns: object) -> str:
    number = next(_numbers)
    values = {"key": key or f"inbox-{number}", "name": name or f"Inbox {number}", "settings": {}, **columns}
    return _add(db, inboxes, **values)


def make_agent(
    db: Connection,
    *,
    name: str | None = None,
    role: str = "agent",
    inboxes: Sequence[str] = (),
    teams: Sequence[str] = (),
    **columns: object,
) -> str:
    number = next(_numbers)
    values = {"key": f"agent-{number}", "email": f"agent-{number}@casella.test", "skills": [], **columns}
    agent_id = _add(db, agents, name=name or f"Agent {number}", role=role, **values)
    for inbox_id in inboxes:
        join_inbox(db, inbox_id, agent_id)
    for team_id in teams:
        db.execute(insert(team_members).values(team_id=team_id, agent_id=agent_id))
    return agent_id


def join_inbox(db: Connection, inbox_id: str, agent_id: str) -> None:
    db.execute(insert(inbox_members).values(inbox_id=inbox_id, agent_id=agent_id, since=NOW))


def make_team(db: Connection, *, name: str | None = None, members: Sequence[str] = (), **columns: object) -> str:
    number = next(_numbers)
    team_id = _add(db, teams, **{"key": f"team-{number}", "name": name or f"Team {number}", **columns})
    for agent_id in members:
        db.execute(insert(team_members).values(team_id=team_id, agent_id=agent_id))
    return team_id


def make_connection(
    db: Connection, *, key: str | None = None, channel_type: str = "sms", settings_sealed: str = "", **columns: object
) -> str:
    number = next(_numbers)
    return _add(
        db,
        connections,
        **{
            "key": key or f"connection-{number}",
            "channel_type": channel_type,
            "settings_sealed": settings_sealed,
            **columns,
        },
    )


def make_channel(
    db: Connection,
    *,
    inbox_id: str | None = None,
    connection_id: str | None = None,
    address: str | None = None,
    options: Mapping[str, str] | None = None,
    **columns: object,
) -> str:
    number = next(_numbers)
    values: dict[str, object] = {"key": f"channel-{number}", "name": f"Channel {number}", **columns}
    return _add(
        db,
        channels,
        inbox_id=inbox_id or make_inbox(db),
        connection_id=connection_id or make_connection(db),
        address=address or f"+1202555{number % 10_000:04}",
        options=dict(options or {}),
        **values,
    )


def make_contact(
    db: Connection, *, name: str | None = None, address: str | None = None, kind: str = "phone", scope: str = ""
) -> str:
    """A contact with one address."""
    contact_id = _add(db, contacts, name=name, custom={}, created_at=NOW)
    number = next(_numbers)
    _add(
        db,
        contact_addresses,
        contact_id=contact_id,
        kind=kind,
        scope=scope,
        address=address or f"+3902555{number % 100_000:05}",
    )
    return contact_id


def address_of(db: Connection, contact_id: str) -> str:
    """The id of a contact's first address."""
    query = select(contact_addresses.c.id).where(contact_addresses.c.contact_id == contact_id)
    return str(db.execute(query.order_by(contact_addresses.c.id).limit(1)).scalar_one())


def make_conversation(
    db: Connection,
    *,
    inbox_id: str | None = None,
    channel_id: str | None = None,
    contact_id: str | None = None,
    at: datetime = NOW,
    tags: Sequence[str] = (),
    **columns: object,
) -> str:
    """An open conversation without messages. `at`: when it was opened."""
    if channel_id is None:
        channel_id = make_channel(db, inbox_id=inbox_id)
    inbox_id = str(db.execute(select(channels.c.inbox_id).where(channels.c.id == channel_id)).scalar_one())
    contact_id = contact_id or make_contact(db)
    values: dict[str, object] = {"opened_at": at, "turned_at": columns.get("closed_at") or at, **columns}
    conversation_id = _add(
        db,
        conversations,
        inbox_id=inbox_id,
        channel_id=channel_id,
        contact_id=contact_id,
        address_id=address_of(db, contact_id),
        **values,
    )
    for tag in tags:
        db.execute(insert(conversation_tags).values(conversation_id=conversation_id, tag=tag))
    return conversation_id


def make_message(
    db: Connection,
    conversation_id: str,
    *,
    text: str = "Hello",
    direction: str = "in",
    at: datetime | None = None,
    **columns: object,
) -> str:
    """The conversation's next message, a second after the one before it; the conversation's row is kept in step."""
    conversation = db.execute(select(conversations).where(conversations.c.id == conversation_id)).one()
    sequence = _next_sequence(db, conversation_id)
    at = at or (conversation.last_message_at or conversation.opened_at) + timedelta(seconds=1)
    came_in = direction == "in"
    defaults: dict[str, object] = {
        "kind": "text",
        "sender_kind": "contact" if came_in else "agent",
        "sender_id": conversation.contact_id if came_in else None,
        "state": "received" if came_in else "sent",
        "received_at": at,
        "shown_at": at,
        "sequence": sequence,
    }
    message_id = _add(
        db,
        messages,
        conversation_id=conversation_id,
        channel_id=conversation.channel_id,
        direction=direction,
        text=text,
        **{**defaults, **columns},
    )
    db.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(last_message_at=at, last_message_text=text, message_count=conversation.message_count + 1)
    )
    return message_id


def _next_sequence(db: Connection, conversation_id: str) -> int:
    newest = select(func.coalesce(func.max(messages.c.sequence), 0))
    return int(db.execute(newest.where(messages.c.conversation_id == conversation_id)).scalar_one()) + 1


def make_attachment(db: Connection, message_id: str | None = None, **columns: object) -> str:
    """A stored picture, unless the columns say otherwise."""
    defaults: dict[str, object] = {
        "kind": "image",
        "mime": "image/png",
        "size": 68,
        "name": "picture.png",
        "state": "stored",
        "created_at": NOW,
    }
    attachment_id = _add(db, attachments, message_id=message_id, **{**defaults, **columns})
    if message_id is not None:
        db.execute(update(messages).where(messages.c.id == message_id).values(has_attachments=True))
    return attachment_id
