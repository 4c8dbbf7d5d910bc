"""A file of contacts says how much of their consent it has brought in"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Json

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact_imports", sa.Column("consents", Json))


def downgrade() -> None:
    op.drop_column("contact_imports", "consents")
