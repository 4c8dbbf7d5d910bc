"""Keep parts of messages until they are joined; remember how far providers were asked for missed messages"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import AutoKey, Id, Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channels") as table:
        table.add_column(sa.Column("missed_asked_at", Instant()))
        table.add_column(sa.Column("missed_until", Instant()))
    op.create_table(
        "message_parts",
        sa.Column("id", AutoKey, primary_key=True),
        sa.Column("channel_id", Id, sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("contact_address", sa.Text(), nullable=False),
        sa.Column("bundle", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("message_id", Id, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("shown_at", Instant()),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":  # which row of the full-text index is a message's
        op.execute('CREATE TABLE message_search_rows (message_id TEXT PRIMARY KEY, "row" INTEGER NOT NULL)')
        op.execute(
            "INSERT INTO message_search_rows SELECT message_id, max(rowid) FROM message_search GROUP BY message_id"
        )
    op.create_index("ix_message_parts_bundle", "message_parts", ["channel_id", "contact_address", "bundle"])


def downgrade() -> None:
    op.drop_table("message_parts")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE message_search_rows")
    with op.batch_alter_table("channels") as table:
        table.drop_column("missed_until")
        table.drop_column("missed_asked_at")
