"""Each strategy and each limit as a customer meets them: a message comes in, somebody gets it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from casella.clock import ManualClock
from casella.inbox.background.queues import serve_queues
from casella.inbox.commands.assigning import recount
from casella.store.tables import agents, conversations
from tests.house import DESK, SECOND, House

NUMBERS = count(1)
RULES = """
rules:
  - name: To the front desk
    when: conversation_opened
    if: always
    then: [{assign: {team: front}}]
"""


def desk(strategy: str = "round_robin", *, ann: str = "", bob: str = "", channel: str = "", inbox: str = "") -> str:
    """The front desk works in this manner; more of its two agents, of the second channel and of the inbox."""
    return (
        DESK.replace("name: Front desk, strategy: round_robin", f"name: Front desk, strategy: {strategy}")
        .replace("email: ann@desk.example, teams: [front]", f"email: ann@desk.example, teams: [front]{ann}")
        .replace("teams: [front], skills: [italian]", f"teams: [front]{bob}")
        .replace('address: "+15550002", name: Second number', f'address: "+15550002", name: Second number{channel}')
        .replace("teams: [front, billing]}", f"teams: [front, billing]{inbox}}}")
    )


def write(house: House, to: str = "+15550001", sender: str | None = None) -> str | None:
    """A customer writes. Returns who has the conversation."""
    who = sender or f"+39055{next(NUMBERS):07}"
    house.receive(house.says("Hello", sender=who, to=to, external_id=f"said-{next(NUMBERS)}"))
    house.clock.move(seconds=1)
    return holder(house, house.rows(conversations)[-1])


def holder(house: House, row: dict[str, object]) -> str | None:
    return house.rooms.directory.current.key_of(str(row["assignee_id"]))


def use(house: House, text: str, *there: str) -> None:
    house.apply(desk=text, rules=RULES)
    house.available(*(there or ("ann", "bob")))


def has(house: House) -> dict[str, int]:
    return {row["key"]: row["open_conversations"] for row in house.rows(agents) if row["open_conversations"]}


# --- strategies -------------------------------------------------------------------------------------------------------


def test_least_busy_and_among_equals_whose_last_one_is_longest_ago(house: House) -> None:
    use(house, desk("least_busy"), "ann")
    assert [write(house), write(house)] == ["ann", "ann"]
    house.available("ann", "bob")
    assert [write(house), write(house)] == ["bob", "bob"]
    house.close_conversation(house.rows(conversations)[0]["id"])
    house.close_conversation(house.rows(conversations)[-1]["id"])
    assert (has(house), write(house)) == ({"ann": 1, "bob": 1}, "ann"), "bob got his later"


def test_least_busy_weighs_channels(house: House) -> None:
    use(house, desk("least_busy", channel=", weight: 3"))
    first = write(house, to=SECOND)
    other = {"ann": "bob", "bob": "ann"}[str(first)]
    assert [write(house) for _ in range(3)] == [other] * 3, "three small ones weigh as much as the big one"
    assert write(house) == first, "equal again, and it is longer ago"


def test_round_robin_goes_on_where_it_was_in_another_process(house: House, tmp_path: Path) -> None:
    use(house, desk("round_robin"))
    turns = [write(house) for _ in range(3)]
    with House(house.settings.database_url, tmp_path / "other", desk=None, clock=house.clock) as restarted:
        turns += [write(restarted) for _ in range(3)]
    assert turns in (["ann", "bob"] * 3, ["bob", "ann"] * 3)


def test_round_robin_stays_even_while_agents_come_into_the_desk_and_leave_it(house: House) -> None:
    more: Sequence[Sequence[str]] = ((), ("zed",), ("zed", "abe"), ("abe",), (), ("abe", "zed"))
    given: Counter[str | None] = Counter()
    for round_, names in enumerate(more):
        new = "".join(f"  {name}: {{name: {name}, email: {name}@desk.example, teams: [front]}}\n" for name in names)
        use(house, desk("round_robin").replace("hours:\n", f"{new}hours:\n"), "ann", "bob", *names)
        for _ in range(3 + round_):
            given[write(house)] += 1
            assert abs(given["ann"] - given["bob"]) <= 1, given
    assert given["zed"] > 0
    assert given["abe"] > 0


def test_longest_idle_looks_at_the_last_assignment_only(house: House) -> None:
    use(house, desk("longest_idle"), "ann")
    assert [write(house) for _ in range(3)] == ["ann"] * 3
    house.available("bob")
    assert write(house) == "bob"
    house.available("ann", "bob")
    assert [write(house) for _ in range(3)] == ["ann", "bob", "ann"], "though ann has three times as many"


def test_sticky_goes_back_to_who_served_the_contact_and_else_to_the_least_busy(house: House) -> None:
    use(house, desk("sticky"), "bob")
    assert write(house, sender="+390551") == "bob"
    assert write(house) == "bob"
    house.close_conversation(house.rows(conversations)[0]["id"])
    house.available("ann", "bob")
    assert write(house, sender="+390551") == "bob", "though ann has nothing to do"
    house.close_conversation(house.rows(conversations)[-1]["id"])
    house.available("ann")
    assert write(house, sender="+390551") == "ann"


def test_weighted_deals_in_proportion(house: House) -> None:
    use(house, desk("weighted", bob=", weight: 3"))
    assert Counter(write(house) for _ in range(8)) == {"ann": 2, "bob": 6}


def test_manual_leaves_it_in_the_team(house: House) -> None:
    use(house, desk("manual"))
    assert write(house) is None
    assert serve_queues(house.rooms) == 0
    assert house.rows(conversations)[-1]["team_id"] is not None


# --- limits -----------------------------------------------------------------------------------------------------------


def true_counts(house: House) -> bool:
    with house.rooms.store.write() as db:
        return recount(db) == 0


@pytest.mark.parametrize(
    ("limits", "to", "expected"),
    [
        ({"ann": ", capacity: 2"}, [None] * 3, ["ann", "ann", None]),
        ({"ann": ", channel_capacity: {acme: 1}"}, [None] * 2, ["ann", None]),
        ({"inbox": ", agent_capacity: 2"}, [None] * 3, ["ann", "ann", None]),
    ],
    ids=["per agent", "per channel type", "per inbox"],
)
def test_nobody_gets_more_than_he_may_have(
    house: House, limits: dict[str, str], to: Sequence[None], expected: list[str | None]
) -> None:
    use(house, desk(**limits), "ann")
    assert [write(house) for _ in to] == expected
    house.close_conversation(house.rows(conversations)[0]["id"])
    assert serve_queues(house.rooms) == 1, "there is room for one more"
    assert serve_queues(house.rooms) == 0
    assert true_counts(house)


def test_a_limit_of_an_inbox_holds_for_what_is_moved_there(house: House) -> None:
    text = desk().replace(
        "connections:", "  sales: {name: Sales, teams: [front], agent_capacity: 1}\nconnections:"
    )  # fmt: skip
    moving = RULES + "  - {name: M, when: message_received, if: {text: sell}, then: [move: sales]}\n"
    house.apply(desk=text, rules=moving)
    house.available("ann")
    first, second = "+3905577", "+3905588"
    assert [write(house, sender=first), write(house, sender=second)] == ["ann", "ann"]
    for sender in (first, second):
        house.receive(house.says("sell", sender=sender))
    assert [holder(house, row) for row in house.rows(conversations)] == ["ann", None]
    assert true_counts(house)


# --- nothing comes back to who is away -------------------------------------------------------------------------------

AWAY: dict[str, dict[str, Any]] = {
    "switched off": {"available": False},
    "not to be disturbed": {"do_not_disturb": True},
    "without room": {"capacity": 0},
    "there": {},
}


@pytest.mark.parametrize("state", AWAY)
def test_a_reopened_conversation_returns_only_to_who_is_there_and_has_room(house: House, state: str) -> None:
    use(house, desk(), "ann")
    write(house)
    id = house.rows(conversations)[-1]["id"]
    house.close_conversation(id)
    change(house, **AWAY[state])
    house.reopen(id)
    row = house.one(conversations, id=id)
    assert holder(house, row) == ("ann" if state == "there" else None)
    assert (row["queued_at"] is None) == (state == "there")
    assert true_counts(house)


@pytest.mark.parametrize("state", AWAY)
@pytest.mark.parametrize("by", ["its time", "a message"])
def test_what_was_put_aside_comes_back_only_to_who_is_there(house: House, state: str, by: str) -> None:
    """Room does not matter: it has counted all along."""
    snoozing = RULES.replace("{assign: {team: front}}", "{assign: {team: front}}, {snooze: 2h}")
    heard = "  - {name: H, when: conversation_unassigned, if: {previous.assignee: ann}, then: [tag: quiet]}\n"
    house.apply(desk=desk(), rules=snoozing + heard)
    house.available("ann")
    assert write(house, sender="+3905577") == "ann"
    change(house, **AWAY[state])
    if by == "its time":
        house.later(hours=2)
    else:
        house.receive(house.says("Still there?", sender="+3905577"))
    row = house.one(conversations)
    stays = state in ("there", "without room")
    assert (row["status"], holder(house, row), row["queued_at"] is None) == ("open", "ann" if stays else None, stays)
    assert true_counts(house)


def change(house: House, **columns: object) -> None:
    if columns:
        with house.rooms.store.write() as db:
            db.execute(agents.update().where(agents.c.key == "ann").values(**columns))


# --- working hours over the change of clocks -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-24T07:00", "ann"),  # Rome leaves summer time on 25 October: nine o'clock is an hour later in UTC
        ("2026-10-25T07:30", None),
        ("2026-10-25T08:00", "ann"),
        ("2027-03-27T07:30", None),  # and enters it on 28 March: an hour earlier
        ("2027-03-28T06:59", None),
        ("2027-03-28T07:00", "ann"),
    ],
)
def test_an_agent_works_by_the_clock_on_his_wall(
    migrated_sqlite_url: str, tmp_path: Path, at: str, expected: str | None
) -> None:
    clock = ManualClock(datetime.fromisoformat(at).replace(tzinfo=UTC))
    hours = "hours:\n  days: {timezone: Europe/Rome, week: {monday-sunday: 09:00-18:00}}\n"
    with House(migrated_sqlite_url, tmp_path, clock=clock, desk=None) as house:
        use(house, desk(ann=", hours: days").replace("hours:\n", hours, 1), "ann")
        assert write(house) == expected
