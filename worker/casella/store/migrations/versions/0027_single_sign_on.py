"""Sign-ins by a provider: which were used, and whether it saw a second factor"""

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spent_sign_ins",
        sa.Column("digest", sa.Text(), primary_key=True),
        sa.Column("until", Instant(), nullable=False),
    )
    op.create_index("ix_spent_sign_ins_until", "spent_sign_ins", ["until"])
    op.add_column("access_tokens", sa.Column("factor_proven", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("access_tokens", "factor_proven")
    op.drop_table("spent_sign_ins")
