"""Since when a message's outcome is unknown: what waits behind it is held for a while"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
_WAITING = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("unsure_since", Instant()))
    op.drop_index("ix_outbox_conversation", "outbox")
    op.create_index("ix_outbox_conversation", "outbox", ["conversation_id", "position"])


def downgrade() -> None:
    op.drop_index("ix_outbox_conversation", "outbox")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("unsure_since")
    op.create_index(
        "ix_outbox_conversation", "outbox", ["conversation_id", "position"],
        sqlite_where=_WAITING, postgresql_where=_WAITING,
    )  # fmt: skip
