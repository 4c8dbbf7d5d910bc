"""Webhooks of rules and devices that do not take what is posted pause like subscriptions do; what is due is found by
its receiver"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
_QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    for table in ("webhooks", "push_devices"):
        op.add_column(table, sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        op.add_column(table, sa.Column("failing_since", Instant()))
        op.add_column(table, sa.Column("paused_until", Instant()))
    op.create_index(
        "ix_webhook_calls_receiver", "webhook_calls", ["webhook_id", "due_at"],
        sqlite_where=_QUEUED, postgresql_where=_QUEUED,
    )  # fmt: skip
    op.create_index(
        "ix_subscription_letters_receiver", "subscription_letters", ["subscription_id", "due_at", "position"],
        sqlite_where=_QUEUED, postgresql_where=_QUEUED,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_subscription_letters_receiver", table_name="subscription_letters")
    op.drop_index("ix_webhook_calls_receiver", table_name="webhook_calls")
    for table in ("push_devices", "webhooks"):
        for column in ("paused_until", "failing_since", "failures"):
            op.drop_column(table, column)
