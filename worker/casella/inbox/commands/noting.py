"""Notes between agents, in which colleagues may be named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import AgentEntry, Rooms
from casella.inbox.notices import Notice
from casella.plugin import clean_text
from casella.store.feed import JsonValue


def write_note(
    db: Connection, rooms: Rooms, conversation_id: str, text: str, mentions: Sequence[str], *, by: str, at: datetime
) -> str:
    """Returns the note's id. `mentions`: agents' ids; each takes part from then on and gets one notice, the writer
    none. Raises NotFound, and Invalid for somebody who does not see the conversation."""
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    named = [_colleague(rooms, conversation.inbox.members, id) for id in dict.fromkeys(mentions)]
    note = turn.work.note(conversation, clean_text(text), "agent", by)
    if named:
        note["details"] = {"mentions": [agent.id for agent in named]}
    for agent in (one for one in named if one.id != by):
        turn.work.marks.mentions(conversation_id, agent.id, int(str(note["sequence"])))
        turn.work.notify(Notice(agent.id, conversation_id, "mentioned", _told(turn, text), str(note["id"])))
    turn.write()
    return str(note["id"])


def _told(turn: ConversationChange, text: str) -> dict[str, JsonValue]:
    writer = turn.rooms.directory.current.agents.get(turn.by.id or "")
    return {
        "text": clean_text(text)[:200],
        "contact_name": turn.held.address.contact.name,
        "by": {"agent_id": turn.by.id, "agent_name": writer.name if writer else None},
    }


def _colleague(rooms: Rooms, members: frozenset[str], agent_id: str) -> AgentEntry:
    agent = rooms.directory.current.agents.get(agent_id)
    if agent is None:
        raise Invalid("There is no such agent to mention.", code="unknown_agent")
    if agent.id not in members and agent.role != "admin":
        raise Invalid(f"{agent.name} does not see this conversation and cannot be mentioned.", code="not_a_member")
    return agent
