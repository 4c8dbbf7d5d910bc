"""What agents have chosen for themselves"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_settings",
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("settings", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("agent_settings")
