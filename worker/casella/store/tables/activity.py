"""Who has done what, and when agents came and went. Rows are only ever added."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant

activity = Table(
    "activity",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id")),  # None: about the organisation or a contact
    Column("contact_id", Id, ForeignKey("contacts.id")),
    Column("actor_kind", Text, nullable=False),  # agent | rule | contact | system
    Column("actor_id", Text),
    Column("what", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
)
Index("ix_activity_conversation", activity.c.conversation_id, activity.c.id)
_COUNTED = text("what IN ('closed', 'reopened', 'assigned')")  # what reports look for by its time
Index("ix_activity_turns", activity.c.at, sqlite_where=_COUNTED, postgresql_where=_COUNTED)

agent_statuses = Table(
    "agent_statuses",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("do_not_disturb", Boolean, nullable=False),
)
Index("ix_agent_statuses_agent", agent_statuses.c.agent_id, agent_statuses.c.id)
