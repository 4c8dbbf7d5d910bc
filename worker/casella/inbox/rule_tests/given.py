"""The world before anything happens, as rows: who is on duty, who waits, who the customer is, what he has said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from casella.desk import Desk
from casella.desk.test_file.parts import Given, GivenAgent, GivenContact, GivenConversation
from casella.ids import new_id
from casella.inbox.consent import entry, pool_of
from casella.inbox.house import ChannelEntry, Deskbook, Rooms, address_key
from casella.inbox.rule_tests.world import World
from casella.inbox.state import IDLE, WAITING, Values, arm, open_timers, outgoing_row, silence_timer
from casella.origins import number_of
from casella.store.tables import (
    agents,
    consents,
    contact_addresses,
    contact_favourites,
    contact_tags,
    contacts,
    conversation_tags,
    conversations,
    messages,
    timers,
)

#: A number of no country, so that nothing is known of who has it.
_SOMEBODY = "+99900000001"


def contact_address(rooms: Rooms, channel: ChannelEntry, contact: GivenContact) -> str:
    """Where the customer writes from: as far as a channel has numbers, the one that is given, or one of his country."""
    if rooms.host.plugin(channel.channel_type).capabilities.address_kind != "phone":
        return "somebody"
    return contact.phone or (number_of(contact.country) if contact.country else None) or _SOMEBODY


def on_duty(desk: Desk, given: Given) -> Mapping[str, GivenAgent]:
    """Who is on duty, and how busy. The conversation that is given is one of those that are open."""
    everybody = {key: GivenAgent() for key, agent in desk.parts.agents.items() if agent.teams}
    found = dict(given.agents) if given.agents is not None else everybody
    has = given.conversation.assignee if given.conversation and given.conversation.status != "closed" else None
    if has in found and not found[has].open:
        found[has] = found[has].model_copy(update={"open": 1})
    return found


def lay_out(db: Connection, world: World, given: Given) -> None:
    """Write all of it."""
    now, rows = world.now, _Rows(db, world)
    if given.agents is not None or given.conversation is not None:
        _agents(db, on_duty(world.desk, given))
    for team, number in given.queues.items():
        for _ in range(number):
            rows.conversation(rows.contact(new_id()), now, team_id=rows.team(team), queued_at=now - timedelta(hours=1))
    if given.contact.model_fields_set or given.conversation or rows.served(given):
        customer = _contact(rows, given)
        if given.conversation is not None:
            _conversation(rows, given.conversation, customer)
    if given.contact.opted_out:
        key = (pool_of(world.rooms, world.channel), world.address)
        db.execute(insert(consents), entry(key, "opted_out", "keyword", "STOP", now, agent_id=None, message_id=None))


def begin_conversation(db: Connection, world: World) -> str:
    """One in which nothing was said yet. Returns its id."""
    rows = _Rows(db, world)
    known = db.execute(select(contact_addresses).where(contact_addresses.c.id == world.addresses)).one_or_none()
    customer = (known.contact_id, known.id) if known is not None else rows.contact(world.address)
    return rows.conversation(customer, world.now)


def quotable(db: Connection, world: World, text: str) -> str:
    """The external id of a message that says this: one of the customer's own conversations, or one made for it."""
    channel = world.channel
    same = (messages.c.channel_id == channel.id) & (messages.c.text == text) & messages.c.external_id.is_not(None)
    if (known := db.execute(select(messages.c.external_id).where(same).limit(1)).scalar_one_or_none()) is not None:
        return str(known)
    rows, id = _Rows(db, world), new_id()
    elsewhere = rows.conversation(rows.contact(id), world.now, status="closed", closed_at=world.now)
    row = outgoing_row(id, channel.id, text, world.now, sender_kind="agent", sender_id=None, state="sent")
    db.execute(insert(messages), {**row, "conversation_id": elsewhere, "sequence": 1, "external_id": id})
    return id


