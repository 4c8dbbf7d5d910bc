"""Complaints about automatic assignment in other systems (numbers as in `docs/complaints.md`), answered by a whole
house: messages come in, agents come and go, the database remembers. The choice by itself is in tests/rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import orjson
import pytest

from casella.errors import FeatureOff, NotAllowed
from casella.inbox.assignment.queue_position import standing
from casella.inbox.assignment.starvation import raise_alarms
from casella.inbox.background.queues import serve_queues
from casella.inbox.commands.assigning import recount
from casella.inbox.commands.availability import set_available
from casella.inbox.reading.members import find_member
from casella.inbox.routing.explaining import Explainer, lines
from casella.store.queries import message_queries
from casella.store.tables import agents, conversations, decisions, feed
from tests.house import ANNA, DESK, House, until
from tests.inbox.rule_texts import rule, skipped, the, use
from tests.together import together

NUMBERS = count(1)
TO_FRONT = rule("assign: {team: front}", name="To the front desk", when="conversation_opened")
TO_BILLING = rule("assign: {team: billing}", name="To billing", when="conversation_opened")
STRATEGIES = ("round_robin", "least_busy", "longest_idle", "sticky", "weighted")


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """For what does not depend on the database."""
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built


def desk(strategy: str = "round_robin", ann: str = "", inbox: str = "", team: str = "") -> str:
    """The front desk works in this manner; more of Ann, of the inbox and of the team."""
    return (
        DESK.replace("Front desk, strategy: round_robin", f"Front desk, strategy: {strategy}{team}")
        .replace("email: ann@desk.example, teams: [front]", f"email: ann@desk.example, teams: [front]{ann}")
        .replace("teams: [front, billing]}", f"teams: [front, billing]{inbox}}}")
    )


def write(house: House, sender: str | None = None) -> str:
    """A customer writes. Returns the conversation's id."""
    known = {row["id"] for row in house.rows(conversations)}
    house.receive(house.says(sender=sender or f"+3905{next(NUMBERS):08}", external_id=f"said-{next(NUMBERS)}"))
    house.clock.move(seconds=1)
    return str(next(row["id"] for row in reversed(house.rows(conversations)) if sender or row["id"] not in known))


def holder(house: House, id: str) -> str | None:
    return house.rooms.directory.current.key_of(str(house.one(conversations, id=id)["assignee_id"]))


def is_queued(house: House, id: str) -> bool:
    return house.one(conversations, id=id)["queued_at"] is not None


def switch(house: House, key: str, *, on: bool) -> None:
    """The agent's own switch, as the page does it."""
    with house.rooms.store.write() as db:
        member = find_member(db, house.agent(key).id)
        assert member is not None
        set_available(db, house.rooms, member, house.clock.now(), available=on)


def hands(house: House) -> dict[str, list[str]]:
    """By whom each conversation was held, one after the other, as people were told."""
    found: dict[str, list[str]] = {}
    for row in house.rows(feed, kind="conversation.updated"):
        told = orjson.loads(row["payload"])["conversation"]
        holder = told["assignee"]["id"] if told["assignee"] else None
        if holder and found.setdefault(told["id"], [""])[-1] != holder:
            found[told["id"]].append(holder)
    return {id: names[1:] for id, names in found.items()}


# --- who waits is served --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [1, 3])
@pytest.mark.parametrize("served", ["before", "after"])
def test_29_30_a_freed_agent_gets_whoever_waited_longest_and_not_the_newest(
    house: House, capacity: int, served: str
) -> None:
    """Also when somebody new writes in the very moment between his closing and the queue's being served."""
    use(house, TO_BILLING, available=())
    house.available("cleo", capacity=capacity)
    given = [write(house) for _ in range(capacity)]
    first, second = write(house), write(house)
    assert [holder(house, id) for id in (*given, first, second)] == ["cleo"] * capacity + [None, None]

    house.close_conversation(given[0])
    if served == "before":
        serve_queues(house.rooms)
    newest = write(house)
    serve_queues(house.rooms)
    assert [holder(house, id) for id in (first, second, newest)] == ["cleo", None, None]


