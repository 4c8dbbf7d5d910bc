"""Messages on their way out. A row of the outbox exists from `queued` until the outcome is known; the message's own
row shows the state to people, and every try is kept in `send_attempts`."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

outbox = Table(
    "outbox",
    metadata,
    Column("position", AutoKey, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, unique=True),
    Column("conversation_id", Id, ForeignKey("conversations.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("state", Text, nullable=False),  # queued | sending | unconfirmed
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("token", Text),
    Column("leased_until", Instant),
    Column("started_at", Instant),
    Column("queued_at", Instant, nullable=False),
    Column("unsure_since", Instant),  # since when its outcome is unknown
    Column("rank", Integer, nullable=False, server_default="0"),  # 1: a campaign's, which lets answers pass
    Column("purpose", Text),  # marketing: only to who has agreed to it at the moment of sending
    Column("until", Instant),  # from then on it does not leave, until whoever has put it here says so
    sqlite_autoincrement=True,
)
Index("ix_outbox_conversation", outbox.c.conversation_id, outbox.c.position)
_QUEUED = text("state = 'queued'")
Index(
    "ix_outbox_due", outbox.c.channel_id, outbox.c.rank, outbox.c.due_at, outbox.c.position,
    sqlite_where=_QUEUED, postgresql_where=_QUEUED,
)  # fmt: skip
_LEASED = text("state IN ('sending', 'unconfirmed')")
Index("ix_outbox_leased", outbox.c.leased_until, sqlite_where=_LEASED, postgresql_where=_LEASED)

send_attempts = Table(
    "send_attempts",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),  # sent | a SendError's code | released
    Column("provider_code", Text),
    Column("text", Text),
    Column("external_id", Text),
)

# How much of its allowance a channel has used up with one contact: what was sent is "paid" by waiting until then.
contact_paces = Table(
    "contact_paces",
    metadata,
    Column("channel_id", Id, ForeignKey("channels.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("paid_until", Instant, nullable=False),
)
Index("ix_contact_paces_paid", contact_paces.c.paid_until)

# Receipts that came before the send had returned; applied when the external id becomes known, dropped after a day.
receipts_pending = Table(
    "receipts_pending",
    metadata,
    Column("id", AutoKey, primary_key=True),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("problem", Json),
    Column("stops_contact", Boolean, nullable=False, server_default=text("false")),
    Column("received_at", Instant, nullable=False),
)
Index("ix_receipts_pending_external", receipts_pending.c.channel_id, receipts_pending.c.external_id)
