"""Direct chats and the chats of teams"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("id", Id, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("team_id", Id, sa.ForeignKey("teams.id")),
        sa.Column("created_by", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("turned_at", Instant(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_message_text", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
    )
    op.create_index("ix_chats_team", "chats", ["team_id"])
    op.create_table(
        "chat_members",
        sa.Column("chat_id", Id, sa.ForeignKey("chats.id"), primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), primary_key=True),
    )
    op.create_index("ix_chat_members_agent", "chat_members", ["agent_id", "chat_id"])
    op.create_table(
        "chat_marks",
        sa.Column("chat_id", Id, sa.ForeignKey("chats.id"), primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("read_sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "chat_messages",
        sa.Column("id", Id, primary_key=True),
        sa.Column("chat_id", Id, sa.ForeignKey("chats.id"), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sender_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("uq_chat_messages", "chat_messages", ["chat_id", "sequence"], unique=True)


def downgrade() -> None:
    for table in ("chat_messages", "chat_marks", "chat_members", "chats"):
        op.drop_table(table)