@pytest.mark.parametrize("how", ["his switch", "his hours", "a raised limit", "the desk"])
def test_31_what_came_while_everybody_was_away_is_given_when_somebody_is_there(
    migrated_sqlite_url: str, tmp_path: Path, how: str
) -> None:
    """By the running house itself: nobody touches the conversations, and nobody asks for it."""
    hours = desk(ann=", hours: support")
    with House(migrated_sqlite_url, tmp_path, desk=None) as house:
        use(house, TO_FRONT, available=(), desk=hours if how == "his hours" else desk())
        if how in ("his hours", "a raised limit"):
            house.available("ann", **({"capacity": 0} if how == "a raised limit" else {}))
        house.clock.move(hours=12)  # ten in the evening in Rome
        waiting = [write(house) for _ in range(3)]
        house.start_workers()
        assert [holder(house, id) for id in waiting] == [None] * 3
        if how == "his switch":
            switch(house, "ann", on=True)
        elif how == "his hours":
            house.clock.move(hours=12)
        elif how == "a raised limit":
            house.available("ann", capacity=None)
        else:
            house.available("cleo")
            house.apply(desk=desk().replace("[billing], capacity: 2", "[front]"), rules="rules:\n" + TO_FRONT)
        until(lambda: all(holder(house, id) for id in waiting), "everybody who waited is served")


def test_32_2b_turns_go_on_after_a_restart(house: House, tmp_path: Path) -> None:
    """Every conversation is given by a process that has just begun: nobody starts from the first name again."""
    use(house, TO_FRONT, available=("ann", "bob"))
    given: Counter[str | None] = Counter()
    for number in range(4):
        with House(house.settings.database_url, tmp_path / str(number), desk=None, clock=house.clock) as begun:
            given[holder(begun, write(begun))] += 1
    assert given == {"ann": 2, "bob": 2}


def test_33_managers_are_told_when_somebody_waits_while_everybody_is_away(house: House) -> None:
    use(house, TO_FRONT, available=(), desk=desk(team=", alarm_after: 10m"))
    id = write(house)
    assert is_queued(house, id)
    house.clock.move(minutes=11)
    assert raise_alarms(house.rooms) == 1
    notice = house.one(feed, kind="notice")
    told = orjson.loads(notice["payload"])
    assert (notice["agent_id"], told["what"], told["conversation"]["id"]) == (
        house.agent("mara").id, "queue_starving", id,
    )  # fmt: skip


def test_34_it_goes_on_for_days_without_anybody_touching_a_switch(lite: House, tmp_path: Path) -> None:
    use(lite, TO_BILLING, available=())
    lite.available("cleo", capacity=1)
    waiting = [write(lite) for _ in range(5)]
    for day, id in enumerate(waiting):
        with House(lite.settings.database_url, tmp_path / str(day), desk=None, clock=lite.clock) as begun:
            serve_queues(begun.rooms)
            assert holder(begun, id) == "cleo"
            begun.clock.move(days=1)
            begun.close_conversation(id)


def test_35_why_somebody_still_waits_is_told_of_every_agent(house: House) -> None:
    """When he came, in the record of the decision; and now, to whoever asks."""
    use(house, TO_FRONT, available=("ann",), desk=desk(ann=", capacity: 1"))
    write(house)
    id = write(house)
    with house.rooms.store.read() as db:
        place = standing(db, house.rooms, id)
        (run,) = message_queries.decisions_of(db, id, None, 50)
        words = "\n".join(lines(Explainer(house.rooms).run(db, run), house.clock.now()))
    assert place is not None
    assert {(one.agent, one.reason) for one in place.passed_over} == {("Ann", "at_capacity"), ("Bob", "queue_off")}
    (asked,) = orjson.loads(run.outcome)["assignments"]
    assert sorted(reason for _, reason in asked["passed_over"]) == ["at_capacity", "queue_off"]
    assert "not Bob: has the queue switched off" in words


