"""What managers change without the folder of the desk"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0036"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_overrides",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("value", Json, nullable=False),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.add_column("desk_versions", sa.Column("own_files", Json))


def downgrade() -> None:
    op.drop_column("desk_versions", "own_files")
    op.drop_table("desk_overrides")
