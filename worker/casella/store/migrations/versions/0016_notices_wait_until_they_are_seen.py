"""Notices of agents, which wait until they are seen"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", Id, primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("message_id", Id),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("more", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("seen_at", Instant()),
    )
    op.create_index("ix_notices_agent", "notices", ["agent_id", "id"])
    op.create_index("ix_notices_at", "notices", ["at"])
    unseen = sa.text("seen_at IS NULL")
    op.create_index("ix_notices_unseen", "notices", ["agent_id"], sqlite_where=unseen, postgresql_where=unseen)


def downgrade() -> None:
    op.drop_table("notices")
