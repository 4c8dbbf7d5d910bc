"""The Message Assistant: accounts at providers, the organisation's consent, budgets, what left the building, what was
proposed and what became of it.

What left the building is pruned after the time the desk says (`assistant_requests`). A proposal's text lives as long as
its request; the row stays for the report, with its lengths and its distance.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

assistant_providers = Table(
    "assistant_providers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("provider_type", Text, nullable=False),
    Column("settings_sealed", Text, nullable=False),
    Column("removed_at", Instant),
)

# Append-only: the newest row is the state.
assistant_consents = Table(
    "assistant_consents",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("state", Text, nullable=False),  # accepted | withdrawn
    Column("terms", Text, nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id"), nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# `day` is a date of the desk's time zone, written as ISO 8601.
assistant_usage = Table(
    "assistant_usage",
    metadata,
    Column("scope", Text, primary_key=True),  # inbox | agent
    Column("scope_id", Id, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("requests", Integer, nullable=False, server_default="0"),
    Column("tokens", Integer, nullable=False, server_default="0"),
)

assistant_requests = Table(
    "assistant_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id")),
    Column("rule", Text),
    Column("kind", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("prompt", Text, nullable=False),
    Column("sent", Json, nullable=False),  # the chat messages, masked, word by word
    Column("message_ids", Json, nullable=False),
    Column("source_ids", Json, nullable=False),
    Column("masked", Json, nullable=False),
    Column("outcome", Text, nullable=False),  # open | answered | an error's code | canceled
    Column("prompt_tokens", Integer, nullable=False, server_default="0"),
    Column("completion_tokens", Integer, nullable=False, server_default="0"),
    Column("at", Instant, nullable=False, index=True),
)

assistant_proposals = Table(
    "assistant_proposals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("agent_id", Id, ForeignKey("agents.id")),
    Column("kind", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("tone", Text),
    Column("language", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("cites", Json, nullable=False),
    Column("state", Text, nullable=False, server_default="offered"),  # offered | accepted | edited | discarded
    Column("distance", Integer),
    Column("decided_by", Id, ForeignKey("agents.id")),
    Column("decided_at", Instant),
    Column("at", Instant, nullable=False, index=True),
)

# Answers that agents approved, without personal values: another customer may be answered with them.
assistant_answers = Table(
    "assistant_answers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("proposal_id", Id, nullable=False, unique=True),
    Column("question", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("ix_assistant_answers_newest", assistant_answers.c.inbox_id, assistant_answers.c.id)

# Drafts that rules ask for. (cause, rule, action) is unique, as with every effect of a rule (law 6).
assistant_drafts = Table(
    "assistant_drafts",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("cause_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("action", Integer, nullable=False),
    Column("instruction", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting | ready | failed
    Column("token", Text),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error_code", Text),
    Column("proposals", Json, nullable=False),
    Column("offline", Boolean, nullable=False, server_default=text("false")),
    Column("at", Instant, nullable=False),
    UniqueConstraint("cause_id", "rule", "action"),
    sqlite_autoincrement=True,
)
_WAITING = text("state = 'waiting'")
Index("ix_assistant_drafts_due", assistant_drafts.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)
