"""Who waited is served when somebody can serve him, the longest waiting first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from sqlalchemy import select

from casella.inbox.background.queues import serve_queues
from casella.inbox.commands import set_available
from casella.inbox.commands.assigning import recount
from casella.inbox.reading import find_member
from casella.store.tables import agents, conversations, decisions, feed
from tests.house import DESK, House

RULES = """
rules:
  - name: Everything to billing
    when: conversation_opened
    if: always
    then:
      - assign: {team: billing}
"""


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path) as built:
        built.apply(rules=RULES)
        yield built


def write(house: House, number: int, text: str = "Hello") -> None:
    house.receive(house.says(text, sender=f"+39055500{number:04}"))
    house.clock.move(seconds=1)


def holders(house: House) -> list[str | None]:
    """Who has each conversation, in the order they began."""
    names = {row["id"]: row["key"] for row in house.rows(agents)}
    rows = sorted(house.rows(conversations), key=lambda row: row["opened_at"])
    return [names.get(row["assignee_id"]) for row in rows]


def test_nobody_there_means_waiting_and_nothing_is_done(house: House) -> None:
    house.available()
    write(house, 1)
    assert holders(house) == [None]
    assert serve_queues(house.rooms) == 0


def test_the_longest_waiting_go_first_and_capacity_holds(house: House) -> None:
    house.available()
    for number in range(4):
        write(house, number)
    write(house, 0, "Is anybody there?")  # writing again does not push back
    house.available("cleo")  # whose capacity is two
    assert serve_queues(house.rooms) == 2
    assert holders(house) == ["cleo", "cleo", None, None]
    assert serve_queues(house.rooms) == 0
    with house.rooms.store.write() as db:
        assert recount(db) == 0


def test_nobody_new_overtakes_those_who_wait(house: House) -> None:
    house.available()
    write(house, 1)
    house.available("cleo")
    write(house, 2)  # before the queue was served
    assert holders(house) == [None, None]
    assert serve_queues(house.rooms) == 2
    assert holders(house) == ["cleo", "cleo"]


def test_what_people_choose_by_hand_is_left_to_them(house: House) -> None:
    house.apply(rules=RULES.replace("team: billing", "team: billing, strategy: manual"))
    house.available("cleo")
    write(house, 1)
    assert serve_queues(house.rooms) == 0
    (row,) = house.rows(conversations)
    assert (row["assignee_id"], row["queued_at"], row["team_id"] is None) == (None, None, False)


def test_urgent_ones_overtake(house: House) -> None:
    house.available()
    for number in range(3):
        write(house, number)
    last = max(house.rows(conversations), key=lambda row: row["opened_at"])
    with house.rooms.store.write() as db:
        db.execute(conversations.update().where(conversations.c.id == last["id"]).values(priority="urgent"))
    house.available("cleo")
    serve_queues(house.rooms)
    assert holders(house) == ["cleo", None, "cleo"]


def test_why_is_on_record_and_the_feed_tells(house: House) -> None:
    house.available()
    write(house, 1)
    house.available("cleo")
    serve_queues(house.rooms)
    (decision,) = [row for row in house.rows(decisions) if row["event"] == "queue_served"]
    (chosen,) = orjson.loads(decision["outcome"])["assignments"]
    assert chosen["agent_id"] == house.agent("cleo").id
    told = [orjson.loads(row["payload"]) for row in house.rows(feed) if row["kind"] == "conversation.updated"]
    assert told[-1]["by"] == {"queue": "billing"}
    assert told[-1]["conversation"]["assignee"]["id"] == house.agent("cleo").id


def test_who_is_outside_his_own_hours_waits_for_nobody(house: House) -> None:
    desk = DESK.replace(
        "{name: Cleo, email: cleo@desk.example, teams: [billing], capacity: 2}",
        "{name: Cleo, email: cleo@desk.example, teams: [billing], capacity: 2, hours: nights}",
    ).replace("hours:\n", "hours:\n  nights: {week: {monday-sunday: 22:00-06:00}}\n")
    house.apply(desk=desk, rules=RULES)  # the house's clock stands at ten in the morning
    house.available("cleo")
    write(house, 1)
    assert holders(house) == [None]
    house.clock.move(hours=13)
    assert serve_queues(house.rooms) == 1
    assert holders(house) == ["cleo"]


def test_who_waited_is_given_in_the_order_in_which_he_came(house: House) -> None:
    house.available()
    for number in range(6):
        write(house, number)
    house.available("cleo", capacity=None)
    assert serve_queues(house.rooms) == 6
    with house.rooms.store.read() as db:
        given = db.execute(select(conversations.c.assigned_at).order_by(conversations.c.opened_at)).scalars().all()
    assert given == sorted(given)


THREE = """
desk: Three queues
timezone: Europe/Rome
locales: [en]
inboxes:
  support: {name: Support, teams: [red, green, blue]}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
teams:
  red: {name: Red}
  green: {name: Green}
  blue: {name: Blue}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [red, green, blue]}
"""
TO_THREE = "rules:\n" + "".join(
    f"  - {{name: To {team}, when: conversation_opened, if: {{text: {{contains_word: {team}}}}}, "
    f"then: [{{assign: {{team: {team}}}}}]}}\n"
    for team in ("red", "green", "blue")
)


def test_a12_off_means_nothing_from_any_queue_and_on_the_oldest_first(house: House) -> None:
    """A-12: three queues, one switch."""
    house.apply(desk=THREE, rules=TO_THREE, canned="canned: {}\n")

    def switch(*, on: bool) -> None:
        with house.rooms.store.write() as db:
            member = find_member(db, house.agent("ann").id)
            assert member is not None
            set_available(db, house.rooms, member, house.clock.now(), available=on)

    switch(on=True)
    write(house, 1, "red")
    assert holders(house) == ["ann"]
    switch(on=False)
    for number, team in enumerate(("blue", "red", "green", "blue"), 2):
        write(house, number, team)
    assert serve_queues(house.rooms) == 0
    assert holders(house) == ["ann", None, None, None, None], "nothing new from any, and she keeps what she has"
    with house.rooms.store.write() as db:
        db.execute(agents.update().values(capacity=3))
    switch(on=True)
    serve_queues(house.rooms)
    assert holders(house) == ["ann", "ann", "ann", None, None], "the two that have waited longest, whatever their queue"
