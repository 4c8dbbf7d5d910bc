"""All that is kept of one person, as one file for him: JSON, and the files that were exchanged."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

import orjson
from sqlalchemy import Connection, select

from casella.inbox.erasure.erasing import NOT_PRIVATE, require_whole
from casella.inbox.files import MediaStoreUnavailable
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, contacts
from casella.store.queries.oversight import person_queries
from casella.store.rows import TableRow
from casella.store.tables import attachments, consents, messages, surveys_sent

_IN_MEMORY, _PART = 4_000_000, 65_536
_SHOWN = ("id", "direction", "kind", "text", "sender_kind", "state", "received_at", "shown_at")


def export(rooms: Rooms, admin: Member, contact_id: str) -> Iterator[bytes]:
    """The parts of a ZIP: `contact.json`, `consents.json`, `surveys.json`, `conversations/ID.jsonl` with a message a
    line, and `files/`. What agents wrote to each other about him (notes) is in it, what is
    private is not. Raises NotFound."""
    with ExitStack() as stack:
        made = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
        _write(rooms, admin, contact_id, made)
        made.seek(0)
        return _parts(made, stack.pop_all())


def _parts(made: IO[bytes], stack: ExitStack) -> Iterator[bytes]:
    with stack:
        while part := made.read(_PART):
            yield part


def _write(rooms: Rooms, admin: Member, contact_id: str, made: IO[bytes]) -> None:
    with rooms.store.read() as db, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        require_whole(db, admin, contact_id)
        person = person_queries.find(db, contact_id)
        archive.writestr("contact.json", _json(contacts.read_contact(db, rooms, admin, contact_id)))
        ledger = select(consents).where(consents.c.address.in_(person.written)).order_by(consents.c.id)
        archive.writestr("consents.json", _json([_plain(row) for row in db.execute(ledger).all()]))
        answers = list[dict[str, object]]()
        for conversation in person_queries.conversations_of(db, person, NOT_PRIVATE):
            sent = select(surveys_sent).where(surveys_sent.c.conversation_id == conversation.id)
            answers += [_plain(row) for row in db.execute(sent).all()]
            lines = (_json(line) + b"\n" for line in _messages(db, conversation))
            archive.writestr(f"conversations/{conversation.id}.jsonl", b"".join(lines))
            _add_files(rooms, db, archive, conversation)
        archive.writestr("surveys.json", _json(answers))


def _messages(db: Connection, conversation: TableRow) -> Iterator[dict[str, object]]:
    query = select(messages).where(messages.c.conversation_id == conversation.id)
    for row in db.execute(query.order_by(messages.c.shown_at, messages.c.sequence)).all():
        yield {name: getattr(row, name) for name in _SHOWN}


def _add_files(rooms: Rooms, db: Connection, archive: zipfile.ZipFile, conversation: TableRow) -> None:
    of = attachments.join(messages, messages.c.id == attachments.c.message_id)
    query = select(attachments).select_from(of).where(messages.c.conversation_id == conversation.id)
    for row in db.execute(query.order_by(attachments.c.id)).all():
        if row.storage_key is None:
            continue
        try:
            with rooms.media.open(row.storage_key) as content, archive.open(f"files/{row.id}", "w") as file:
                shutil.copyfileobj(content, file)
        except (MediaStoreUnavailable, FileNotFoundError):
            archive.writestr(f"files/{row.id}.missing", row.name or "")


def _plain(row: TableRow) -> dict[str, object]:
    return dict(row._mapping)


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
