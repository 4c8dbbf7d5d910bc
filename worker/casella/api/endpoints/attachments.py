"""`/attachments`: uploading what is to be sent, and giving out what was received. Nothing that could run in a browser
is ever shown there: the type was found in the content, and only pictures, sound and film are inline."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, File, Form, Header, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection
from starlette.types import Receive, Scope, Send

from casella.api.endpoints import models
from casella.api.frame.byte_range import ByteRange, parse_range
from casella.api.frame.context import Context, House
from casella.api.frame.documentation import PROBLEM_CONTENT, WRITE_ERRORS, Responses, errors
from casella.api.frame.fields import AttachmentId, ContactId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.problems import problem
from casella.api.frame.security import Caller
from casella.errors import NotFound
from casella.inbox.reading import contacts
from casella.inbox.sending import MOST_BYTES, OpenFile, uploads
from casella.inbox.views import AttachmentView

router = APIRouter(tags=["messages"])
files = APIRouter(include_in_schema=False)
_CHUNK = 256 * 1024
_FRAME = 64 * 1024  # what multipart adds to a file
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE_ANSWERS: Responses = {
    200: {"description": "The file.", "content": {"application/octet-stream": _BINARY, "*/*": _BINARY}},
    206: {"description": "The part asked for with `Range`.", "content": {"*/*": _BINARY}},
    416: {"description": "There is no such part.", "content": PROBLEM_CONTENT},
}
_RANGE = Header(alias="Range", description="A part of the file: `bytes=0-1023`.", max_length=100)


@router.post(
    "/attachments",
    response_model=models.Attachment,
    status_code=201,
    responses=errors(*WRITE_ERRORS, 429),
    max_body_size=MOST_BYTES + _FRAME,
)
def upload_attachment(
    request: Request,
    context: Context,
    rooms: House,
    member: Caller,
    once: OptionalOnce,
    file: Annotated[UploadFile, File()],
    voice: Annotated[bool, Form(description="To be sent as a voice note: Ogg with Opus.")] = False,
) -> Response:
    """Upload a file, then name its id in a message. Pictures, sound, film, PDF, office and plain text files, as large
    as the most generous of your channels takes them (25 MB at least, 100 MB at most); the type is found in the
    content. HTML and SVG are refused (415). What the channel of a message takes, its preview says. 429 `upload_quota`
    when you, your network or all have uploaded enough for a day (`quota`), 503 `disk_full` when there is no room."""
    most = uploads.most_upload(rooms, member)
    context.uploads.count("agent", member.id, request.client.host if request.client else "", file.size or 0)
    kept = uploads.keep_upload(rooms.media, _chunks(file.file), file.content_type or "", most=most, voice=voice)
    name = file.filename or ""

    def deed(db: Connection, at: datetime) -> models.Attachment:
        view: AttachmentView = uploads.record_upload(db, member, kept, name, at)
        return models.Attachment.model_validate(view)

    content = hashlib.blake2b(f"{once.fingerprint} {kept.sha256} {kept.kind} {name}".encode(errors="replace"))
    try:
        answer = replace(once, fingerprint=content.hexdigest()[:64]).do(201, deed, None)
    except BaseException:  # raised again: a file without its row would stay for ever
        rooms.media.delete(kept.key)
        raise
    if "Idempotent-Replayed" in answer.headers:
        rooms.media.delete(kept.key)  # the first upload's file is the one that counts
    return answer


@router.get("/attachments/{attachment_id}", response_class=Response, responses={**errors(404), **_FILE_ANSWERS})
def download_attachment(
    request: Request,
    rooms: House,
    member: Caller,
    attachment_id: AttachmentId,
    wanted: Annotated[str | None, _RANGE] = None,
) -> Response:
    """The file itself, or a part of it. 404 `attachment_not_ready` while it is still being fetched."""
    with rooms.store.read() as db:
        row = uploads.find_attachment(db, member, attachment_id)
    return _give(request, uploads.open_attachment(rooms.media, row), wanted)


@router.get(
    "/attachments/{attachment_id}/thumbnail", response_class=Response, responses={**errors(404), **_FILE_ANSWERS}
)
def download_thumbnail(request: Request, rooms: House, member: Caller, attachment_id: AttachmentId) -> Response:
    """A small WebP of a picture, at most 480 pixels wide and high, upright and without metadata. 404
    `attachment_not_ready` while it is still being made, `attachment_unavailable` where there is none."""
    with rooms.store.read() as db:
        row = uploads.find_attachment(db, member, attachment_id)
    return _give(request, uploads.open_thumbnail(rooms.media, row), None)


@router.get("/attachments/{attachment_id}/links", responses=errors(404))
def attachment_links(rooms: House, member: Caller, attachment_id: AttachmentId) -> models.AttachmentLinks:
    """Signed addresses of the file and of its thumbnail, which work without signing in and expire after four hours."""
    with rooms.store.read() as db:
        row = uploads.find_attachment(db, member, attachment_id)
    return models.AttachmentLinks.model_validate(uploads.links_of(rooms.links, row, rooms.clock.now()))


@router.get("/contacts/{contact_id}/picture", response_class=Response, responses={**errors(404), **_FILE_ANSWERS})
def download_picture(request: Request, rooms: House, member: Caller, contact_id: ContactId) -> Response:
    """The picture of a contact, as his provider has it."""
    with rooms.store.read() as db:
        contacts.require_contact(db, member, contact_id)
        opened = uploads.open_picture(rooms.media, db, contact_id)
    return _give(request, opened, None)


@files.get("/files/{signed}")
def linked_file(request: Request, rooms: House, signed: str, wanted: Annotated[str | None, _RANGE] = None) -> Response:
    """A file or a thumbnail, by a signed link that expires: for providers that fetch what is sent, and for pages."""
    link = rooms.links.linked(signed)
    if link is None:
        raise NotFound
    with rooms.store.read() as db:
        row = uploads.linked_attachment(db, link.attachment_id)
    given = uploads.open_thumbnail if link.is_thumbnail else uploads.open_attachment
    return _give(request, given(rooms.media, row), wanted, linked=True)


def _give(request: Request, opened: OpenFile, wanted: str | None, *, linked: bool = False) -> Response:
    part = parse_range(wanted, opened.size)
    headers = {
        "Content-Disposition": _disposition(opened),
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        # Pictures, sound and film are shown on pages of others too (a webchat), by links that expire.
        "Cross-Origin-Resource-Policy": "cross-origin" if linked and opened.inline else "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
        "Accept-Ranges": "bytes",
    }
    if opened.sha256:
        headers["ETag"] = f'"{opened.sha256}"'
    if part is None:
        opened.file.close()
        headers = {"Content-Range": f"bytes */{opened.size}"}
        return problem(request, 416, "no_such_part", "The file has no such part.", headers=headers)
    headers["Content-Length"] = str(part.length)
    if part.is_partial:
        headers["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{opened.size}"
    status = 206 if part.is_partial else 200
    return _FileResponse(opened.file, part, status, headers, opened.mime)


class _FileResponse(StreamingResponse):
    """Closes the file in any case: of who has gone by then, not a byte is read."""

    def __init__(self, file: BinaryIO, part: ByteRange, status: int, headers: Mapping[str, str], mime: str) -> None:
        super().__init__(_read(file, part), status, headers, mime)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._file.close()


def _disposition(opened: OpenFile) -> str:
    """RFC 6266: the plain name for old programs, the real one for the others."""
    plain = "".join(character if " " <= character < "\x7f" and character != '"' else "_" for character in opened.name)
    way = "inline" if opened.inline else "attachment"
    return f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(opened.name, safe='')}"


def _read(file: BinaryIO, part: ByteRange) -> Iterator[bytes]:
    file.seek(part.start)
    left = part.length
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        left -= len(chunk)
        yield chunk


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
