"""Whom, what and where to ask for in a house: found in its rows, so that every house is asked the same."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bench.rig.inbox.kept import House
from bench.rig.inbox.words import COMMON, COMMON_ITALIAN, vocabulary
from casella.store import Store
from casella.store.tables import agents, contacts, conversations, messages, teams

Values = Mapping[str, str]
"""Something to ask for, by what it is called in the table."""


@dataclass(frozen=True)
class Samples:
    """`filters`: by the name of the parameter; what `queries` look for; conversations to open, by status."""

    filters: Mapping[str, Values]
    queries: Values
    conversations: Mapping[str, Sequence[str]]
    longest: str
    people: Values


def take(house: House, viewer: str) -> Samples:
    """Of what this agent sees."""
    store = Store(house.database_url)
    try:
        with store.read() as db:
            return _take(db, house, viewer)
    finally:
        store.close()


def _take(db: Connection, house: House, viewer: str) -> Samples:
    columns, inbox = conversations.c, _inbox_of(house, viewer)
    here = columns.inbox_id == inbox
    per_contact = select(columns.contact_id).group_by(columns.contact_id).order_by(func.count().desc()).limit(1)
    busy = db.execute(per_contact).scalar_one()
    usual = db.execute(select(columns.contact_id).where(here).order_by(columns.id).limit(1)).scalar_one()
    longest = db.execute(select(columns.id).where(here).order_by(columns.message_count.desc()).limit(1)).scalar_one()
    team = db.execute(select(teams.c.key).where(teams.c.id == _team_of(db, inbox))).scalar_one()
    colleague = db.execute(select(agents.c.id).where(agents.c.key == "agent-1")).scalar_one()
    name = db.execute(select(contacts.c.name).where(contacts.c.id == usual)).scalar_one()
    return Samples(
        filters={
            "inbox": {"largest it sees": inbox},
            "channel": {"of that inbox": f"number-{house.inboxes.index(inbox)}"},
            "assignee": {
                **{word: word for word in ("me", "others", "unassigned", "with_me")},
                "a colleague": colleague,
            },
            "team": {"of that inbox": team},
            "tag": {"vip": "vip"},
            "kind": {"sms": "sms"},
            "ids": {"one": _some(db, inbox, "closed")[0]},
            "contact": {"the busiest": busy, "another": usual},
        },
        queries=_queries(db),
        conversations={status: _some(db, inbox, status) for status in ("open", "closed")},
        longest=longest,
        people={
            "name": str(name),
            "beginning of a name": str(name)[:3],
            "number": "+393330000123",
            "digits": "0000123",
        },
    )


def _inbox_of(house: House, viewer: str) -> str:
    """The largest one he sees: agent n is of team n."""
    number = int(viewer.rpartition("-")[2]) % len(house.inboxes) if viewer.startswith("agent-") else 0
    return house.inboxes[number]


def _team_of(db: Connection, inbox_id: str) -> str:
    query = select(conversations.c.team_id).where(conversations.c.inbox_id == inbox_id).limit(1)
    return str(db.execute(query).scalar_one())


def _some(db: Connection, inbox_id: str, status: str) -> list[str]:
    columns = conversations.c
    query = select(columns.id).where(columns.inbox_id == inbox_id, columns.status == status).order_by(columns.id)
    found = list(db.execute(query.limit(20_000)).scalars())
    return random.Random(5).sample(found, min(40, len(found)))


def _queries(db: Connection) -> Values:
    """A rare word, words of every frequency, and several at once. An order number is in one message."""
    english = vocabulary("en")
    newest = select(messages.c.text).order_by(messages.c.id.desc()).limit(200)
    phrase = next(text for text in db.execute(newest).scalars() if text.count(" ") > 7 and " nr" not in text)
    return {
        "order number, in one": "nr0000030",
        "in none": "zzyzx",
        "rank 5000": english[4_999],
        "rank 1000": english[999],
        "rank 100": english[99],
        "in half of all": COMMON,
        "two common": f"{COMMON} {english[1]}",
        "two common, never together": f"{COMMON} {COMMON_ITALIAN}",
        "common and rare": f"{COMMON} {english[4_999]}",
        "phrase of five": " ".join(phrase.split()[1:6]),
        "one letter": COMMON[0],
    }
