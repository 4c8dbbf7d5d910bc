"""Campaigns: one message to many people, and what became of it for each of them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from casella.store.tables.base import metadata
from casella.store.types import AutoKey, Id, Instant, Json

# `state`: draft | active | paused | done | canceled. One that is active is done something about at `due_at`: until
# `gathered_at` its people are written down, from `starts_at` on they are written to. `place`: the contact up to whom
# its filter was gone through.
campaigns = Table(
    "campaigns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inbox_id", Id, ForeignKey("inboxes.id"), nullable=False),
    Column("channel_id", Id, ForeignKey("channels.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("words", Json, nullable=False),
    Column("filter", Json),  # null: only who was named
    Column("purpose", Text, nullable=False),  # marketing | service
    Column("reason", Text),  # why service messages may go to who has not agreed to marketing
    Column("quiet_from", Text),  # "20:00"; null: at any hour
    Column("quiet_until", Text),
    Column("per_minute", Integer, nullable=False),
    Column("starts_at", Instant),
    Column("place", Text, nullable=False, server_default=""),
    Column("gathered_at", Instant),
    Column("due_at", Instant),
    Column("pause_code", Text),
    Column("pause_text", Text),
    Column("resumed_at", Instant),  # what failed before is no reason to stand still again
    Column("created_by", Id, ForeignKey("agents.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("scheduled_by", Id, ForeignKey("agents.id")),
    Column("scheduled_at", Instant),
    Column("ended_at", Instant),
)
Index("ix_campaigns_inbox", campaigns.c.inbox_id, campaigns.c.id)
_ACTIVE = text("state = 'active'")
Index("ix_campaigns_due", campaigns.c.due_at, campaigns.c.id, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)

# One row for everybody who was meant. `state`: listed (named by hand, nobody has looked yet) | planned | left_out (with
# a reason) | queued (he was written to, once: `message_id`) | canceled. The row is the receipt that law 6 asks for: it
# changes in the transaction that writes the message.
campaign_recipients = Table(
    "campaign_recipients",
    metadata,
    Column("position", AutoKey, primary_key=True),
    Column("campaign_id", Id, ForeignKey("campaigns.id"), nullable=False),
    Column("contact_id", Id, ForeignKey("contacts.id"), nullable=False),
    Column("address_id", Id, ForeignKey("contact_addresses.id")),
    Column("country", Text, nullable=False, server_default=""),  # whose hours are his
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("message_id", Id, ForeignKey("messages.id"), unique=True),
    Column("at", Instant, nullable=False),
    UniqueConstraint("campaign_id", "contact_id"),
    UniqueConstraint("campaign_id", "address_id"),
    sqlite_autoincrement=True,
)
Index(
    "ix_campaign_recipients_state", campaign_recipients.c.campaign_id, campaign_recipients.c.state,
    campaign_recipients.c.country, campaign_recipients.c.position,
)  # fmt: skip
Index("ix_campaign_recipients_page", campaign_recipients.c.campaign_id, campaign_recipients.c.position)
_WRITTEN = text("message_id IS NOT NULL")
Index(
    "ix_campaign_recipients_written", campaign_recipients.c.campaign_id, campaign_recipients.c.message_id,
    sqlite_where=_WRITTEN, postgresql_where=_WRITTEN,
)  # fmt: skip
Index("ix_campaign_recipients_contact", campaign_recipients.c.contact_id)
Index("ix_campaign_recipients_address", campaign_recipients.c.address_id)
