"""Revisions that come before their message, and windows that the provider says are over"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("window_closed_at", Instant()))
    op.create_table(
        "revisions",
        sa.Column("id", AutoKey, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("doer", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("at", Instant()),
        sa.Column("event", sa.Text()),
        sa.Column("received_at", Instant(), nullable=False),
    )
    key = ["channel_id", "external_id", "kind", "doer"]
    op.create_index("uq_revisions_of_message", "revisions", key, unique=True)
    waits = sa.text("event IS NOT NULL")
    op.create_index("ix_revisions_waiting", "revisions", ["received_at"], sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_table("revisions")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("window_closed_at")
