"""Numbers, contacts and conversations that belong to one agent"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_COLUMNS = {"inboxes": "owner_id", "contacts": "owner_id", "conversations": "owner_id", "channels": "joined_from"}


def upgrade() -> None:
    for table, name in _COLUMNS.items():
        op.add_column(table, sa.Column(name, Id))
    op.add_column("channels", sa.Column("joined_at", Instant()))
    owned = sa.text("owner_id IS NOT NULL")
    op.create_index(
        "ix_conversations_owner", "conversations", ["owner_id", "turned_at", "id"],
        sqlite_where=owned, postgresql_where=owned,
    )  # fmt: skip


def downgrade() -> None:
    """What was private stays, and nobody sees it: an older version shows shared conversations only."""
    op.drop_index("ix_conversations_owner", "conversations")
    op.drop_column("channels", "joined_at")
    for table, name in _COLUMNS.items():
        op.drop_column(table, name)