# --- nothing comes back to who is away ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["by hand", "by a rule", "its snooze is over", "the customer writes again"])
def test_36_37_38_what_comes_back_does_not_come_back_to_an_agent_who_is_away(lite: House, how: str) -> None:
    again = rule("reopen", name="Again", when="conversation_closed", condition="{conversation.tags: {has: order}}")
    aside = rule("snooze: 2h", name="Aside", condition="{text: later}")
    use(lite, TO_FRONT, again, aside, available=("ann",), desk=desk("sticky"))
    first = write(lite, ANNA)
    assert holder(lite, first) == "ann"
    switch(lite, "ann", on=False)
    switch(lite, "bob", on=True)
    if how == "its snooze is over":
        lite.receive(lite.says("later"))
        lite.later(hours=3)
    elif how == "by a rule":
        close = rule("tag: order", "close", name="Close", when="{conversation_idle: 1h}")
        use(lite, TO_FRONT, again, close, available=("bob",), desk=desk("sticky"))
        lite.receive(lite.says())
        lite.later(hours=2)
    else:
        lite.close_conversation(first)
        if how == "by hand":
            lite.reopen(first)
        else:
            lite.receive(lite.says("One more thing"))
    last = the(lite)
    assert last["status"] == "open"
    assert holder(lite, last["id"]) != "ann"
    serve_queues(lite.rooms)
    assert holder(lite, last["id"]) == "bob"


# --- one has it -----------------------------------------------------------------------------------------------------


def test_40_whatever_writes_at_once_a_conversation_is_not_passed_around(house: House, tmp_path: Path) -> None:
    """Two processes serve the queues, a third takes in more messages of the same people, whose rules assign again."""
    use(
        house,
        TO_FRONT,
        rule("assign: {team: billing}", name="Again"),
        rule("assign: {agent: bob}", name="And again", when="conversation_assigned", cooldown="1s"),
        available=(),
    )
    people = [f"+3905{next(NUMBERS):08}" for _ in range(10)]
    ids = [write(house, sender) for sender in people]
    house.available("ann", "bob", "cleo", capacity=None)
    with (
        House(house.settings.database_url, tmp_path / "2", desk=None, clock=house.clock) as second,
        House(house.settings.database_url, tmp_path / "3", desk=None, clock=house.clock) as third,
    ):
        more = [third.says("Hello?", sender=sender, external_id=f"more-{sender}") for sender in people]
        third.post(third.webhook(*more))
        together(
            lambda: serve_queues(house.rooms), lambda: serve_queues(second.rooms), third.drain, second.drain
        )  # fmt: skip
        serve_queues(house.rooms)
    assert {id: len(names) for id, names in hands(house).items()} == dict.fromkeys(ids, 1)
    with house.rooms.store.write() as db:
        assert recount(db) == 0


# --- who should not get it does not ---------------------------------------------------------------------------------

UNFIT = {
    "41 may not reply": (", may_reply: false", {}, "may_not_reply"),
    "43 switched off": ("", {"available": False}, "queue_off"),
    "47 on leave": (", hours: nights", {}, "out_of_hours"),
    "47 at lunch": ("", {"do_not_disturb": True}, "do_not_disturb"),
    "48 full": (", capacity: 0", {}, "at_capacity"),
}


@pytest.mark.parametrize("why", UNFIT)
@pytest.mark.parametrize("way", ["at once", "from the queue", "by name"])
def test_41_43_47_48_2b_who_should_not_get_it_does_not_in_whatever_way(lite: House, why: str, way: str) -> None:
    ann, columns, reason = UNFIT[why]
    nights = desk(ann=ann).replace("hours:\n", "hours:\n  nights: {week: {monday-sunday: 22:00-06:00}}\n")
    named = rule("assign: {agent: ann}", name="To Ann", when="conversation_opened")
    use(lite, named if way == "by name" else TO_FRONT, desk=nights, available=("ann",))
    if columns:
        with lite.rooms.store.write() as db:
            db.execute(agents.update().where(agents.c.key == "ann").values(**columns))
    id = write(lite)
    assert holder(lite, id) is None
    if way == "from the queue":
        assert serve_queues(lite.rooms) == 0
        switch(lite, "bob", on=True)
        assert serve_queues(lite.rooms) == 1
        assert holder(lite, id) == "bob"
    elif way == "at once":
        (asked,) = orjson.loads(lite.one(decisions)["outcome"])["assignments"]
        assert [lite.agent("ann").id, reason] in asked["passed_over"]
    else:
        assert skipped(lite) == [("assign", "agent_not_available")]