class _Rows:
    """Writes rows of one channel."""

    def __init__(self, db: Connection, world: World) -> None:
        self.db, self.rooms, self.channel, self.world = db, world.rooms, world.channel, world

    def contact(self, address: str, **values: object) -> tuple[str, str]:
        """Ids of a new contact and his address."""
        kind, scope, _ = address_key(self.rooms, self.channel, address)
        contact_id, address_id = new_id(), new_id()
        self.db.execute(insert(contacts), {"id": contact_id, "created_at": self.world.now, "custom": {}, **values})
        row = {"id": address_id, "contact_id": contact_id, "kind": kind, "scope": scope, "address": address}
        self.db.execute(insert(contact_addresses), row)
        return contact_id, address_id

    def conversation(self, of: tuple[str, str], opened_at: datetime, **values: object) -> str:
        row: Values = {
            "id": new_id(), "inbox_id": self.channel.inbox.id, "channel_id": self.channel.id, "contact_id": of[0],
            "address_id": of[1], "opened_at": opened_at, "turned_at": opened_at, **values,
        }  # fmt: skip
        self.db.execute(insert(conversations), row)
        return str(row["id"])

    def team(self, key: str | None) -> str | None:
        team = self.rooms.directory.current.team(key)
        return team.id if team else None

    def agent(self, key: str | None) -> str | None:
        known = self.rooms.directory.current.agents.values()
        return next((one.id for one in known if one.key == key), None)

    @staticmethod
    def served(given: Given) -> str | None:
        """Who served the customer last."""
        return next((key for key, agent in (given.agents or {}).items() if agent.served_last), None)


def _agents(db: Connection, duty: Mapping[str, GivenAgent]) -> None:
    db.execute(update(agents).values(available=False))
    for key, agent in duty.items():
        values = {"available": agent.available, "open_conversations": agent.open}
        more = {} if agent.capacity is None else {"capacity": agent.capacity}
        db.execute(update(agents).where(agents.c.key == key).values(**values, **more))


def _contact(rows: _Rows, given: Given) -> tuple[str, str]:
    contact, served, now = given.contact, rows.agent(rows.served(given)), rows.world.now
    own = rows.contact(rows.world.address, name=contact.name, locale=contact.language, custom=dict(contact.custom))
    if contact.favourite:  # of everybody, whoever has the conversation
        everybody = rows.rooms.directory.current.agents
        rows.db.execute(insert(contact_favourites), [{"agent_id": id, "contact_id": own[0]} for id in everybody])
    if contact.tags:
        rows.db.execute(insert(contact_tags), [{"contact_id": own[0], "tag": tag} for tag in set(contact.tags)])
    earlier = max(contact.conversations - 1, int(contact.is_new is False), int(served is not None))
    newest = now - timedelta(seconds=given.conversation.age) if given.conversation else now
    for number in range(earlier):
        at, by = newest - timedelta(days=earlier - number), served if number == 0 else None
        rows.conversation(
            own, at, status="closed", closed_at=at, assignee_id=by, assigned_at=at if by else None, message_count=1
        )
    return own


def _conversation(rows: _Rows, wanted: GivenConversation, customer: tuple[str, str]) -> None:
    now = rows.world.now
    waiting = now - timedelta(seconds=wanted.waiting) if wanted.waiting is not None else None
    team, agent = rows.team(wanted.team), rows.agent(wanted.assignee)
    queued = team is not None and agent is None and wanted.status == "open"
    spoken = waiting or now
    campaign = {"id": "", "name": wanted.campaign} if wanted.campaign else None
    id = rows.conversation(
        customer, now - timedelta(seconds=wanted.age), status=wanted.status, priority=wanted.priority, team_id=team,
        subject=wanted.subject, campaign=campaign, started_by=wanted.started_by, assignee_id=agent,
        queued_at=now if queued else None,
        waiting_since=waiting, last_message_at=spoken, last_inbound_at=spoken, message_count=wanted.messages,
        closed_at=now if wanted.status == "closed" else None,
    )  # fmt: skip
    if wanted.tags:
        rows.db.execute(insert(conversation_tags), [{"conversation_id": id, "tag": tag} for tag in set(wanted.tags)])
    if wanted.status != "closed":
        _silences(rows.db, rows.rooms.desk.current, id, {WAITING: waiting, IDLE: spoken}, now)


def _silences(
    db: Connection, book: Deskbook, conversation_id: str, since: Mapping[str, datetime | None], now: datetime
) -> None:
    """Times that are over when the test begins have woken their rules before; the others come."""
    for kind, begun in since.items():
        if begun:
            arm(db, [one for one in open_timers(book, kind, conversation_id, begun) if one.due_at >= now])
        for seconds in book.silences.get(kind, ()) if begun else ():
            assert begun is not None, "asked a line ago"
            timer = silence_timer(kind, conversation_id, begun, seconds)
            arm(db, [timer])
            if timer.due_at >= now:
                break
            same = (timers.c.kind == kind) & (timers.c.subject_id == conversation_id)  # those in open time are to come
            db.execute(update(timers).where(same, timers.c.due_at < now).values(state="fired"))
