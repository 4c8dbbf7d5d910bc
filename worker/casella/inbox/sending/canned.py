"""Canned messages for agents: which there are in an inbox, what one says to a contact, and what is missing for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.desk import VARIABLES, CannedMessage, Desk, InputsMissing, fill, first_name
from casella.errors import Invalid, NotFound
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, read_conversation
from casella.inbox.views import ConversationView
from casella_rules.language.text import collapsed, fold


@dataclass(frozen=True, slots=True)
class CannedView:
    """One message as agents choose it. `variables`: what is filled in; `locales`: those it is written in."""

    key: str
    phrase: str | None
    description: str
    text: str
    locales: Sequence[str]
    variables: Sequence[str]


@dataclass(frozen=True, slots=True)
class CannedPreview:
    """What would be sent. `text` is None as long as inputs are `missing`; give them by these names."""

    key: str
    locale: str
    text: str | None
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class CannedWish:
    """Which message, by its key or its key phrase; in which locale (None: the inbox's); what is given by hand."""

    key: str | None = None
    phrase: str | None = None
    locale: str | None = None
    inputs: Mapping[str, str] | None = None


def list_canned(db: Connection, rooms: Rooms, member: Member, conversation_id: str) -> list[CannedView]:
    """The canned messages that fit the conversation's inbox, in the desk's order. Raises NotFound."""
    view = _seen(db, rooms, member, conversation_id)
    desk = rooms.desk.current.desk
    locale = _locale(rooms, view, None)
    return [_view(message, locale) for message in desk.canned_for(view.inbox.key)] if desk else []


def with_phrase(messages: Sequence[CannedView], phrase: str) -> list[CannedView]:
    """Those that the key phrase stands for: one, or none."""
    wanted = fold(collapsed(phrase))
    return [message for message in messages if message.phrase and fold(message.phrase) == wanted]


def preview(db: Connection, rooms: Rooms, member: Member, conversation_id: str, wish: CannedWish) -> CannedPreview:
    """What the message would say in this conversation. Raises NotFound, Invalid, TextTooLong."""
    view = _seen(db, rooms, member, conversation_id)
    message = _chosen(rooms.desk.current.desk, view.inbox.key, wish)
    locale = _locale(rooms, view, wish.locale)
    try:
        text = fill(message, locale, _values(view, member, wish.inputs or {}))
    except InputsMissing as error:
        return CannedPreview(message.key, locale, None, error.missing)
    return CannedPreview(message.key, locale, text, ())


def filled(db: Connection, rooms: Rooms, member: Member, conversation_id: str, wish: CannedWish) -> str:
    """The message's text for this conversation, ready to be sent. Raises NotFound, Invalid, InputsMissing with all
    that is missing, TextTooLong."""
    view = _seen(db, rooms, member, conversation_id)
    message = _chosen(rooms.desk.current.desk, view.inbox.key, wish)
    return fill(message, _locale(rooms, view, wish.locale), _values(view, member, wish.inputs or {}))


def question(db: Connection, rooms: Rooms, member: Member, conversation_id: str, key: str) -> str:
    """A survey's, by the key of its canned message, ready to be sent. Raises what `filled` raises."""
    view, desk = read_conversation(db, member, conversation_id), rooms.desk.current.desk
    message = desk.canned.get(key) if desk is not None else None
    if message is None:
        raise NotFound("There is no such canned message in this inbox.")
    return fill(message, _locale(rooms, view, None), _values(view, member, {}))


def _seen(db: Connection, rooms: Rooms, member: Member, conversation_id: str) -> ConversationView:
    """Raises NotFound, and NotAllowed where canned messages are not in the plan."""
    view = read_conversation(db, member, conversation_id)
    rooms.desk.current.require_feature(view.inbox.key, "canned")
    return view


def _chosen(desk: Desk | None, inbox: str, wish: CannedWish) -> CannedMessage:
    found = None
    if desk is not None and wish.key is not None:
        found = next((message for message in desk.canned_for(inbox) if message.key == wish.key), None)
    elif desk is not None and wish.phrase is not None:
        found = desk.by_phrase(wish.phrase, inbox)
    if found is None:
        raise NotFound("There is no such canned message in this inbox.")
    return found


def _locale(rooms: Rooms, view: ConversationView, wanted: str | None) -> str:
    if wanted:
        return wanted
    inbox = rooms.directory.current.inboxes.get(view.inbox.id)
    return inbox.locale if inbox else "en"


def _values(view: ConversationView, member: Member, inputs: Mapping[str, str]) -> dict[str, str | None]:
    strange = sorted(set(inputs) - set(VARIABLES))
    if strange:
        raise Invalid(
            f"No message asks for {strange[0]}; give {', '.join(VARIABLES)}.", code="unknown_input", input=strange[0]
        )
    known = {
        "contact.name": view.contact.name,
        "contact.first_name": first_name(view.contact.name),
        "contact.phone": view.contact.address if view.contact.address.startswith("+") else None,
        "agent.name": member.name,
        "agent.first_name": first_name(member.name),
        "conversation.id": view.id,
        "inbox.name": view.inbox.name,
    }
    return {**known, **{name: text for name, text in inputs.items() if text.strip()}}


def _view(message: CannedMessage, locale: str) -> CannedView:
    return CannedView(
        message.key,
        message.phrase,
        message.description,
        message.text_for(locale),
        tuple(message.texts),
        tuple(sorted(message.variables)),
    )
