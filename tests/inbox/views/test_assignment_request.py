"""What a rule asked for is asked for as long as it takes: skills, strategy, the team that may take it, too."""

from __future__ import annotations

import orjson

from casella.inbox.assignment.queue_position import lines, standing
from casella.inbox.background.queues import serve_queues
from casella.store.tables import conversations, decisions
from tests.house import DESK, House
from tests.inbox.background.test_queues import RULES, holders, write

SKILLED = DESK.replace("teams: [billing], capacity: 2}", "teams: [billing], capacity: 2, skills: [refunds]}").replace(
    "  mara:", "  dora: {name: Dora, email: dora@desk.example, teams: [billing], skills: [italian]}\n  mara:"
)
ASKING = """
rules:
  - name: Italian refunds
    when: message_received
    if: {text: rimborso}
    then: [{assign: {team: billing, skills: [italian]}}]
  - name: Anything else
    when: message_received
    if: {text: {none_of: [rimborso]}}
    then: [{assign: {team: billing}}]
"""


def served(house: House) -> list[dict[str, object]]:
    """The searches behind each conversation that a queue gave, the oldest first."""
    rows = [row for row in house.rows(decisions) if row["event"] == "queue_served"]
    return [choice for row in rows for choice in orjson.loads(row["outcome"])["assignments"]]


def test_who_waits_is_served_by_what_the_rule_asked_for(house: House) -> None:
    house.apply(desk=SKILLED, rules=ASKING)
    house.available()
    write(house, 1, "rimborso")
    house.available("cleo")
    assert serve_queues(house.rooms) == 0, "cleo is free, but knows no Italian"
    house.available("cleo", "dora")
    assert serve_queues(house.rooms) == 1
    assert holders(house) == ["dora"]
    [choice] = served(house)
    assert (choice["rule"], choice["skills"], choice["strategy"]) == ("Italian refunds", ["italian"], "least_busy")
    assert choice["passed_over"] == [[house.agent("cleo").id, "lacks_skills"]]


def test_whom_nobody_can_take_keeps_nobody_behind_him_waiting(house: House) -> None:
    house.apply(desk=SKILLED, rules=ASKING)
    house.available()
    for number in range(120):  # more than are looked at in one round
        house.receive(house.says("rimborso", sender=f"+3905551{number:04}"))
    house.clock.move(seconds=1)
    write(house, 1, "Hello")
    write(house, 2, "Hello")
    house.available("cleo")
    assert serve_queues(house.rooms) == 2
    write(house, 3, "Hello")
    assert holders(house)[-3:] == ["cleo", "cleo", None], "cleo may have two"
    assert set(holders(house)[:-3]) == {None}


def test_a_new_one_gets_a_free_agent_at_once_when_only_such_wait_whom_he_cannot_take(house: House) -> None:
    house.apply(desk=SKILLED, rules=ASKING)
    house.available()
    write(house, 1, "rimborso")
    house.available("cleo")
    write(house, 2, "Hello")
    assert holders(house) == [None, "cleo"]
    house.available("dora")
    write(house, 3, "Hello")
    assert holders(house) == [None, "cleo", None], "dora is for him who waits for her"
    assert serve_queues(house.rooms) == 2
    assert holders(house) == ["dora", "cleo", "dora"]


def test_nobody_of_another_team_takes_the_agent_somebody_waits_for(house: House) -> None:
    desk = DESK.replace("teams: [billing], capacity: 2", "teams: [billing, front], capacity: 2")
    both = RULES.replace("if: always", "if: {text: {none_of: [front]}}") + (
        "  - {name: F, when: message_received, if: {text: front}, then: [{assign: {team: front}}]}\n"
    )
    house.apply(desk=desk, rules=both)
    house.available()
    write(house, 1)
    house.available("cleo", capacity=1)
    write(house, 2, "front")
    assert holders(house) == [None, None]
    serve_queues(house.rooms)
    assert holders(house) == ["cleo", None]


def test_the_strategy_of_the_rule_counts_in_the_queue_too(house: House) -> None:
    """Billing takes the least busy; the rule asks for whoever served this contact last."""
    house.apply(desk=SKILLED, rules=RULES.replace("team: billing", "team: billing, strategy: sticky"))
    house.available("dora")
    write(house, 1)
    house.close_conversation(house.rows(conversations)[0]["id"])
    house.receive(house.says(sender="+390555009999"))  # dora has one, cleo none
    house.available()
    write(house, 1)
    house.available("cleo", "dora")
    assert serve_queues(house.rooms) == 1
    assert holders(house) == ["dora", "dora", "dora"]
    assert served(house)[0]["passed_over"] == [[house.agent("cleo").id, "not_last_served"]]


