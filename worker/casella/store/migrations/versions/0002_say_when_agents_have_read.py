"""Say up to when agents have read a conversation"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("read_at", Instant()))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_column("read_at")
