"""Devices that agents are told on, and what is on its way to them"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_house",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
    )
    op.create_table(
        "push_devices",
        sa.Column("id", Id, primary_key=True),
        sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
        sa.Column("token_id", Id, nullable=False),
        sa.Column("endpoint_sealed", sa.Text(), nullable=False),
        sa.Column("endpoint_digest", sa.Text(), nullable=False, unique=True),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False, server_default=""),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_index("ix_push_devices_agent", "push_devices", ["agent_id"])
    op.create_table(
        "pushes",
        sa.Column("position", AutoKey, primary_key=True),
        sa.Column("device_id", Id, sa.ForeignKey("push_devices.id"), nullable=False),
        sa.Column("conversation_id", Id),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("token", sa.Text()),
        sa.Column("created_at", Instant(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pushes_due", "pushes", ["due_at"])
    op.create_index("ix_pushes_device", "pushes", ["device_id"])


def downgrade() -> None:
    op.drop_table("pushes")
    op.drop_table("push_devices")
    op.drop_table("push_house")
