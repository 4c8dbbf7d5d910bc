"""Thumbnails of pictures"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from casella.store.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "width": sa.Integer(),
    "height": sa.Integer(),
    "thumbnail_state": sa.Text(),
    "thumbnail_key": sa.Text(),
    "thumbnail_due_at": Instant(),
}
_INDEX = "ix_attachments_not_shrunk"
_NOT_SHRUNK = sa.text("state = 'stored' AND thumbnail_state IS NULL AND kind IN ('image', 'sticker')")


def upgrade() -> None:
    for name, kind in _TYPES.items():
        op.add_column("attachments", sa.Column(name, kind))
    op.create_index(_INDEX, "attachments", ["thumbnail_due_at"], sqlite_where=_NOT_SHRUNK, postgresql_where=_NOT_SHRUNK)


def downgrade() -> None:
    op.drop_index(_INDEX, "attachments")
    for name in reversed(_TYPES):
        op.drop_column("attachments", name)
