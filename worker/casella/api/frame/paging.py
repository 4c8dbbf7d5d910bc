"""Cursors of lists: opaque to clients, checked in full when they come back, so that a made-up one is an error and
never a broken query."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta

import orjson

from casella.errors import Invalid
from casella.ids import is_id
from casella.store.queries.conversation_queries import Place
from casella.store.queries.message_queries import MessagePlace
from casella.store.queries.people.contact_queries import Place as ContactPlace

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = 253_402_300_799_000_000  # the year 9999
_NUMBER = re.compile(r"[0-9]{1,18}")
_BIGGEST = 2**31 - 1


class BadCursor(Invalid):
    """This is not a cursor of this list; begin without one."""

    code = "bad_cursor"


def conversation_cursor(sort: str, place: Place) -> str:
    return _write("c", sort, None if place.key is None else _micros(place.key), place.id)


def conversation_place(sort: str, cursor: str) -> Place:
    """Raises BadCursor, also for a cursor of another sort."""
    match _read(cursor):
        case ["c", str(written_for), None, str(id)] if written_for == sort and is_id(id):
            return Place(None, id)
        case ["c", str(written_for), int(micros), str(id)] if written_for == sort and is_id(id):
            return Place(_moment(micros), id)
    raise BadCursor


def message_cursor(place: MessagePlace) -> str:
    return _write("m", _micros(place.shown_at), place.sequence)


def message_place(cursor: str) -> MessagePlace:
    """Raises BadCursor."""
    match _read(cursor):
        case ["m", int(micros), int(sequence)] if 0 <= sequence <= _BIGGEST:
            return MessagePlace(_moment(micros), sequence)
    raise BadCursor


def id_cursor(kind: str, id: str) -> str:
    return _write(kind, id)


def id_place(kind: str, cursor: str) -> str:
    """Raises BadCursor, also for a cursor of another kind of list. An id, or a number of up to 18 digits."""
    match _read(cursor):
        case [str(written_for), str(id)] if written_for == kind and (is_id(id) or _NUMBER.fullmatch(id)):
            return id
    raise BadCursor


def number_place(kind: str, cursor: str) -> int:
    """Raises BadCursor. Of a list whose ids are numbers."""
    found = id_place(kind, cursor)
    if not _NUMBER.fullmatch(found):
        raise BadCursor
    return int(found)


def contact_cursor(place: ContactPlace) -> str:
    return _write("k", place.term, place.id)


def contact_place(cursor: str) -> ContactPlace:
    """Raises BadCursor."""
    match _read(cursor):
        case ["k", str(term), str(id)] if is_id(id) and len(term) <= 100 and "\x00" not in term:
            return ContactPlace(term.encode("utf-8", "replace").decode(), id)
    raise BadCursor


def chat_cursor(turned_at: datetime, id: str) -> str:
    return _write("chats", _micros(turned_at), id)


def chat_place(cursor: str) -> tuple[datetime, str]:
    """Raises BadCursor."""
    match _read(cursor):
        case ["chats", int(micros), str(id)] if is_id(id):
            return _moment(micros), id
    raise BadCursor


def _write(*parts: str | int | None) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def _read(cursor: str) -> object:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        return orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise BadCursor from error


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _moment(micros: int) -> datetime:
    if isinstance(micros, bool) or not -_LATEST // 4 <= micros <= _LATEST:
        raise BadCursor
    return _EPOCH + timedelta(microseconds=micros)