def test_45_nobody_outside_the_team_gets_it_even_when_nobody_inside_is_there(lite: House) -> None:
    use(lite, TO_BILLING, available=("ann", "bob"))
    id = write(lite)
    assert serve_queues(lite.rooms) == 0
    assert (holder(lite, id), is_queued(lite, id)) == (None, True)


# --- people and the machine -----------------------------------------------------------------------------------------


def test_44_who_waits_while_everybody_is_away_may_be_taken_by_hand(house: House) -> None:
    """By an agent whose own queue is switched off, too; and the queue does not give it to somebody else then."""
    use(house, TO_FRONT, available=())
    id = write(house)
    house.assign(id, "ann", by="ann")
    switch(house, "bob", on=True)
    assert serve_queues(house.rooms) == 0
    assert (holder(house, id), is_queued(house, id)) == ("ann", False)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_46_nobody_has_to_pick_and_where_a_manager_says_so_nobody_can(lite: House, strategy: str) -> None:
    use(lite, TO_FRONT, available=("ann", "bob"), desk=desk(strategy, inbox=", assignment_mode: false"))
    ids = [write(lite) for _ in range(4)]
    assert Counter(holder(lite, id) for id in ids) == {"ann": 2, "bob": 2}
    with pytest.raises(FeatureOff):
        lite.assign(ids[0], "ann", expected=holder(lite, ids[0]), by="ann")


def test_51_agents_hand_nothing_to_each_other_and_managers_have_a_switch(lite: House) -> None:
    use(lite, TO_FRONT, available=("ann",), desk=desk("manual"))
    id = write(lite)
    assert (holder(lite, id), serve_queues(lite.rooms)) == (None, 0)
    lite.assign(id, "ann", by="ann")
    with pytest.raises(NotAllowed):
        lite.assign(id, "bob", expected="ann", by="ann")
    lite.assign(id, "bob", expected="ann", by="mara")
    lite.apply(desk=desk("manual", inbox=", assignment_mode: false"), rules="rules:\n" + TO_FRONT)
    for by, to in (("bob", None), ("ann", "ann")):
        with pytest.raises(FeatureOff):
            lite.assign(id, to, expected="bob", by=by)
    assert holder(lite, id) == "bob"


# --- §2b: pitfalls of other systems ---------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_2b_by_hand_somebody_may_have_too_many_and_rules_then_give_him_nothing(lite: House, strategy: str) -> None:
    use(lite, TO_FRONT, available=("ann",), desk=desk(strategy, ann=", capacity: 1"))
    ids = [write(lite) for _ in range(3)]
    assert [holder(lite, id) for id in ids] == ["ann", None, None]
    lite.assign(ids[1], "ann")
    lite.close_conversation(ids[0])
    assert serve_queues(lite.rooms) == 0, "he has one still, and may have one"
    lite.close_conversation(ids[1])
    assert serve_queues(lite.rooms) == 1


def test_2b_who_has_waited_for_weeks_is_not_forgotten(house: House) -> None:
    use(house, TO_FRONT, available=())
    old = write(house)
    house.clock.move(days=60)
    new = write(house)
    house.available("ann", capacity=1)
    assert serve_queues(house.rooms) == 1
    assert (holder(house, old), holder(house, new)) == ("ann", None)


def test_2b_what_an_agent_has_stays_his_when_he_goes_and_comes_back(lite: House) -> None:
    """Away means: nothing new. What he has is taken from him only where the team says after what time."""
    use(lite, TO_FRONT, available=("ann",))
    id = write(lite)
    switch(lite, "ann", on=False)
    switch(lite, "bob", on=True)
    serve_queues(lite.rooms)
    assert (holder(lite, id), holder(lite, write(lite))) == ("ann", "bob")
