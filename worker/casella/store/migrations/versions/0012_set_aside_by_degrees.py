"""Plugins set aside by degrees, for all processes, and kept webhooks that are tried again by themselves"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
_WAITING = sa.text("replayed_at IS NULL AND due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "plugins_aside",
        sa.Column("plugin", sa.Text(), primary_key=True),
        sa.Column("method", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
    )
    op.add_column("kept_webhooks", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("kept_webhooks", sa.Column("due_at", Instant()))
    op.create_index(
        "ix_kept_webhooks_due", "kept_webhooks", ["connection_key", "id"],
        sqlite_where=_WAITING, postgresql_where=_WAITING,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_kept_webhooks_due", "kept_webhooks")
    with op.batch_alter_table("kept_webhooks") as table:
        table.drop_column("due_at")
        table.drop_column("attempts")
    op.drop_table("plugins_aside")
