"""Attachments of messages that come in: most are still at the provider and wait to be fetched; some the house keeps
already, because the contact uploaded them here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, update

from casella.ids import new_id
from casella.inbox.state import Values
from casella.plugin import MediaRef, clean_text
from casella.store.tables import attachments

Taken = tuple[str, str, int]
"""An upload, the message that names it, and its place there."""


def pending_row(message_id: str, position: int, ref: MediaRef, sealed: str, at: datetime) -> Values:
    """An attachment to be fetched from the provider; `sealed` is the reference that says where."""
    return {
        "id": new_id(),
        "message_id": message_id,
        "position": position,
        "kind": ref.kind,
        "mime": ref.mime[:200],
        "size": ref.size,
        "name": clean_text(ref.name)[:200] if ref.name else None,
        "sha256": None,
        "source_sealed": sealed,
        "storage_key": None,
        "state": "pending",
        "error_code": None,
        "attempts": 0,
        "due_at": at,
        "token": None,
        "uploaded_by": None,
        "created_at": at,
    }


def take_uploads(db: Connection, uploads: Sequence[Taken], at: datetime) -> None:
    """Each upload becomes its message's. One that is gone (forgotten, or used before) is shown as lost."""
    for upload, message_id, position in uploads:
        _take(db, upload, message_id, position, at)


def _take(db: Connection, upload: str, message_id: str, position: int, at: datetime) -> None:
    columns = attachments.c
    free = (columns.id == upload) & columns.message_id.is_(None) & columns.uploaded_by.is_(None)
    values = {"message_id": message_id, "position": position}
    if db.execute(update(attachments).where(free, columns.state == "stored").values(values)).rowcount == 1:
        return
    lost = {
        "id": new_id(), "message_id": message_id, "position": position, "kind": "document",
        "mime": "application/octet-stream", "state": "failed", "error_code": "upload_gone", "created_at": at,
    }  # fmt: skip
    db.execute(insert(attachments), lost)
