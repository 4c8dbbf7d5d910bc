"""What one agent has read, and what has a tag, is found without reading what everybody has"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_conversation_agents_agent", "conversation_agents", ["agent_id", "conversation_id"])
    op.create_index("ix_conversation_tags_tag", "conversation_tags", [sa.text("lower(tag)"), "conversation_id"])


def downgrade() -> None:
    op.drop_index("ix_conversation_tags_tag", table_name="conversation_tags")
    op.drop_index("ix_conversation_agents_agent", table_name="conversation_agents")
