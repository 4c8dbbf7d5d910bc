"""Snoozing, handing to a team and moving to another inbox, by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from casella.errors import CasellaError, FeatureOff, Invalid, NotAllowed, NotFound
from casella.inbox.background.timers_due import fire_due
from casella.inbox.commands import snoozing, transferring
from casella.store.tables import agents, conversations, feed, timers
from tests.house import DESK, House
from tests.inbox.personal.test_read_marks import member

OTHER = DESK.replace("inboxes:\n", "inboxes:\n  shop: {name: Shop, teams: [front]}\n", 1)


def begin(house: House) -> str:
    house.receive(house.says("Hello"))
    return str(house.one(conversations)["id"])


def done(house: House, act: Callable[[Connection], object]) -> None:
    with house.rooms.store.write() as db:
        act(db)


def snooze(house: House, conversation: str, *, by: str = "ann", **away: float) -> None:
    at = house.clock.now()
    until, agent = at + timedelta(**away), house.agent(by).id
    done(house, lambda db: snoozing.snooze(db, house.rooms, conversation, until, by=agent, at=at))


def team(house: House, conversation: str, key: str, *, by: str = "mara") -> None:
    act = transferring.to_team
    done(house, lambda db: act(db, house.rooms, member(house, by), conversation, key, house.clock.now()))


def inbox(house: House, conversation: str, key: str, *, by: str = "ann") -> None:
    act = transferring.to_inbox
    done(house, lambda db: act(db, house.rooms, member(house, by), conversation, key, house.clock.now()))


def row(house: House) -> dict[str, object]:
    return house.one(conversations)


def load(house: House, key: str) -> int:
    return int(house.one(agents, key=key)["open_conversations"])


def refused(kind: type[CasellaError], code: str, act: Callable[[], object]) -> None:
    with pytest.raises(kind) as raised:
        act()
    assert raised.value.reason == code


def test_it_comes_back_at_its_time(house: House) -> None:
    conversation = begin(house)
    snooze(house, conversation, hours=1)
    snooze(house, conversation, hours=2)
    assert row(house)["status"] == "snoozed"
    house.clock.move(hours=1, minutes=1)
    fire_due(house.rooms)
    assert row(house)["status"] == "snoozed", "the other time counts no more"
    house.clock.move(hours=1)
    fire_due(house.rooms)
    assert row(house)["status"] == "open"
    assert row(house)["snoozed_until"] is None


def test_it_comes_back_when_the_contact_writes_or_by_hand(house: House) -> None:
    conversation = begin(house)
    snooze(house, conversation, hours=1)
    house.receive(house.says("Still here"))
    assert row(house)["status"] == "open"
    snooze(house, conversation, hours=1)
    house.reopen(conversation, by="ann")
    assert row(house)["status"] == "open"
    house.clock.move(hours=2)
    fire_due(house.rooms)
    assert [one["state"] for one in house.rows(timers, kind="snooze")] == ["canceled"] * len(house.rows(timers))


def test_a_time_that_is_no_time_and_a_closed_conversation_are_refused(house: House) -> None:
    conversation = begin(house)
    refused(Invalid, "time_out_of_range", lambda: snooze(house, conversation, seconds=-1))
    refused(Invalid, "time_out_of_range", lambda: snooze(house, conversation, days=366))
    house.close_conversation(conversation)
    refused(Invalid, "conversation_closed", lambda: snooze(house, conversation, hours=1))
    refused(Invalid, "conversation_closed", lambda: team(house, conversation, "front"))


def test_a_team_gets_it_in_its_own_manner(house: House) -> None:
    conversation = begin(house)
    house.available("bob", "cleo")
    house.assign(conversation, "ann", by="mara")
    team(house, conversation, "billing")
    assert row(house)["assignee_id"] == house.agent("cleo").id
    assert (load(house, "ann"), load(house, "cleo")) == (0, 1)


def test_where_nobody_is_free_it_waits_in_the_teams_queue(house: House) -> None:
    conversation = begin(house)
    house.available()
    house.assign(conversation, "ann", by="mara")
    team(house, conversation, "billing")
    assert (row(house)["assignee_id"], row(house)["queued_at"]) == (None, house.clock.now())
    assert load(house, "ann") == 0


def test_who_is_no_manager_hands_over_what_is_his_or_nobodys(house: House) -> None:
    conversation = begin(house)
    team(house, conversation, "front", by="cleo")
    house.assign(conversation, "ann", by="mara", expected=None)
    refused(NotAllowed, "assign_self_only", lambda: team(house, conversation, "billing", by="bob"))
    team(house, conversation, "billing", by="ann")
    refused(NotFound, "not_found", lambda: team(house, conversation, "nobody"))


def test_nobody_hands_over_while_assignment_mode_is_off(house: House) -> None:
    conversation = begin(house)
    house.apply(desk=DESK.replace("teams: [front, billing]}", "teams: [front, billing], assignment_mode: false}", 1))
    refused(FeatureOff, "assignment_off", lambda: team(house, conversation, "billing"))


def test_into_another_inbox_whoever_does_not_see_it_loses_it(house: House) -> None:
    house.apply(desk=OTHER)
    conversation = begin(house)
    house.assign(conversation, "cleo", by="mara")
    inbox(house, conversation, "shop")
    assert row(house)["inbox_id"] == next(
        one.id for one in house.rooms.directory.current.inboxes.values() if one.key == "shop"
    )
    assert row(house)["assignee_id"] is None, "Cleo is in billing only"
    assert load(house, "cleo") == 0
    assert len(house.rows(feed, kind="conversation.gone")) == 1


def test_into_another_inbox_whoever_sees_it_keeps_it(house: House) -> None:
    house.apply(desk=OTHER)
    conversation = begin(house)
    house.assign(conversation, "bob", by="mara")
    inbox(house, conversation, "shop")
    assert row(house)["assignee_id"] == house.agent("bob").id
    assert load(house, "bob") == 1


def test_an_inbox_that_is_not_ones_own_is_not_there(house: House) -> None:
    house.apply(desk=OTHER)
    conversation = begin(house)
    refused(NotFound, "not_found", lambda: inbox(house, conversation, "shop", by="cleo"))
