"""The journal: every event of every authentic webhook, once, before it is answered (laws 1 and 2).

A row waits in its lane until the one worker that holds the lane has applied it. `identity` is unique for ever: a
repeated delivery does not become a row. `message_id` is the id that the message will have and that the logs follow.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

journal = Table(
    "journal",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("lane", Integer, nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("message_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("identity", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),  # pending | done | failed
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    UniqueConstraint("channel_id", "kind", "identity", name="uq_journal_identity"),
    sqlite_autoincrement=True,
)
_PENDING = text("state = 'pending'")
Index("ix_journal_pending", journal.c.lane, journal.c.id, sqlite_where=_PENDING, postgresql_where=_PENDING)
_FAILED = text("state = 'failed'")  # what people look for among what is left to them
Index("ix_journal_failed", journal.c.id, sqlite_where=_FAILED, postgresql_where=_FAILED)

# One row per lane; whoever drains a lane holds its row's lock for the transaction.
lanes = Table("lanes", metadata, Column("lane", Integer, primary_key=True, autoincrement=False))

# Raw requests of plugins that are set aside, of channels that are not in the desk, or that a plugin could not
# translate. `due_at`: when to try again by itself; without it a person has to act (`casella replay`).
kept_webhooks = Table(
    "kept_webhooks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("connection_key", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("headers_sealed", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("replayed_at", Instant),
    Column("outcome", Json),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Instant),
)
Index("ix_kept_webhooks_waiting", kept_webhooks.c.connection_key, kept_webhooks.c.id)
_DUE = text("replayed_at IS NULL AND due_at IS NOT NULL")
Index(
    "ix_kept_webhooks_due", kept_webhooks.c.connection_key, kept_webhooks.c.id,
    sqlite_where=_DUE, postgresql_where=_DUE,
)  # fmt: skip

# Parts of long messages that wait for the others. `bundle`: the provider's reference, used again by later messages.
message_parts = Table(
    "message_parts",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("contact_address", Text, nullable=False),
    Column("bundle", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("event", Text, nullable=False),
    Column("message_id", Id, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("shown_at", Instant),
    sqlite_autoincrement=True,
)
Index("ix_message_parts_bundle", message_parts.c.channel_id, message_parts.c.contact_address, message_parts.c.bundle)
