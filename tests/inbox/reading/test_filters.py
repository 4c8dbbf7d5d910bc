"""Filters hold together, counts are lists, and a wrong filter is refused with the nearest name."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casella.errors import CasellaError, Invalid, NotFound
from casella.inbox.background.archiving import archive_closed
from casella.inbox.commands import archiving, prioritizing, tagging
from casella.inbox.reading import Filters, count_conversations, lists, read_start
from casella.store.tables import conversations
from tests.house import DESK, House
from tests.inbox.personal.test_read_marks import member, read

TWO = DESK.replace("inboxes:\n", "inboxes:\n  shop: {name: Shop, teams: [front]}\n", 1).replace(
    'inbox: support, address: "+15550002"', 'inbox: shop, address: "+15550002"'
)
WHO = ("me", "others", "unassigned", "with_me")


def listed(house: House, key: str, filters: Filters) -> list[str]:
    with house.rooms.store.read() as db:
        return [item.id for item in lists.list_conversations(db, member(house, key), filters, None, 100).items]


def conversations_of(house: House) -> list[str]:
    return [str(row["id"]) for row in house.rows(conversations)]


def counted(house: House, key: str, filters: Filters) -> dict[str, int]:
    with house.rooms.store.read() as db:
        found = count_conversations(db, member(house, key), filters)
    every = {name: getattr(found.all, name) for name in ("total", *WHO, "unread")}
    for name, number in every.items():
        assert sum(getattr(one.counts, name) for one in found.inboxes) == number
        assert sum(getattr(each.counts, name) for one in found.inboxes for each in one.channels) == number
    return every


DEED = st.tuples(
    st.sampled_from(["says", "assign", "close", "reopen", "tag", "high", "read", "reply", "archive"]),
    st.integers(0, 3),
    st.sampled_from(["ann", "bob", "cleo"]),
)
FILTERS = st.builds(
    Filters,
    status=st.sampled_from(["open", "closed", "snoozed", "all"]),
    inbox=st.sampled_from([(), ("shop",), ("support", "shop")]),
    channel=st.sampled_from([(), ("main",), ("main", "second")]),
    kind=st.sampled_from([(), ("acme",), ("sms",)]),
    assignee=st.sampled_from([(), *((one,) for one in WHO), ("me", "unassigned")]),
    tag=st.sampled_from([(), ("vip",), ("vip", "order")]),
    priority=st.sampled_from([(), ("high",), ("high", "normal")]),
    unread=st.booleans(),
    archived=st.sampled_from([None, True, False]),
)


def do(house: House, deed: tuple[str, int, str]) -> None:
    what, number, who = deed
    known, at, agent = conversations_of(house), house.clock.now(), house.agent(who).id
    if what == "says":
        house.receive(house.says("Hello", f"+3905501{number}", to=("+15550001", "+15550002")[number % 2]))
        return
    if not known:
        return
    one = known[number % len(known)]
    with house.rooms.store.write() as db:
        match what:
            case "tag":
                tagging.add_tag(db, house.rooms, one, "vip", by=agent, at=at)
            case "high":
                prioritizing.set_priority(db, house.rooms, one, "high", by=agent, at=at)
            case "archive":
                archiving.archive(db, house.rooms, one, by=agent, at=at)
    match what:
        case "assign":
            house.assign(one, who, expected=_holder(house, one), by="mara")
        case "close":
            house.close_conversation(one)
        case "reopen":
            house.reopen(one)
        case "read":
            read(house, who, one)
        case "reply":
            house.reply("Here", one, by=who)


def _holder(house: House, conversation: str) -> str | None:
    row = house.one(conversations, id=conversation)
    return house.rooms.directory.current.key_of(row["assignee_id"]) if row["assignee_id"] else None


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEED, max_size=8), filters=st.lists(FILTERS, min_size=1, max_size=3))
def test_counts_are_lists(house: House, deeds: Sequence[tuple[str, int, str]], filters: Sequence[Filters]) -> None:
    if len(house.rooms.directory.current.inboxes) == 1:
        house.apply(desk=TWO)
    for deed in deeds:
        try:
            do(house, deed)
        except CasellaError:
            continue  # refused, as a person's request is
    for each, key in product(filters, ("ann", "bob")):
        if each.inbox == ("shop",) and "main" in each.channel:
            continue  # refused: the channel is not of this inbox
        found = counted(house, key, each)
        assert found["total"] == len(listed(house, key, each))
        if not each.assignee:
            for who in WHO:
                assert found[who] == len(listed(house, key, _with(each, assignee=(who,))))
        assert found["unread"] == len(listed(house, key, _with(each, unread=True)))


def _with(filters: Filters, **more: Any) -> Filters:
    names = Filters.__dataclass_fields__
    return Filters(**{**{name: getattr(filters, name) for name in names}, **more})


def test_of_several_values_any_counts_and_filters_hold_together(house: House) -> None:
    for number in range(3):
        house.receive(house.says("Hello", f"+39055000{number}"))
    first, second, third = conversations_of(house)
    house.assign(first, "ann", by="mara")
    house.assign(second, "bob", by="mara")
    assert set(listed(house, "ann", Filters(assignee=("me", "unassigned")))) == {first, third}
    assert listed(house, "ann", Filters(assignee=(house.agent("bob").id,))) == [second]
    assert listed(house, "ann", Filters(status="all", ids=(second, third), assignee=("unassigned",))) == [third]
    assert listed(house, "ann", Filters(kind=("sms",))) == []


@pytest.mark.parametrize(
    ("filters", "near"),
    [
        (Filters(assignee=("unasigned",)), "unassigned"),
        (Filters(inbox=("suport",)), "support"),
        (Filters(channel=("mian",)), "main"),
        (Filters(team=("billin",)), "billing"),
    ],
)
def test_a_wrong_filter_is_refused_with_the_nearest_name(house: House, filters: Filters, near: str) -> None:
    with pytest.raises((Invalid, NotFound)) as refused:
        listed(house, "ann", filters)
    assert refused.value.extra["nearest"] == near


def test_a_closed_conversation_is_put_away_by_hand_or_in_time(house: House) -> None:
    house.apply(desk=DESK.replace("teams: [front, billing]}", "teams: [front, billing], archive_after: 30d}", 1))
    for number in range(2):
        house.receive(house.says("Hello", f"+39055000{number}"))
    first, second = conversations_of(house)
    ann = house.agent("ann").id
    with pytest.raises(Invalid) as refused, house.rooms.store.write() as db:
        archiving.archive(db, house.rooms, first, by=ann, at=house.clock.now())
    assert refused.value.reason == "not_closed"
    house.close_conversation(first)
    house.close_conversation(second)
    with house.rooms.store.write() as db:
        archiving.archive(db, house.rooms, first, by=ann, at=house.clock.now())
    assert listed(house, "ann", Filters(status="closed", archived=True)) == [first]
    assert listed(house, "ann", Filters(status="closed", archived=False)) == [second]
    assert len(listed(house, "ann", Filters(status="closed"))) == 2
    house.clock.move(days=29)
    assert archive_closed(house.rooms) == 0
    house.clock.move(days=2)
    assert archive_closed(house.rooms) == 1
    assert archive_closed(house.rooms) == 0
    with house.rooms.store.write() as db:
        archiving.unarchive(db, house.rooms, first, by=ann, at=house.clock.now())
    assert listed(house, "ann", Filters(status="closed", archived=True)) == [second]
    house.reopen(second)
    assert house.one(conversations, id=second)["archived_at"] is None


def test_start_tells_all_that_a_client_needs(house: House) -> None:
    house.apply(desk=TWO)
    with house.rooms.store.read() as db:
        ann, cleo = (read_start(db, house.rooms, member(house, key)) for key in ("ann", "cleo"))
    assert [one.key for one in ann.inboxes] == ["shop", "support"]
    assert [one.key for one in cleo.inboxes] == ["support"], "what is not hers to see is not there"
    assert [one.key for one in cleo.channels] == ["main"]
    assert {one.key for one in ann.agents} == {"ann", "bob", "cleo", "mara"}
    assert ann.tags == ("vip", "refund", "order", "quiet")
    assert ann.channels[0].capabilities is not None
    assert ann.cursor
