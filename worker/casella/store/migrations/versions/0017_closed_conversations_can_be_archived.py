"""Closed conversations can be archived"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("archived_at", Instant()))
    waits = sa.text("status = 'closed' AND archived_at IS NULL")
    op.create_index(
        "ix_conversations_to_archive", "conversations", ["inbox_id", "turned_at"],
        sqlite_where=waits, postgresql_where=waits,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_conversations_to_archive", "conversations")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("archived_at")
