"""Remember which credentials of contacts count no more"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocations",
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), primary_key=True),
        sa.Column("address", sa.Text(), primary_key=True),
        sa.Column("credential", sa.Text(), primary_key=True),
        sa.Column("revoked_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
    )
    op.create_index("ix_revocations_until", "revocations", ["until"])


def downgrade() -> None:
    op.drop_table("revocations")
