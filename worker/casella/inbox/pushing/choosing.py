"""Who is to be told of an event on his devices, and with which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import orjson
from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.personal import PersonalSettings, in_peace
from casella.inbox.reading import find_member, sees_event
from casella.store.queries.oversight import push_queries
from casella.store.rows import TableRow
from casella.texts import Locale, sentence

What = Literal["messages", "new_conversations", "notices", "chats"]
_LONGEST = 120
_TITLES: Mapping[What, str] = {
    "messages": "A new message",
    "new_conversations": "A conversation waits",
    "notices": "Something concerns you",
    "chats": "A colleague has written",
}
_OF_EVENTS: Mapping[str, str] = {
    "conversation.updated": "A conversation was given to you",
    "subscription.updated": "A subscription was switched off",
}
Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Push:
    """One event for one device. `words`: what the browser's worker is given, as JSON."""

    device_id: str
    conversation_id: str | None
    words: Mapping[str, str]
    urgent: bool


def pushes_of(db: Connection, rooms: Rooms, event: TableRow, now: datetime) -> list[Push]:
    """For each device of who is concerned by the event, sees it, wants to be told, and is not to be left in peace."""
    payload = cast(Payload, orjson.loads(event.payload))
    what, people = _concerned(db, event, payload)
    devices = push_queries.live_devices(db, sorted(set(people))) if what is not None else ()
    made: list[Push] = []
    for agent_id in dict.fromkeys(device.agent_id for device in devices):
        member = find_member(db, agent_id)
        if member is None or what is None or not sees_event(member, event):
            continue
        his = [device for device in devices if device.agent_id == agent_id]
        settings = PersonalSettings.model_validate(his[0].settings or {})
        wanted = settings.notifications
        if not (wanted.enabled and getattr(wanted, what)):
            continue
        if member.do_not_disturb or in_peace(settings, now, rooms.desk.current.timezone):
            continue
        words = _words(what, payload, event, settings, settings.language or cast(Locale, member.locale))
        urgent = what != "new_conversations"
        made += [Push(device.id, event.conversation_id, words, urgent) for device in his]
    return made


def _concerned(db: Connection, event: TableRow, payload: Payload) -> tuple[What | None, Sequence[str]]:
    conversation, message = _part(payload, "conversation"), _part(payload, "message")
    if event.kind == "notice":
        return "notices", [event.agent_id]
    if event.kind == "chat.message":
        people = [event.agent_id] if event.agent_id else push_queries.team(db, event.inbox_id)
        sender = _part(message, "sender").get("id")
        return "chats", [one for one in people if one != sender]
    if event.kind == "subscription.updated":  # with a reason: it was no person who switched it off
        return "notices", [event.agent_id] if "reason" in payload else []
    if event.kind == "conversation.updated":
        return "notices", _given_to(conversation, payload)
    if event.kind != "message.created" or message.get("direction") != "in":
        return None, ()
    holder = _part(conversation, "assignee").get("id")
    if isinstance(holder, str):
        return "messages", [holder]
    members = push_queries.members_of(db, event.inbox_id)
    is_private = conversation.get("world") == "private"
    return ("messages" if is_private else "new_conversations"), members


def _given_to(conversation: Payload, payload: Payload) -> Sequence[str]:
    """Whom somebody else has given the conversation. Who takes it himself knows, and who has had it, too."""
    holder, by, was = _part(conversation, "assignee").get("id"), _part(payload, "by"), payload.get("was")
    if not isinstance(holder, str) or not isinstance(was, dict) or "assignee_id" not in was:
        return ()
    return () if holder in (by.get("agent_id"), was["assignee_id"]) else (holder,)


def _words(
    what: What, payload: Payload, event: TableRow, settings: PersonalSettings, locale: Locale
) -> Mapping[str, str]:
    """Ids, and a title that says nothing; names and words only where he wants them shown on a locked device."""
    title, body = sentence(_OF_EVENTS.get(event.kind, _TITLES[what]), locale), ""
    conversation, message = _part(payload, "conversation"), _part(payload, "message")
    if settings.notifications.preview:
        contact = _part(conversation, "contact")
        name = (
            _part(message, "sender").get("name") if what == "chats" else contact.get("name") or contact.get("address")
        )
        title, body = str(name or title), str(message.get("text") or "")[:_LONGEST]
    ids = {
        "conversation_id": event.conversation_id, "message_id": message.get("id"),
        "chat_id": _part(payload, "chat").get("id"), "notice_id": payload.get("notice_id"),
    }  # fmt: skip
    known = {name: str(id) for name, id in ids.items() if id}
    return {"what": what, "title": title, "body": body, **known}


def _part(whole: Payload, name: str) -> Payload:
    part = whole.get(name)
    return cast(Payload, part) if isinstance(part, dict) else {}
