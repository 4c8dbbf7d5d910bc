"""Indexes for what one agent has had, whatever its status, and for what is snoozed: all of an inbox was read for it"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    snoozed = sa.text("status = 'snoozed'")
    op.create_index(
        "ix_conversations_snoozed", "conversations", ["inbox_id", "last_message_at", "id"],
        sqlite_where=snoozed, postgresql_where=snoozed,
    )  # fmt: skip
    for name, key in (("messages", "last_message_at"), ("turned", "turned_at")):
        op.create_index(f"ix_conversations_assignee_{name}", "conversations", ["assignee_id", key, "id"])


def downgrade() -> None:
    op.drop_index("ix_conversations_snoozed", "conversations")
    for name in ("messages", "turned"):
        op.drop_index(f"ix_conversations_assignee_{name}", "conversations")
