"""Events are told in the order of their ids, and conversations in turns"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversation_turns",
        sa.Column("conversation_id", sa.Text(), primary_key=True),
        sa.Column("turns", sa.BigInteger(), server_default="1", nullable=False),
    )
    op.drop_index("ix_feed_cursor", "feed")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DELETE FROM feed")  # told in another order: clients get a `reset` and load the lists anew


def downgrade() -> None:
    op.create_index("ix_feed_cursor", "feed", ["xact", "id"])
    op.drop_table("conversation_turns")
