"""What is one agent's own: how far he has read a conversation, whether he took part in it, what he is to be told."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, false, text

from casella.store.tables.base import metadata
from casella.store.types import Id, Instant, Json

# A row is written when an agent reads, marks, answers, is assigned or mentioned; without one he has read what came in
# before he became a member of the inbox, and nothing since. `read_sequence` is a `messages.sequence`: the order of
# arrival, so that what comes in late with an older time is not taken for read. `read_inbound`: how many of the
# contact's messages that are, so that a list knows how many are unread without counting.
conversation_agents = Table(
    "conversation_agents",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("read_sequence", Integer),
    Column("read_inbound", Integer),
    Column("mentioned_sequence", Integer, nullable=False, server_default="0"),
    Column("takes_part", Boolean, nullable=False, server_default=false()),
)
Index("ix_conversation_agents_agent", conversation_agents.c.agent_id, conversation_agents.c.conversation_id)
Index(
    "ix_conversation_agents_with_me",
    conversation_agents.c.agent_id,
    conversation_agents.c.conversation_id,
    sqlite_where=text("takes_part = 1"),  # as a query says it there
    postgresql_where=text("takes_part"),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("message_id", Id),
    Column("what", Text, nullable=False),  # reassigned | returned | unanswered | rule | mentioned
    Column("more", Json, nullable=False),  # what clients are shown besides
    Column("at", Instant, nullable=False),
    Column("seen_at", Instant),
)
Index("ix_notices_agent", notices.c.agent_id, notices.c.id)
Index("ix_notices_at", notices.c.at)
_UNSEEN = text("seen_at IS NULL")
Index("ix_notices_unseen", notices.c.agent_id, sqlite_where=_UNSEEN, postgresql_where=_UNSEEN)

agent_drafts = Table(
    "agent_drafts",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # reply | note
    Column("text", Text, nullable=False),
    Column("attachment_ids", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Json, nullable=False),  # the parameters of GET /conversations
    Column("shared", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("agent_id", "name"),
)
Index("ix_saved_views_shared", saved_views.c.shared)

# What an agent has chosen for himself: of `casella.inbox.personal.settings`, what is not as it is for everybody.
agent_settings = Table(
    "agent_settings",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("settings", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
)
