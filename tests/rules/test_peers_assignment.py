"""Complaints about automatic assignment in other systems that the choice itself can answer (numbers as in
`docs/complaints.md`; queues and claims are tested in tests/inbox and tests/laws)."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casella_rules import AssignRequest, Candidate, Choice, OfficeHours, Reason, RotationState, TimeRange, choose
from casella_rules.assignment import STRATEGIES

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVENINGS = OfficeHours("UTC", ((TimeRange(1080, 1320),),) * 7)
WANT = AssignRequest(team="billing", inbox="support")


def agent(name: str, **details: object) -> Candidate:
    usual = {"teams": frozenset({"billing"}), "inboxes": frozenset({"support"})}
    return Candidate(name, **{**usual, **details})  # type: ignore[arg-type]  # plain details in tests


def chosen(strategy: str, *candidates: Candidate, want: AssignRequest = WANT) -> Choice:
    return choose(strategy, candidates, RotationState(), want, NOW)


def test_32_nobody_gets_more_than_the_others() -> None:
    state, given = RotationState(), Counter[str]()
    for _ in range(30):
        choice = choose("round_robin", [agent("ann"), agent("bob"), agent("cleo")], state, WANT, NOW)
        given[choice.agent_id or ""] += 1
        state = RotationState.from_json(choice.state.as_json())  # a restart in between changes nothing
    assert given == {"ann": 10, "bob": 10, "cleo": 10}


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"manual"}))
def test_31_33_34_35_when_nobody_can_take_it_each_reason_is_told(strategy: str) -> None:
    choice = chosen(strategy, agent("ann", queue_on=False), agent("bob", open=3, capacity=3))
    assert choice.agent_id is None
    assert dict(choice.passed_over) == {"ann": Reason.QUEUE_OFF, "bob": Reason.AT_CAPACITY}


def test_36_37_38_nothing_returns_to_an_agent_who_is_away() -> None:
    want = AssignRequest(team="billing", inbox="support", last_served_by="ann")
    assert chosen("sticky", agent("ann", queue_on=False), agent("bob"), want=want).agent_id == "bob"
    assert chosen("sticky", agent("ann"), agent("bob"), want=want).agent_id == "ann"


@pytest.mark.parametrize(
    ("number", "details", "reason"),
    [
        (41, {"may_reply": False}, Reason.MAY_NOT_REPLY),
        (43, {"queue_on": False}, Reason.QUEUE_OFF),
        (45, {"teams": frozenset({"sales"})}, Reason.NOT_IN_TEAM),
        (45, {"inboxes": frozenset({"sales"})}, Reason.NOT_IN_INBOX),
        (47, {"hours": EVENINGS}, Reason.OUT_OF_HOURS),
        (47, {"do_not_disturb": True}, Reason.DO_NOT_DISTURB),
        (48, {"open": 5, "capacity": 5}, Reason.AT_CAPACITY),
    ],
)
def test_41_43_45_47_48_who_should_not_get_it_does_not(number: int, details: dict[str, object], reason: Reason) -> None:
    for strategy in sorted(set(STRATEGIES) - {"manual"}):
        choice = chosen(strategy, agent("ann", **details), agent("bob", open=9))
        assert choice.agent_id == "bob", strategy
        assert ("ann", reason) in choice.passed_over


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"manual"}))
def test_46_48_work_is_dealt_evenly_instead_of_picked(strategy: str) -> None:
    team, state = {name: agent(name) for name in ("ann", "bob", "cleo")}, RotationState()
    for turn in range(21):
        choice = choose(strategy, list(team.values()), state, WANT, NOW)
        state, taker = choice.state, team[str(choice.agent_id)]
        team[taker.agent_id] = replace(taker, open=taker.open + 1, last_assigned_at=NOW + timedelta(minutes=turn))
        assert max(one.open for one in team.values()) - min(one.open for one in team.values()) <= 1
    assert {name: one.open for name, one in team.items()} == {"ann": 7, "bob": 7, "cleo": 7}


def test_46_48_who_has_much_to_do_already_gets_less() -> None:
    assert chosen("least_busy", agent("ann", open=4), agent("bob", open=1)).agent_id == "bob"


def test_51_managers_may_keep_the_choice_to_people() -> None:
    choice = chosen("manual", agent("ann"), agent("bob"))
    assert (choice.agent_id, {reason for _, reason in choice.passed_over}) == (None, {Reason.NOT_ASKED})


@pytest.mark.parametrize("strategy", sorted(set(STRATEGIES) - {"manual"}))
def test_2b_no_strategy_ignores_the_limits(strategy: str) -> None:
    full = (agent("ann", open=1, capacity=1), agent("bob", open_in_inbox=2, inbox_capacity=2))
    assert chosen(strategy, *full, agent("cleo", open_on_channel=1, channel_capacity=1)).agent_id is None


def test_2b_skills_are_asked_for() -> None:
    want = AssignRequest(team="billing", inbox="support", skills=frozenset({"refunds"}))
    choice = chosen("least_busy", agent("ann"), agent("bob", open=9, skills=frozenset({"refunds"})), want=want)
    assert (choice.agent_id, choice.passed_over) == ("bob", (("ann", Reason.LACKS_SKILLS),))
