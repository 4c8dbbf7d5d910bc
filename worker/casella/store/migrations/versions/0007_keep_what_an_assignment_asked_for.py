"""Keep with a waiting conversation what its assignment asked for; find queues without reading the inbox"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_QUEUED = sa.text("status = 'open' AND assignee_id IS NULL AND queued_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("conversations", sa.Column("wanted", sa.Text()))
    op.create_index(
        "ix_conversations_queued",
        "conversations",
        ["team_id", "queued_at"],
        sqlite_where=_QUEUED,
        postgresql_where=_QUEUED,
    )


def downgrade() -> None:
    op.drop_index("ix_conversations_queued", "conversations")
    op.drop_column("conversations", "wanted")
