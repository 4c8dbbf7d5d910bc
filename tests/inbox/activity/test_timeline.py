"""Who has done what: written with the change, once, by whoever it was."""

from __future__ import annotations

from datetime import UTC, datetime

from casella.inbox.activity import ActivityView, list_activity, list_statuses
from casella.inbox.background.timers_due import fire_due
from casella.inbox.commands import prioritizing, set_available, tagging
from casella.inbox.reading import find_member
from casella.store.tables import conversations
from tests.house import ANNA, House

RULES = """
rules:
  - name: Orders
    when: message_received
    if: {text: {contains_word: order}}
    then:
      - tag: [order]
      - assign: {team: front}
      - snooze: 2h
"""


def timeline(house: House) -> list[ActivityView]:
    """The oldest first."""
    with house.rooms.store.read() as db:
        return list(reversed(list_activity(db, str(house.one(conversations)["id"]), None, 100)))


def told(house: House) -> list[tuple[str, str | None, str, str | None, str | None]]:
    return [
        (one.by.kind, one.by.name, one.what, getattr(one.before, "name", None), getattr(one.after, "name", None))
        for one in timeline(house)
    ]


def test_what_people_do_by_hand(house: House) -> None:
    house.receive(house.says("Hello"))
    conversation, ann, at = str(house.one(conversations)["id"]), house.agent("ann").id, house.clock.now()
    house.assign(conversation, "ann", by="mara")
    house.assign(conversation, "bob", by="mara", expected="ann")
    with house.rooms.store.write() as db:
        for _ in range(2):  # what it has already is no deed
            tagging.add_tag(db, house.rooms, conversation, "vip", by=ann, at=at)
            prioritizing.set_priority(db, house.rooms, conversation, "high", by=ann, at=at)
        tagging.remove_tag(db, house.rooms, conversation, "vip", by=ann, at=at)
    house.close_conversation(conversation, by="ann")
    house.close_conversation(conversation, by="ann")
    house.reopen(conversation, by="mara")
    assert told(house) == [
        ("agent", "Mara", "assigned", None, "Ann"),
        ("agent", "Mara", "assigned", "Ann", "Bob"),
        ("agent", "Ann", "tagged", None, "vip"),
        ("agent", "Ann", "prioritized", "normal", "high"),
        ("agent", "Ann", "untagged", "vip", None),
        ("agent", "Ann", "closed", "open", "closed"),
        ("agent", "Mara", "unassigned", "Bob", None),
        ("agent", "Mara", "reopened", "closed", "open"),
    ]
    assert all(one.at == at for one in timeline(house))


def test_what_rules_do_and_the_contact_and_the_house(house: House) -> None:
    house.apply(rules=RULES)
    house.available("ann")
    house.receive(house.says("My order"))
    until = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert told(house) == [
        ("rule", "Orders", "tagged", None, "order"),
        ("rule", "Orders", "team_changed", None, "Front desk"),
        ("rule", "Orders", "assigned", None, "Ann"),
        ("rule", "Orders", "snoozed", "open", until.isoformat()),
    ]
    house.receive(house.says("Are you there?", ANNA))
    woken = timeline(house)[-1]
    assert (woken.by.kind, woken.what) == ("contact", "woken")


def test_the_house_is_named_by_what_of_it_acts(house: House) -> None:
    house.apply(rules=RULES)
    house.available("ann")
    house.receive(house.says("My order"))
    house.clock.move(hours=3)
    while fire_due(house.rooms):
        pass
    assert ("system", "snooze", "woken") in [one[:3] for one in told(house)]


def test_when_agents_came_and_went(house: House) -> None:
    with house.rooms.store.read() as db:
        ann = find_member(db, house.agent("ann").id)
    assert ann is not None
    for available in (True, False, False):
        with house.rooms.store.write() as db:
            set_available(db, house.rooms, ann, house.clock.now(), available=available)
        house.clock.move(hours=1)
    with house.rooms.store.read() as db:
        found = list_statuses(db, house.agent("ann").id, 10)
    assert [one.available for one in found] == [False, True]
    assert (found[0].at - found[1].at).total_seconds() == 3600
