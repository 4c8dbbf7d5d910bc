"""Campaigns, their recipients, and messages that let answers pass"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant, Json

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ACTIVE = sa.text("state = 'active'")
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    _campaigns()
    _recipients()
    op.add_column("conversations", sa.Column("campaign", Json))
    op.add_column("outbox", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("purpose", sa.Text()))
    op.add_column("outbox", sa.Column("until", Instant()))
    _due("channel_id", "rank", "due_at", "position")


def downgrade() -> None:
    _due("channel_id", "due_at", "position")
    for name in ("until", "purpose", "rank"):
        op.drop_column("outbox", name)
    op.drop_column("conversations", "campaign")
    op.drop_table("campaign_recipients")
    op.drop_table("campaigns")


def _due(*columns: str) -> None:
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index("ix_outbox_due", "outbox", list(columns), sqlite_where=_QUEUED, postgresql_where=_QUEUED)


def _campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", Id, primary_key=True),
        sa.Column("inbox_id", Id, sa.ForeignKey("inboxes.id"), nullable=False),
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="draft"),
        sa.Column("words", Json, nullable=False),
        sa.Column("filter", Json),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("quiet_from", sa.Text()),
        sa.Column("quiet_until", sa.Text()),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant()),
        sa.Column("place", sa.Text(), nullable=False, server_default=""),
        sa.Column("gathered_at", Instant()),
        sa.Column("due_at", Instant()),
        sa.Column("pause_code", sa.Text()),
        sa.Column("pause_text", sa.Text()),
        sa.Column("created_by", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("scheduled_by", Id, sa.ForeignKey("agents.id")),
        sa.Column("scheduled_at", Instant()),
        sa.Column("ended_at", Instant()),
    )
    op.create_index("ix_campaigns_inbox", "campaigns", ["inbox_id", "id"])
    op.create_index("ix_campaigns_due", "campaigns", ["due_at", "id"], sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)


def _recipients() -> None:
    op.create_table(
        "campaign_recipients",
        sa.Column("position", AutoKey, primary_key=True),
        sa.Column("campaign_id", Id, sa.ForeignKey("campaigns.id"), nullable=False),
        sa.Column("contact_id", Id, sa.ForeignKey("contacts.id"), nullable=False),
        sa.Column("address_id", Id, sa.ForeignKey("contact_addresses.id")),
        sa.Column("country", sa.Text(), nullable=False, server_default=""),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("message_id", Id, sa.ForeignKey("messages.id"), unique=True),
        sa.Column("at", Instant(), nullable=False),
        sa.UniqueConstraint("campaign_id", "contact_id"),
        sa.UniqueConstraint("campaign_id", "address_id"),
        sqlite_autoincrement=True,
    )
    table = "campaign_recipients"
    op.create_index("ix_campaign_recipients_state", table, ["campaign_id", "state", "country", "position"])
    op.create_index("ix_campaign_recipients_page", table, ["campaign_id", "position"])
    op.create_index("ix_campaign_recipients_contact", table, ["contact_id"])
    op.create_index("ix_campaign_recipients_address", table, ["address_id"])
