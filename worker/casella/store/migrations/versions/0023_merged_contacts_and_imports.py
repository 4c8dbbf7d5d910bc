"""Contacts that were merged can be told apart again, and many come from a file"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_merges",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kept_id", Id, sa.ForeignKey("contacts.id"), nullable=False),
        sa.Column("gone_id", Id, sa.ForeignKey("contacts.id"), nullable=False),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("moved", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
    )
    op.create_index("ix_contact_merges_kept", "contact_merges", ["kept_id", "id"])
    op.create_index("ix_contact_merges_gone", "contact_merges", ["gone_id", "id"])
    op.create_table(
        "contact_imports",
        sa.Column("id", Id, primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("changed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("problems", Json, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
    )
    waits = sa.text("state = 'waiting'")
    op.create_index("ix_contact_imports_waiting", "contact_imports", ["id"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_contact_imports_agent", "contact_imports", ["agent_id", "id"])


def downgrade() -> None:
    op.drop_table("contact_imports")
    op.drop_table("contact_merges")
