"""Beginning a conversation with a contact (S-11). On channels where only the contact may begin one, nothing is sent:
the refusal says so, and names a channel that could be used instead, if there is one (S-12, A-3)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Row, Table, insert, select
from sqlalchemy.exc import IntegrityError

from casella.errors import Conflict, Invalid, JsonScalar, NotFound, PluginFailed, SendRefused
from casella.ids import new_id
from casella.inbox.assignment import capacity
from casella.inbox.consent import address_key
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.reading import Member, overview
from casella.inbox.sending import Draft, Recipient, judge, judge_writer, queue_reply
from casella.inbox.state import OPENED, AddressKey, Values, tell_rules
from casella.store.tables import contact_addresses, contacts, conversations


def start(
    db: Connection, rooms: Rooms, member: Member, channel: str, to: str | None, contact_id: str | None, draft: Draft,
    at: datetime,
) -> tuple[str, str]:  # fmt: skip
    """Queue the first message of a conversation, which is the member's; in the open one with this contact if there is
    one. `to`: an address, or `contact_id` somebody known. Returns the ids of conversation and message. Raises
    NotFound, Invalid, Conflict, and SendRefused with `conversation_not_startable` and the alternative."""
    judge_writer(rooms, draft.way).require()
    entry = _channel(rooms, channel, member.inbox_ids)
    known = _addresses(db, rooms, member, contact_id, to)
    if not able(rooms, entry).business_may_start:
        raise _not_startable(rooms, entry, known, member, at)
    address = to or _address_for(rooms, entry, known)
    # Asked before anybody is made a contact; the conversation is asked again when it is there.
    judge(rooms, entry, Recipient(address, False, True, "open", None), at, draft.way).require()
    conversation_id, is_new = _conversation(db, rooms, entry, address, member, at)
    message_id = queue_reply(db, rooms, conversation_id, draft, at)
    if is_new:
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
        overview.contact(db, rooms, member, contact_id)
        query = query.where(columns.contact_id == contact_id)
    else:
        query = query.where(columns.address == to)
    return [(row.kind, row.scope, row.address) for row in db.execute(query.order_by(columns.id))]


def _address_for(rooms: Rooms, entry: ChannelEntry, known: Collection[AddressKey]) -> str:
    for kind, scope, address in known:
        if address_key(rooms, entry, address) == (kind, scope, address):
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
    kind, scope, _ = address_key(rooms, entry, address)
    found = _find(db, kind, scope, address)
    if found is None:
        found = _new_contact(db, kind, scope, address, at)
    same = (conversations.c.channel_id == entry.id) & (conversations.c.address_id == found.id)
    query = select(conversations.c.id).where(same, conversations.c.status != "closed")
    existing = db.execute(query).scalar_one_or_none()
    if existing is not None:
        return str(existing), False
    row: Values = {
        "id": new_id(), "inbox_id": entry.inbox.id, "channel_id": entry.id, "contact_id": found.contact_id,
        "address_id": found.id, "status": "open", "started_by": "agent", "assignee_id": member.id, "assigned_at": at,
        "opened_at": at, "turned_at": at,
    }  # fmt: skip
    _insert(db, conversations, row)
    capacity.take_over(db, member.id, at)
    return str(row["id"]), True


def _find(db: Connection, kind: str, scope: str, address: str) -> Row[tuple[object, ...]] | None:
    columns = contact_addresses.c
    same = (columns.kind == kind) & (columns.scope == scope) & (columns.address == address)
    return db.execute(select(contact_addresses).where(same)).one_or_none()


def _new_contact(db: Connection, kind: str, scope: str, address: str, at: datetime) -> Row[tuple[object, ...]]:
    contact_id = new_id()
    db.execute(insert(contacts), {"id": contact_id, "name": None, "locale": None, "custom": {}, "created_at": at})
    row: Values = {"id": new_id(), "contact_id": contact_id, "kind": kind, "scope": scope, "address": address}
    _insert(db, contact_addresses, row)
    made = _find(db, kind, scope, address)
    assert made is not None, "just inserted"
    return made


def _insert(db: Connection, table: Table, row: Values) -> None:
    try:
        with db.begin_nested():
            db.execute(insert(table), row)
    except IntegrityError:
        raise Conflict("The contact has just written; look again.", code="already_open") from None
