"""Outgoing webhooks by subscription, and indexes by which what failed is found"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant, Json

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_QUEUED = sa.text("state = 'queued'")
_FAILED = sa.text("state = 'failed'")
_WITH_FAILED = {"journal": "id", "webhook_calls": "id", "plugin_actions": "id", "messages": "id"}


def upgrade() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False, server_default=""),
        sa.Column("kinds", Json, nullable=False),
        sa.Column("inboxes", Json, nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="active"),
        sa.Column("off_reason", sa.Text()),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", Instant()),
        sa.Column("paused_until", Instant()),
        sa.Column("created_by", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_table(
        "subscription_letters",
        sa.Column("position", AutoKey, primary_key=True),
        sa.Column("id", Id, nullable=False, unique=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("inbox_id", Id),
        sa.Column("conversation_id", Id),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.UniqueConstraint("subscription_id", "event_id"),
        sqlite_autoincrement=True,
    )
    _index_letters()
    for table, column in _WITH_FAILED.items():
        op.create_index(f"ix_{table}_failed", table, [column], sqlite_where=_FAILED, postgresql_where=_FAILED)


def _index_letters() -> None:
    op.create_index("ix_subscription_letters_log", "subscription_letters", ["subscription_id", "position"])
    op.create_index("ix_subscription_letters_created", "subscription_letters", ["created_at"])
    op.create_index(
        "ix_subscription_letters_due", "subscription_letters", ["due_at", "position"],
        sqlite_where=_QUEUED, postgresql_where=_QUEUED,
    )  # fmt: skip
    op.create_index(
        "ix_subscription_letters_waiting", "subscription_letters", ["subscription_id", "conversation_id", "position"],
        sqlite_where=_QUEUED, postgresql_where=_QUEUED,
    )  # fmt: skip


def downgrade() -> None:
    for table in _WITH_FAILED:
        op.drop_index(f"ix_{table}_failed", table_name=table)
    op.drop_table("subscription_letters")
    op.drop_table("subscriptions")
