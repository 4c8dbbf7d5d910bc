"""A campaign stands still by itself when all its messages fail: since when these count, and the newest of them"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
_WRITTEN = sa.text("message_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("resumed_at", Instant()))
    op.create_index(
        "ix_campaign_recipients_written", "campaign_recipients", ["campaign_id", "message_id"],
        sqlite_where=_WRITTEN, postgresql_where=_WRITTEN,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_campaign_recipients_written", table_name="campaign_recipients")
    op.drop_column("campaigns", "resumed_at")
