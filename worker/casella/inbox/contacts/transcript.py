"""A conversation as a file (A-18): everything that was written in it, oldest first, and nothing of it changed.

As JSON, a line for each message; as text, for people, with the times of the inbox. In text, whatever stands on further
lines of a message is indented: nobody can write what looks like somebody else's line.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson

from casella.inbox.house import Rooms
from casella.inbox.reading import Member, lists, read_conversation
from casella.inbox.views import ConversationView, MessageView
from casella.store.queries.message_queries import MessagePlace

PAGE = 200
_BEGINNING = MessagePlace(datetime(1970, 1, 1, tzinfo=UTC), 0)
_FURTHER = "    "


def as_json(rooms: Rooms, member: Member, conversation_id: str, *, notes: bool) -> Iterator[bytes]:
    """A message a line, as the API shows it. Raises NotFound when the first one is asked for."""
    return (orjson.dumps(message) + b"\n" for message in _messages(rooms, member, conversation_id, notes))


def as_text(rooms: Rooms, member: Member, conversation_id: str, *, notes: bool) -> Iterator[bytes]:
    """For people. Raises NotFound, before anything is given."""
    with rooms.store.read() as db:
        view = read_conversation(db, member, conversation_id)
    inbox = rooms.directory.current.inboxes.get(view.inbox.id)
    zone = ZoneInfo(inbox.timezone if inbox else "UTC")
    return (part.encode() for part in _written(view, zone, _messages(rooms, member, conversation_id, notes)))


def _messages(rooms: Rooms, member: Member, conversation_id: str, notes: bool) -> Iterator[MessageView]:
    """Read a page at a time: a conversation may be longer than one wants to hold."""
    place: MessagePlace | None = _BEGINNING
    while place is not None:
        with rooms.store.read() as db:
            page = lists.list_messages(db, member, conversation_id, PAGE, after=place)
        yield from (one for one in page.items if notes or one.direction != "note")
        place = page.newer


def _written(view: ConversationView, zone: ZoneInfo, messages: Iterator[MessageView]) -> Iterator[str]:
    who = view.contact.name or view.contact.address
    yield f"{_line(who)} · {_line(view.channel.name)} · {_line(view.inbox.name)} · {zone.key}\n\n"
    for one in messages:
        at = (one.provider_time or one.received_at).astimezone(zone)
        name = one.sender.name or (who if one.sender.kind == "contact" else view.inbox.name)
        note = " (note)" if one.direction == "note" else " (rule)" if one.sender.kind == "rule" else ""
        text = f"\n{_FURTHER}".join(one.text.splitlines())
        yield f"[{at:%Y-%m-%d %H:%M}] {_line(name)}{note}: {text}\n"
        for file in one.attachments:
            yield f"{_FURTHER}[{_line(file.name or file.kind)}, {file.mime}]\n"


def _line(text: str) -> str:
    return " ".join(text.split())
