"""Other systems that admins let hear what happens, and every letter to them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

# `cursor`: up to where the feed was written into letters. `failures`: how many tries in a row were in vain, since
# `failing_since`; nothing is tried before `paused_until`.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("kinds", Json, nullable=False),  # kinds of events; none: every one that can be subscribed to
    Column("inboxes", Json, nullable=False),  # their ids; none: every shared one
    Column("secret_sealed", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="active"),  # active | off
    Column("off_reason", Text),
    Column("cursor", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Instant),
    Column("paused_until", Instant),
    Column("created_by", Id, ForeignKey("agents.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
)

# `position`: the order of the events. Letters about one conversation leave one after the other.
subscription_letters = Table(
    "subscription_letters",
    metadata,
    Column("position", AutoKey, primary_key=True),
    Column("id", Id, nullable=False, unique=True),
    Column("subscription_id", Id, ForeignKey("subscriptions.id"), nullable=False),
    Column("event_id", Integer, nullable=False),  # of the feed; once in each subscription
    Column("kind", Text, nullable=False),
    Column("inbox_id", Id),
    Column("conversation_id", Id),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),  # queued | done | failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant, nullable=False),
    Column("token", Text),
    Column("status", Integer),
    Column("error", Text),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    UniqueConstraint("subscription_id", "event_id"),
    sqlite_autoincrement=True,
)
Index("ix_subscription_letters_log", subscription_letters.c.subscription_id, subscription_letters.c.position)
Index("ix_subscription_letters_created", subscription_letters.c.created_at)
_QUEUED = text("state = 'queued'")
Index(
    "ix_subscription_letters_due", subscription_letters.c.due_at, subscription_letters.c.position,
    sqlite_where=_QUEUED, postgresql_where=_QUEUED,
)  # fmt: skip
Index(
    "ix_subscription_letters_waiting", subscription_letters.c.subscription_id, subscription_letters.c.conversation_id,
    subscription_letters.c.position, sqlite_where=_QUEUED, postgresql_where=_QUEUED,
)  # fmt: skip
Index(
    "ix_subscription_letters_receiver", subscription_letters.c.subscription_id, subscription_letters.c.due_at,
    subscription_letters.c.position, sqlite_where=_QUEUED, postgresql_where=_QUEUED,
)  # fmt: skip
