"""Who has done what, and when agents came and went. What the decisions and the conversations still know of the past is
taken over: whom rules gave what to, who has it, what is closed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BY_RULES = {
    "postgresql": """
INSERT INTO activity (at, conversation_id, actor_kind, actor_id, what, after)
SELECT d.at, d.conversation_id, 'rule', given ->> 'rule', 'assigned', given ->> 'agent_id'
FROM decisions d, LATERAL jsonb_array_elements(COALESCE(d.outcome::jsonb -> 'assignments', '[]'::jsonb)) AS given
WHERE d.conversation_id IS NOT NULL AND given ->> 'agent_id' IS NOT NULL ORDER BY d.id
""",
    "sqlite": """
INSERT INTO activity (at, conversation_id, actor_kind, actor_id, what, after)
SELECT d.at, d.conversation_id, 'rule', given.value ->> 'rule', 'assigned', given.value ->> 'agent_id'
FROM decisions d, json_each(COALESCE(d.outcome -> 'assignments', '[]')) AS given
WHERE d.conversation_id IS NOT NULL AND given.value ->> 'agent_id' IS NOT NULL ORDER BY d.id
""",
}
_BY_HAND = """
INSERT INTO activity (at, conversation_id, actor_kind, what, after)
SELECT c.assigned_at, c.id, 'system', 'assigned', c.assignee_id FROM conversations c
WHERE c.assignee_id IS NOT NULL AND c.assigned_at IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM activity a WHERE a.conversation_id = c.id AND a.after = c.assignee_id AND a.at = c.assigned_at)
ORDER BY c.assigned_at
"""
_CLOSED = """
INSERT INTO activity (at, conversation_id, actor_kind, what, before, after)
SELECT c.closed_at, c.id, 'system', 'closed', 'open', 'closed' FROM conversations c
WHERE c.status = 'closed' AND c.closed_at IS NOT NULL ORDER BY c.closed_at
"""


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", AutoKey, primary_key=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id")),
        sa.Column("contact_id", Id, sa.ForeignKey("contacts.id")),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
    )
    op.create_index("ix_activity_conversation", "activity", ["conversation_id", "id"])
    statuses = op.create_table(
        "agent_statuses",
        sa.Column("id", AutoKey, primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("do_not_disturb", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_agent_statuses_agent", "agent_statuses", ["agent_id", "id"])
    for statement in (_BY_RULES[op.get_bind().dialect.name], _BY_HAND, _CLOSED):
        op.execute(statement)
    agents = sa.table("agents", *map(sa.column, ("id", "available", "do_not_disturb", "removed_at")))
    now = sa.literal(datetime.now(UTC), Instant())
    present = sa.select(agents.c.id, now, agents.c.available, agents.c.do_not_disturb)
    here = present.where(agents.c.available, agents.c.removed_at.is_(None))
    op.execute(statuses.insert().from_select(["agent_id", "at", "available", "do_not_disturb"], here))


def downgrade() -> None:
    op.drop_table("agent_statuses")
    op.drop_table("activity")
