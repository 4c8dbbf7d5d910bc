"""Beginning a conversation with a contact (S-11). On channels where only the contact may begin one, nothing is sent:
the refusal says so, and names a channel that could be used instead, if there is one (S-12, A-3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from casella.errors import Conflict, Invalid, JsonScalar, NotFound, PluginFailed, SendRefused
from casella.inbox.activity import Actor
from casella.inbox.assignment import capacity
from casella.inbox.house import AddressKey, ChannelEntry, Rooms, able, address_key, phone_of
from casella.inbox.reading import Member, contacts
from casella.inbox.sending import Draft, Recipient, judge, judge_writer, queue_reply
from casella.inbox.state import OPENED, Workspace, load, tell_rules
from casella.store.tables import contact_addresses


class NoChannel(SendRefused):
    """There is no channel to send by yet; a manager connects one first."""

    code = "no_channel"


class OpenElsewhere(Conflict):
    """This contact's conversation on this channel is open in an inbox that you do not see; its members go on with
    it."""

    code = "open_elsewhere"


def start(
    db: Connection, rooms: Rooms, member: Member, channel: str, to: str | None, contact_id: str | None, draft: Draft,
    at: datetime,
) -> tuple[str, str]:  # fmt: skip
    """Queue the first message of a conversation, which is the member's, also on a number of his own (S-13); in the open
    one with this contact if there is one. `to`: an address, or `contact_id` somebody known. Returns the ids of
    conversation and message. Raises NotFound, Invalid, Conflict, OpenElsewhere, and SendRefused with
    `conversation_not_startable` and what instead."""
    judge_writer(rooms, draft.way).require()
    if not any(entry.inbox.id in member.every_inbox_id for entry in rooms.directory.current.channels.values()):
        raise NoChannel
    entry = _channel(rooms, channel, member.every_inbox_id)
    if entry.inbox.owner_id is None:
        rooms.desk.current.require_engagement(entry.inbox.key)
    known = _addresses(db, rooms, member, contact_id, to)
    if not able(rooms, entry).business_may_start:
        raise _not_startable(rooms, entry, known, member, at)
    address = to or _address_for(rooms, entry, known)
    # Asked before anybody is made a contact; the conversation is asked again when it is there.
    judge(rooms, entry, Recipient(address, False, True, "open", None), at, draft.way).require()
    conversation_id, is_new = _conversation(db, rooms, entry, address, member, at)
    message_id = queue_reply(db, rooms, conversation_id, draft, at)
    if is_new and entry.inbox.owner_id is None:
        tell_rules(rooms, db, OPENED, [(message_id, conversation_id)], at)
    return conversation_id, message_id


def _channel(rooms: Rooms, name: str, among: Collection[str]) -> ChannelEntry:
    for entry in rooms.directory.current.channels.values():
        if name in (entry.id, entry.key) and entry.inbox.id in among:
            return entry
    raise NotFound("There is no such channel, or it is not yours to see.")


def _addresses(
    db: Connection, rooms: Rooms, member: Member, contact_id: str | None, to: str | None
) -> list[AddressKey]:
    """The addresses of whoever is meant, as far as the member may know them: those of a contact he sees, or the one
    he has named."""
    columns = contact_addresses.c
    query = select(columns.kind, columns.scope, columns.address)
    if contact_id is not None:
        contacts.require_contact(db, member, contact_id)
        query = query.where(columns.contact_id == contact_id)
    else:
        query = query.where(columns.address == to)
    return [(row.kind, row.scope, row.address) for row in db.execute(query.order_by(columns.id))]


def _address_for(rooms: Rooms, entry: ChannelEntry, known: Collection[AddressKey]) -> str:
    for kind, scope, address in known:
        key = address_key(rooms, entry, address)
        if key == (kind, scope, address) or (entry.inbox.owner_id and key[0] == kind and phone_of(kind, address)):
            return address
    raise Invalid("This contact has no address that this channel reaches.", code="no_address_for_channel")


def _not_startable(
    rooms: Rooms, entry: ChannelEntry, known: Collection[AddressKey], member: Member, at: datetime
) -> SendRefused:
    """Why, and instead: the first of the member's channels that may begin one, and reaches this contact."""
    text = "On this channel a conversation begins with the contact."
    for other in rooms.directory.current.channels.values():
        if other.inbox.id not in member.inbox_ids or other is entry:
            continue
        if (address := _reached_by(rooms, other, known, at)) is not None:
            more: dict[str, JsonScalar] = {
                "alternative_channel_id": other.id,
                "alternative_channel_type": other.channel_type,
                "alternative_address": address,
            }
            instead = f"Begin it on {other.name}."
            return SendRefused(text, code="conversation_not_startable", instead=instead, **more)
    return SendRefused(text, code="conversation_not_startable", instead="Wait for the contact to write.")


def _reached_by(rooms: Rooms, other: ChannelEntry, known: Collection[AddressKey], at: datetime) -> str | None:
    try:
        if not able(rooms, other).business_may_start:
            return None
        for kind, scope, address in known:
            fits = address_key(rooms, other, address) == (kind, scope, address)
            if fits and judge(rooms, other, Recipient(address, False, True, "open", None), at).allowed:
                return address
    except PluginFailed:  # set aside: no alternative
        return None
    return None


def _conversation(
    db: Connection, rooms: Rooms, entry: ChannelEntry, address: str, member: Member, at: datetime
) -> tuple[str, bool]:
    """Its id, and whether it begins now."""
    work, key = Workspace(rooms, db, at), address_key(rooms, entry, address)
    load(work, {key: [entry]})
    known = work.addresses.get(key)
    existing = work.conversations.get((entry.id, known.id)) if known else None
    if existing is not None and existing.inbox.id not in member.every_inbox_id:
        raise OpenElsewhere
    if existing is not None:
        return existing.id, False
    conversation = work.conversation(entry, work.address(key, None), at, "agent")
    conversation.acted_by = Actor("agent", member.id)
    if conversation.is_shared:
        conversation.assign(member.id, at)
    try:
        with db.begin_nested():
            work.write()
    except IntegrityError:
        raise Conflict("The contact has just written; look again.", code="already_open") from None
    if conversation.is_shared:
        capacity.take_over(db, member.id, at)
    return conversation.id, True
