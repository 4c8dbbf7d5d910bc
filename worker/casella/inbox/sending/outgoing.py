"""What a plugin is given to send: the message, and its files as links, with the bytes where it posts them itself."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, NamedTuple, cast, get_args

from sqlalchemy import Connection, Row, select

from casella.inbox.files import MediaStore, MediaStoreUnavailable, fitting_name
from casella.inbox.house import Rooms
from casella.inbox.sending.content import from_details
from casella.inbox.surveys import with_link
from casella.plugin import Channel, ChannelUnreachable, OutgoingAttachment, OutgoingMessage, SendRejected
from casella.plugin.events import AttachmentKind
from casella.store.tables import attachments, messages

_IN_MEMORY = 1024 * 1024


def outgoing_files(rooms: Rooms, db: Connection, message_id: str) -> Sequence[OutgoingAttachment]:
    """The files of a message, with links for the provider."""
    query = select(attachments).where(attachments.c.message_id == message_id).order_by(attachments.c.position)
    return [
        OutgoingAttachment(
            rooms.links.link(row.id),
            cast(AttachmentKind, row.kind if row.kind in get_args(AttachmentKind) else "document"),
            row.mime,
            row.size or 0,
            fitting_name(row.name, row.mime, f"file-{row.position + 1}"),
            partial(_opened_to_send, rooms.media, row.storage_key) if row.storage_key else None,
        )
        for row in db.execute(query)
    ]


def _opened_to_send(media: MediaStore, key: str) -> BinaryIO:
    """The whole file, here, so that nothing can fail any more while a plugin posts it. Raises what `send` may raise."""
    copy = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the plugin closes it
    try:
        with media.open(key) as file:
            shutil.copyfileobj(file, copy, _IN_MEMORY)
    except BaseException as error:  # raised again, or as what `send` may raise: the copy is closed
        copy.close()
        if isinstance(error, FileNotFoundError):
            raise SendRejected("The attachment's file is gone.") from error
        if isinstance(error, MediaStoreUnavailable | OSError):
            raise ChannelUnreachable("The attachment's file cannot be read right now.") from error
        raise
    copy.seek(0)
    return cast(BinaryIO, copy)


class DueMessage(NamedTuple):
    """A message of the outbox, with all that is asked of it before it is sent."""

    id: str
    conversation_id: str
    sender_kind: str
    kind: str
    text: str
    details: Any
    has_attachments: bool
    reply_to: str | None
    status: str
    replyable: bool
    last_inbound_at: datetime | None
    window_closed_at: datetime | None
    address: str
    attempts: int
    rank: int
    purpose: str | None
    passes: bool


def outgoing_message(
    rooms: Rooms, db: Connection, channel: Channel, row: Row[tuple[object, ...]] | DueMessage, *, in_window: bool = True
) -> OutgoingMessage:
    """What a plugin is given to deliver, or to look up. `row`: of the message, with the `address` it goes to."""
    return OutgoingMessage(
        id=row.id,
        to=row.address,
        text=with_link(rooms, row.text, row.details),
        status_url=f"{channel.connection.webhook_url}?message_id={row.id}",
        attachments=outgoing_files(rooms, db, row.id) if row.has_attachments else (),
        reply_to=_external_id(db, row.reply_to) if row.reply_to else None,
        metadata={"conversation_id": row.conversation_id},
        content=from_details(row.details),
        by_person=row.sender_kind == "agent",
        in_window=in_window,
    )


def _external_id(db: Connection, message_id: str) -> str | None:
    return db.execute(select(messages.c.external_id).where(messages.c.id == message_id)).scalar_one_or_none()
