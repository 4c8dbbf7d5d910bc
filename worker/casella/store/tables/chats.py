"""What colleagues write to each other: direct chats, of two or more people who stay the same, and those of teams. They
have no channel, contact or address, and never meet those that have (law 8)."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from casella.store.tables.base import metadata
from casella.store.types import Id, Instant

# `key`: who is in it, so that there is one of each: the people's ids in order, or the team's id.
chats = Table(
    "chats",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("team_id", Id, ForeignKey("teams.id")),  # null: a direct one
    Column("created_by", Id, ForeignKey("agents.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("turned_at", Instant, nullable=False),  # of the newest message, or when it was made
    Column("message_count", Integer, nullable=False, server_default="0"),
    Column("last_message_text", Text),
    Column("version", Integer, nullable=False, server_default="1"),
)
Index("ix_chats_team", chats.c.team_id)

# Of a direct chat, its people; of a team's, the desk says who is in it.
chat_members = Table(
    "chat_members",
    metadata,
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
)
Index("ix_chat_members_agent", chat_members.c.agent_id, chat_members.c.chat_id)

# How far each has read. Without a row, nothing.
chat_marks = Table(
    "chat_marks",
    metadata,
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("read_sequence", Integer, nullable=False),
)

chat_messages = Table(
    "chat_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", Id, ForeignKey("chats.id"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("sender_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("uq_chat_messages", chat_messages.c.chat_id, chat_messages.c.sequence, unique=True)