def test_the_other_team_of_the_rule_may_take_who_waits(house: House) -> None:
    house.apply(rules=RULES.replace("team: billing", "team: billing, skills: [refunds], else: {team: front}"))
    house.available()
    write(house, 1)
    house.available("bob", "cleo")  # cleo cannot do refunds
    assert serve_queues(house.rooms) == 1
    assert holders(house) == ["bob"]
    assert [choice["team_id"] for choice in served(house)] == [
        next(t.id for t in house.rooms.directory.current.teams.values() if t.key == key) for key in ("billing", "front")
    ]
    assert house.one(conversations)["wanted"] is None, "another team was not asked for skills"


def wanted(house: House) -> dict[str, object] | None:
    text = house.one(conversations)["wanted"]
    return orjson.loads(text) if text else None


def test_what_was_asked_for_stays_with_it_until_somebody_chooses_otherwise(house: House) -> None:
    house.apply(desk=SKILLED.replace("least_busy}", "least_busy, reassign_after: 10m}"), rules=ASKING)
    house.available("dora")
    write(house, 1, "rimborso")
    asked = {"rule": "Italian refunds", "skills": ["italian"]}
    assert (holders(house), wanted(house)) == (["dora"], asked)
    house.later(minutes=11)
    house.available("cleo")
    assert (serve_queues(house.rooms), holders(house), wanted(house)) == (0, [None], asked)
    write(house, 1, "Is anybody there?")  # the plain rule asks for nothing that would replace it
    assert wanted(house) == asked
    house.assign(house.one(conversations)["id"], "cleo")
    assert wanted(house) is None


def test_a_later_rule_may_ask_for_something_else_and_the_place_stays(house: House) -> None:
    house.apply(desk=SKILLED, rules=ASKING.replace("if: {text: {none_of: [rimborso]}}", "if: {text: refund}").replace(
        "[{assign: {team: billing}}]", "[{assign: {team: billing, skills: [refunds]}}]"))  # fmt: skip
    house.available()
    write(house, 1, "rimborso")
    queued_at = house.one(conversations)["queued_at"]
    write(house, 1, "refund")
    assert (wanted(house) or {})["skills"] == ["refunds"]
    assert house.one(conversations)["queued_at"] == queued_at
    house.available("cleo", "dora")
    serve_queues(house.rooms)
    assert holders(house) == ["cleo"]


def test_else_after_its_time_forgets_what_the_first_team_was_asked_for(house: House) -> None:
    house.apply(
        rules=RULES.replace("team: billing", "team: billing, skills: [refunds], else: {team: front, after: 5m}")
    )
    house.available()
    write(house, 1)
    house.later(minutes=5)
    assert wanted(house) is None
    house.available("ann")
    serve_queues(house.rooms)
    assert holders(house) == ["ann"]


def test_moved_to_another_inbox_it_asks_for_nothing_special_any_more(house: House) -> None:
    desk = SKILLED.replace("connections:", "  sales: {name: Sales, teams: [billing]}\nconnections:")
    house.apply(
        desk=desk, rules=ASKING + "  - {name: M, when: message_received, if: {text: sell}, then: [move: sales]}\n"
    )
    house.available()
    write(house, 1, "rimborso")
    write(house, 1, "sell")
    assert wanted(house) is None


def test_why_one_still_waits_can_be_asked(house: House) -> None:
    house.apply(desk=SKILLED, rules=ASKING)
    house.available("cleo", capacity=0)
    write(house, 1, "Hello")
    write(house, 2, "rimborso")
    first, second = (row["id"] for row in sorted(house.rows(conversations), key=lambda row: row["opened_at"]))
    with house.rooms.store.read() as db:
        told, other = standing(db, house.rooms, second), standing(db, house.rooms, first)
        assert standing(db, house.rooms, "0" * 26) is None
    assert told is not None
    assert other is not None
    assert (told.team, told.ahead, told.rule, told.skills) == ("Billing", 1, "Italian refunds", ("italian",))
    assert [(one.agent, one.reason) for one in told.passed_over] == [("Cleo", "lacks_skills"), ("Dora", "queue_off")]
    assert [(one.agent, one.reason) for one in other.passed_over] == [("Cleo", "at_capacity"), ("Dora", "queue_off")]
    assert list(lines(told)) == [
        "Waits in the queue of Billing since 2026-11-23 10:00:01 UTC, behind 1 other",
        "  least_busy, of those who can italian, by 'Italian refunds'",
        "      not Cleo: lacks a skill that was asked for",
        "      not Dora: has the queue switched off",
    ]
