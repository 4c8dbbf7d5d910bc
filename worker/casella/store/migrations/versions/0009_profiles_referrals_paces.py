"""Ask providers who contacts are; keep what led a contact here; pace messages to one contact"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Id, Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_profiles",
        sa.Column("address_id", Id, sa.ForeignKey("contact_addresses.id"), primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("asked_at", Instant()),
        sa.Column("name", sa.Text()),
        sa.Column("picture_key", sa.Text()),
        sa.Column("picture_mime", sa.Text()),
    )
    op.create_index("ix_contact_profiles_due", "contact_profiles", ["due_at"])
    op.create_table(
        "contact_paces",
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), primary_key=True),
        sa.Column("address", sa.Text(), primary_key=True),
        sa.Column("paid_until", Instant(), nullable=False),
    )
    op.create_index("ix_contact_paces_paid", "contact_paces", ["paid_until"])
    with op.batch_alter_table("contact_addresses") as table:
        table.add_column(sa.Column("referral", Json))
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("referral", Json))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_column("referral")
    with op.batch_alter_table("contact_addresses") as table:
        table.drop_column("referral")
    op.drop_table("contact_paces")
    op.drop_table("contact_profiles")
