"""What a conversation is to each agent: how far he has read it, and whether he took part; and what lists show of the
newest message.

Who is a member today has read everything that the house's one mark said was read. What was open and unread for the
house stays unread for every member."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_NEWEST = """
UPDATE conversations SET
  inbound_count = (SELECT COUNT(*) FROM messages m
    WHERE m.conversation_id = conversations.id AND m.direction = 'in'),
  inbound_received_at = (SELECT MAX(m.received_at) FROM messages m
    WHERE m.conversation_id = conversations.id AND m.direction = 'in'),
  last_message_kind = (SELECT m.kind FROM messages m
    WHERE m.conversation_id = conversations.id ORDER BY m.shown_at DESC, m.sequence DESC LIMIT 1),
  last_message_direction = (SELECT m.direction FROM messages m
    WHERE m.conversation_id = conversations.id ORDER BY m.shown_at DESC, m.sequence DESC LIMIT 1)
"""
_UNREAD = """
INSERT INTO conversation_agents (conversation_id, agent_id, read_sequence, read_inbound)
SELECT c.id, i.agent_id,
  COALESCE((SELECT MAX(m.sequence) FROM messages m
    WHERE m.conversation_id = c.id AND m.direction = 'in' AND m.received_at <= c.read_at), 0),
  (SELECT COUNT(*) FROM messages m
    WHERE m.conversation_id = c.id AND m.direction = 'in' AND m.received_at <= c.read_at)
FROM conversations c JOIN inbox_members i ON i.inbox_id = c.inbox_id
WHERE c.status <> 'closed' AND c.inbound_received_at IS NOT NULL
  AND (c.read_at IS NULL OR c.read_at < c.inbound_received_at)
"""
_TOOK_PART = """
INSERT INTO conversation_agents (conversation_id, agent_id, takes_part)
SELECT found.conversation_id, found.agent_id, true FROM (
  SELECT m.conversation_id AS conversation_id, m.sender_id AS agent_id FROM messages m
    JOIN agents a ON a.id = m.sender_id WHERE m.sender_kind = 'agent'
  UNION SELECT c.id, c.assignee_id FROM conversations c WHERE c.assignee_id IS NOT NULL
) AS found WHERE true
ON CONFLICT (conversation_id, agent_id) DO UPDATE SET takes_part = true
"""


def upgrade() -> None:
    _add_columns()
    op.create_table(
        "conversation_agents",
        sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), primary_key=True),
        sa.Column("read_sequence", sa.Integer()),
        sa.Column("read_inbound", sa.Integer()),
        sa.Column("mentioned_sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("takes_part", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_conversation_agents_with_me", "conversation_agents", ["agent_id", "conversation_id"],
        sqlite_where=sa.text("takes_part = 1"), postgresql_where=sa.text("takes_part"),
    )  # fmt: skip
    for statement in (_NEWEST, _UNREAD, _TOOK_PART):
        op.execute(statement)


def _add_columns() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("last_message_kind", sa.Text()))
        table.add_column(sa.Column("last_message_direction", sa.Text()))
        table.add_column(sa.Column("inbound_count", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("inbound_received_at", Instant()))
    op.add_column("inbox_members", sa.Column("since", Instant()))
    members = sa.table("inbox_members", sa.column("since", Instant()))
    op.execute(members.update().values(since=datetime.now(UTC)))
    with op.batch_alter_table("inbox_members") as table:
        table.alter_column("since", nullable=False, existing_type=Instant())


def downgrade() -> None:
    op.drop_table("conversation_agents")
    with op.batch_alter_table("inbox_members") as table:
        table.drop_column("since")
    with op.batch_alter_table("conversations") as table:
        for name in ("last_message_kind", "last_message_direction", "inbound_count", "inbound_received_at"):
            table.drop_column(name)
