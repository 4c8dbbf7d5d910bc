"""Whoever does not answer in time is not given the same conversation again and again: not while others are at work, and
not before he is seen again."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from casella.inbox.assignment.queue_position import standing
from casella.inbox.background.queues import serve_queues
from casella.inbox.state.released import Released
from casella.store.tables import conversations, feed, messages
from tests.house import BERT, DESK, House
from tests.inbox.background.test_timers_due import assignee, notes
from tests.inbox.rule_texts import matched, rule, the, use

ONE_MINUTE = DESK.replace("strategy: least_busy}", "strategy: least_busy, reassign_after: 1m}").replace(
    "strategy: round_robin}", "strategy: round_robin, reassign_after: 1m}"
)
OFFICE = ONE_MINUTE.replace("teams: [billing], capacity: 2", "teams: [billing], hours: support")


def pass_minutes(house: House, minutes: int) -> None:
    for _ in range(minutes):
        house.later(seconds=61)
        serve_queues(house.rooms)


def told(house: House, what: str) -> list[str]:
    """Who was given a notice of this kind, in order."""
    keys = {entry.id: entry.key for entry in house.rooms.directory.current.agents.values()}
    rows = [row for row in house.rows(feed, kind="notice") if orjson.loads(row["payload"])["what"] == what]
    return [keys[row["agent_id"]] for row in rows]


@pytest.fixture
def alone(house: House) -> House:
    """Cleo is the only one of billing, and does not look."""
    use(
        house,
        rule("assign: {team: billing}", when="conversation_opened"),
        rule("reply: {text: Nobody yet}", name="Sorry", when="conversation_unassigned"),
        desk=ONE_MINUTE,
        available=("cleo",),
    )
    house.receive(house.says())
    assert assignee(house) == "cleo"
    return house


def test_it_is_given_once_to_the_only_one_there_and_stays_in_the_queue(alone: House) -> None:
    pass_minutes(alone, 10)
    assert assignee(alone) is None
    assert notes(alone) == ["Cleo did not answer within 1m; back to the queue."]
    assert (told(alone, "returned"), told(alone, "unanswered")) == (["cleo"], ["mara"])
    assert [row["text"] for row in alone.rows(messages, sender_kind="rule", direction="out")] == ["Nobody yet"]
    with alone.rooms.store.read() as db:
        waits = standing(db, alone.rooms, the(alone)["id"])
    assert waits is not None
    assert [(one.agent, one.text) for one in waits.passed_over] == [("Cleo", "did not answer it in time")]


def test_he_may_still_take_it_by_hand(alone: House) -> None:
    pass_minutes(alone, 2)
    alone.assign(the(alone)["id"], "cleo", by="cleo")
    pass_minutes(alone, 5)
    assert assignee(alone) == "cleo"


def test_who_has_answered_somebody_else_is_given_it_again_and_nothing_is_told_twice(alone: House) -> None:
    pass_minutes(alone, 2)
    first = the(alone)["id"]
    alone.receive(alone.says(sender=BERT))
    assert assignee(alone) == "cleo", "what is new is not held up by it"
    alone.reply(conversation_id=the(alone)["id"], by="cleo")
    serve_queues(alone.rooms)
    assert alone.one(conversations, id=first)["assignee_id"] == alone.agent("cleo").id
    pass_minutes(alone, 5)
    assert alone.one(conversations, id=first)["assignee_id"] is None
    assert notes(alone) == ["Cleo did not answer within 1m; back to the queue."]
    assert told(alone, "unanswered") == ["mara"]
    assert matched(alone, "conversation_unassigned") == ["Sorry", "Sorry"]


def test_an_answer_before_does_not_count(house: House) -> None:
    use(house, rule("assign: {team: billing}"), desk=ONE_MINUTE, available=("cleo",))
    house.receive(house.says(sender=BERT))
    house.reply(by="cleo")
    house.receive(house.says())
    pass_minutes(house, 5)
    assert (assignee(house), len(notes(house))) == (None, 1)


def test_who_comes_back_from_a_break_is_given_it_again(alone: House) -> None:
    pass_minutes(alone, 2)
    alone.available()
    serve_queues(alone.rooms)
    alone.available("cleo")
    serve_queues(alone.rooms)
    assert assignee(alone) == "cleo"


def test_whose_hours_begin_again_is_given_it_again(house: House) -> None:
    use(house, rule("assign: {team: billing}"), desk=OFFICE, available=("cleo",))
    house.clock.move(hours=6, minutes=58)  # two minutes to six in Rome
    house.receive(house.says())
    pass_minutes(house, 1)
    assert assignee(house) is None
    pass_minutes(house, 2)
    assert assignee(house) is None
    house.later(hours=15)
    serve_queues(house.rooms)
    assert assignee(house) == "cleo"


def test_everybody_has_it_once_and_then_it_waits(house: House) -> None:
    use(house, rule("assign: {team: front}"), desk=ONE_MINUTE, available=("ann", "bob"))
    house.receive(house.says())
    pass_minutes(house, 9)
    assert assignee(house) is None
    assert sorted(notes(house)) == [f"{one} did not answer within 1m; back to the queue." for one in ("Ann", "Bob")]
    assert told(house, "unanswered") == ["mara"]


def test_not_while_others_are_at_work_whoever_was_seen(house: House) -> None:
    desk = ONE_MINUTE.replace("teams: [front], skills: [italian]", "teams: [front], capacity: 1")
    use(house, rule("assign: {team: front}"), desk=desk, available=("bob",))
    house.receive(house.says(sender=BERT))  # all that Bob may have
    house.reply(by="bob")
    house.available("ann", "bob")
    house.receive(house.says())
    assert assignee(house) == "ann"
    pass_minutes(house, 1)
    house.receive(house.says(sender="+390555000003"))
    house.reply(conversation_id=the(house)["id"], by="ann")
    pass_minutes(house, 3)
    waiting = house.rows(conversations)[1]
    assert waiting["assignee_id"] is None, "Bob is there, and will have room sooner or later"
    house.available("ann")
    pass_minutes(house, 1)
    assert house.one(conversations, id=waiting["id"])["assignee_id"] == house.agent("ann").id


def test_what_was_stored_before_there_were_several_is_understood() -> None:
    assert Released.from_text("01AB") == Released(frozenset({"01AB"}))
    both = Released(frozenset({"01AB", "02CD"}), frozenset({"02CD"}))
    assert (both.as_text(), Released.from_text(both.as_text())) == ("01AB 02CD+", both)
    assert replace(both, agents=frozenset(), seen=frozenset()).as_text() is None
