"""What is one agent's own: how far he has read a conversation, and whether he took part in it."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, false, text

from casella.store.tables.base import metadata
from casella.store.types import Id

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
_TAKES_PART = text("takes_part")
Index(
    "ix_conversation_agents_with_me",
    conversation_agents.c.agent_id,
    conversation_agents.c.conversation_id,
    sqlite_where=_TAKES_PART,
    postgresql_where=_TAKES_PART,
)
