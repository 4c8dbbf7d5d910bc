"""Enough rows around one conversation that a planner thinks of its indexes, and that a page of fifty is full."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from casella.ids import new_id
from casella.store.queries.people import contact_index
from casella.store.queries.search_index import append, index_pending
from casella.store.tables import (
    agents,
    attachments,
    channels,
    consents,
    contact_addresses,
    contacts,
    conversation_agents,
    conversation_tags,
    conversations,
    decisions,
    inboxes,
    messages,
    teams,
)
from tests.builders import NOW
from tests.visibility.world import Subject, World

Row = dict[str, object]


def crowd(world: World, around: Subject, *, people: int = 1500, letters: int = 60) -> None:
    """`people`: contacts, each with a conversation of two messages, spread over both inboxes and everybody. `letters`:
    more messages in the one conversation, with files, and more addresses of its contact."""
    with world.house.rooms.store.write() as db:
        _people(db, people)
        _letters(db, around, letters)
        while index_pending(db, 1000):
            pass
    if world.house.rooms.store.dialect == "postgresql":
        with world.house.rooms.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
            plain.exec_driver_sql("ANALYZE")


def _people(db: Connection, people: int) -> None:
    shared = select(inboxes.c.id).where(inboxes.c.owner_id.is_(None))
    of = select(channels.c.id, channels.c.inbox_id, channels.c.connection_id)
    houses = db.execute(of.where(channels.c.inbox_id.in_(shared))).all()
    everybody = list(db.execute(select(agents.c.id)).scalars())
    team = list(db.execute(select(teams.c.id)).scalars())
    rows: dict[str, list[Row]] = {name: [] for name in ("contacts", "addresses", "conversations", "messages", "more")}
    for number in range(people):
        contact, address, conversation = new_id(), new_id(), new_id()
        channel, agent = houses[number % len(houses)], everybody[number % len(everybody)]
        is_open = number % 10 == 0
        rows["contacts"].append({"id": contact, "name": f"Somebody {number}", "custom": {}, "created_at": NOW})
        rows["addresses"].append(
            {"id": address, "contact_id": contact, "kind": "acme", "scope": "", "address": f"+39{new_id()}"}
        )
        rows["conversations"].append({
            "id": conversation, "inbox_id": channel.inbox_id, "channel_id": channel.id, "contact_id": contact,
            "address_id": address, "status": "open" if is_open else "closed", "assignee_id": agent,
            "team_id": team[number % len(team)], "assigned_at": NOW, "opened_at": NOW, "turned_at": NOW,
            "last_message_at": NOW, "last_inbound_at": NOW, "message_count": 2, "last_message_text": "parcel",
            "closed_at": None if is_open else NOW,
        })  # fmt: skip
        rows["messages"] += [_message(conversation, channel.id, place, contact) for place in (1, 2)]
        rows["more"].append({"conversation_id": conversation, "agent_id": agent, "tag": "vip"})
    for table, name in (
        (contacts, "contacts"), (contact_addresses, "addresses"), (conversations, "conversations"),
        (messages, "messages"),
    ):  # fmt: skip
        db.execute(insert(table), rows[name])
    db.execute(
        insert(conversation_tags), [{"conversation_id": r["conversation_id"], "tag": "vip"} for r in rows["more"]]
    )
    db.execute(insert(conversation_agents), [{**_of(row), "takes_part": True} for row in rows["more"]])
    stops = [
        {
            "pool": houses[0].id,
            "address": row["address"],
            "state": "opted_out",
            "source": "s",
            "evidence": "",
            "at": NOW,
        }
        for row in rows["addresses"]
    ]
    db.execute(insert(consents), stops)
    append(db, [str(row["id"]) for row in rows["messages"]])
    contact_index.renew(db, [str(row["id"]) for row in rows["contacts"]])


def _of(row: Row) -> Row:
    return {"conversation_id": row["conversation_id"], "agent_id": row["agent_id"]}


def _message(conversation: str, channel: str, place: int, contact: str) -> Row:
    id = new_id()
    return {
        "id": id, "conversation_id": conversation, "channel_id": channel, "sequence": place, "direction": "in",
        "kind": "text", "text": f"A parcel zq{place}zq", "sender_kind": "contact", "sender_id": contact,
        "external_id": id, "received_at": NOW, "shown_at": NOW, "state": "received", "reply_to_external": "quoted",
    }  # fmt: skip


def _letters(db: Connection, around: Subject, letters: int) -> None:
    of = conversations.c
    here = db.execute(select(of.channel_id, of.contact_id).where(of.id == around.conversation)).one()
    fresh = [
        {**_message(around.conversation, here.channel_id, 100 + number, here.contact_id), "has_attachments": True}
        for number in range(letters)
    ]
    db.execute(insert(messages), fresh)
    db.execute(
        insert(attachments),
        [
            {"id": new_id(), "message_id": row["id"], "kind": "image", "mime": "image/png", "state": "stored",
             "created_at": NOW}
            for row in fresh
        ],
    )  # fmt: skip
    db.execute(
        insert(contact_addresses),
        [
            {"id": new_id(), "contact_id": here.contact_id, "kind": "acme", "scope": "", "address": f"+39{new_id()}"}
            for _ in range(5)
        ],
    )
    decided = db.execute(select(decisions).limit(1)).one()._mapping
    more = [{**decided, "id": new_id(), "cause_id": row["id"], "conversation_id": around.conversation} for row in fresh]
    db.execute(insert(decisions), more)
    db.execute(
        update(conversations).where(of.id == around.conversation).values(message_count=of.message_count + letters)
    )
    append(db, [str(row["id"]) for row in fresh])
