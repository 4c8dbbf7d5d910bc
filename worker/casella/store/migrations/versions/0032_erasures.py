"""Who erased somebody, and what was stopped by whom nobody knows any more"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", Id, primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("counts", Json, nullable=False),
    )
    op.create_table(
        "erased_stops",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("pool", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("erased_stops")
    op.drop_table("erasures")
