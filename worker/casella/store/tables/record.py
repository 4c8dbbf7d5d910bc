"""What was decided, what was done about it, and what everybody watching is told."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("source", Json, nullable=False),
    Column("first_used_at", Instant, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    # None: an event of the house itself (an agent came, a queue is full), not of one conversation
    Column("conversation_id", Id, ForeignKey("conversations.id"), index=True),
    Column("cause_id", Text, nullable=False),  # the message or timer that was decided about
    Column("event", Text, nullable=False),
    Column("rule_set", Text, ForeignKey("rule_sets.digest"), nullable=False),
    Column("facts", Text, nullable=False),  # JSON as casella_rules writes it, without the customer's words
    Column("outcome", Text, nullable=False),  # JSON: matched rules, actions, what was skipped, candidates passed over
    Column("at", Instant, nullable=False, index=True),
)

# Law 6: (cause, rule, action) is unique; whoever inserts the row does the deed.
effects = Table(
    "effects",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("cause_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("action", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("cause_id", "rule", "action"),
)

rotations = Table(
    "rotations",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("state", Text, nullable=False),
)

# What shall happen at a time. (kind, subject, cause) is unique for ever: it happens once, or not at all.
timers = Table(
    "timers",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("cause_id", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False, server_default="waiting"),  # waiting | fired | canceled | failed
    Column("token", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    UniqueConstraint("kind", "subject_id", "cause_id"),
)
_WAITING = text("state = 'waiting'")
Index("ix_timers_due", timers.c.due_at, sqlite_where=_WAITING, postgresql_where=_WAITING)

# When a rule with a cooldown last acted on a conversation.
rule_marks = Table(
    "rule_marks",
    metadata,
    Column("conversation_id", Id, ForeignKey("conversations.id"), primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("fired_at", Instant, nullable=False),
)

# Calls of the action `webhook` on their way out. (cause, rule, action) is unique: a call is made for one reason once.
webhook_calls = Table(
    "webhook_calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cause_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("action", Integer, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id")),
    Column("webhook_id", Id, ForeignKey("webhooks.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),  # queued | done | failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("token", Text),
    Column("status", Integer),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("cause_id", "rule", "action"),
)
_QUEUED = text("state = 'queued'")
Index("ix_webhook_calls_due", webhook_calls.c.due_at, sqlite_where=_QUEUED, postgresql_where=_QUEUED)
Index(
    "ix_webhook_calls_receiver", webhook_calls.c.webhook_id, webhook_calls.c.due_at,
    sqlite_where=_QUEUED, postgresql_where=_QUEUED,
)  # fmt: skip
_FAILED = text("state = 'failed'")  # what people look for among what is left to them
Index("ix_webhook_calls_failed", webhook_calls.c.id, sqlite_where=_FAILED, postgresql_where=_FAILED)

# Actions of plugins on their way to be done. (cause, rule, action) is unique: a deed is done for one reason once.
plugin_actions = Table(
    "plugin_actions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cause_id", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("action", Integer, nullable=False),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("request", Text, nullable=False),  # JSON: the argument as written, and the event with its facts
    Column("state", Text, nullable=False, server_default="queued"),  # queued | done | failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("token", Text),
    Column("result", Text),  # what came of it, or why it was not done yet, for people
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("cause_id", "rule", "action"),
)
Index("ix_plugin_actions_due", plugin_actions.c.due_at, sqlite_where=_QUEUED, postgresql_where=_QUEUED)
Index("ix_plugin_actions_failed", plugin_actions.c.id, sqlite_where=_FAILED, postgresql_where=_FAILED)

# A survey goes out at most once per conversation; the answer is the contact's next message that is one.
surveys_sent = Table(
    "surveys_sent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("survey", Text, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("score", Integer),
    Column("comment", Text),
    Column("answered_at", Instant),
    UniqueConstraint("conversation_id", "survey"),
)
Index("ix_surveys_sent_at", surveys_sent.c.sent_at)
_ANSWERED = text("answered_at IS NOT NULL")
Index("ix_surveys_answered_at", surveys_sent.c.answered_at, sqlite_where=_ANSWERED, postgresql_where=_ANSWERED)

# Told in the order of ids, see `casella.store.feed_order`. `xact` is PostgreSQL's transaction id (0 on SQLite), which
# tells ids apart that a restore has given anew.
feed = Table(
    "feed",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("xact", BigInteger, nullable=False, server_default="0"),
    Column("kind", Text, nullable=False),
    Column("inbox_id", Id),
    Column("conversation_id", Id),
    Column("agent_id", Id),
    Column("payload", Text, nullable=False),
    Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# Whose turn it is to tell of a conversation, on PostgreSQL: the row is locked until the commit. Rows that nobody holds
# may vanish at any time.
conversation_turns = Table(
    "conversation_turns",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("turns", BigInteger, nullable=False, server_default="1"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("agent_id", Id, ForeignKey("agents.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer),
    Column("response", Text),
    Column("created_at", Instant, nullable=False),
)
