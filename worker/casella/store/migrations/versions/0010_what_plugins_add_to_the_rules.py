"""What plugins add to the rules: kept with each desk, and their actions on their way"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("desk_versions") as table:
        table.add_column(sa.Column("additions", Json))
    op.create_table(
        "plugin_actions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("cause_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sa.UniqueConstraint("cause_id", "rule", "action"),
    )
    queued = sa.text("state = 'queued'")
    op.create_index("ix_plugin_actions_due", "plugin_actions", ["due_at"], sqlite_where=queued, postgresql_where=queued)


def downgrade() -> None:
    op.drop_table("plugin_actions")
    with op.batch_alter_table("desk_versions") as table:
        table.drop_column("additions")
