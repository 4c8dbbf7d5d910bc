"""Indexes by which reports find closings, reopenings, assignments and surveys of a time"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_COUNTED = sa.text("what IN ('closed', 'reopened', 'assigned')")
_ANSWERED = sa.text("answered_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_activity_turns", "activity", ["at"], sqlite_where=_COUNTED, postgresql_where=_COUNTED)
    op.create_index("ix_surveys_sent_at", "surveys_sent", ["sent_at"])
    op.create_index(
        "ix_surveys_answered_at", "surveys_sent", ["answered_at"], sqlite_where=_ANSWERED, postgresql_where=_ANSWERED
    )


def downgrade() -> None:
    op.drop_index("ix_surveys_answered_at", table_name="surveys_sent")
    op.drop_index("ix_surveys_sent_at", table_name="surveys_sent")
    op.drop_index("ix_activity_turns", table_name="activity")
