"""Who gets a conversation, and why not each of the others: examples, and laws that hold for any team."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_rules import (
    AssignRequest,
    Candidate,
    OfficeHours,
    Reason,
    RotationState,
    TimeRange,
    choose,
    why_not,
)
from casella_rules.assignment import STRATEGIES, Ranking, UnknownStrategyError

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
NOBODY = RotationState()
ANY = AssignRequest()


def agents(*names: str, **same: object) -> list[Candidate]:
    return [replace(Candidate(name), **same) for name in names]  # type: ignore[arg-type]  # fields by name


def ago(minutes: int) -> datetime:
    return AT - timedelta(minutes=minutes)


def test_round_robin_goes_around() -> None:
    state, served = NOBODY, []
    for _ in range(7):
        choice = choose("round_robin", agents("bob", "ann", "eve"), state, ANY, AT)
        served.append(choice.agent_id)
        state = RotationState.from_json(choice.state.as_json())
    assert served == ["ann", "bob", "eve", "ann", "bob", "eve", "ann"]


def test_who_was_away_has_not_saved_up_turns() -> None:
    state = NOBODY
    for _ in range(20):
        state = choose("round_robin", agents("ann", "bob"), state, ANY, AT).state
    served = []
    for _ in range(6):
        choice = choose("round_robin", agents("ann", "bob", "eve"), state, ANY, AT)
        served.append(choice.agent_id)
        state = choice.state
    assert Counter(served) == {"ann": 2, "bob": 2, "eve": 2}


def test_the_state_of_the_rotation_forgets_who_has_left() -> None:
    state = choose("round_robin", agents("gone"), NOBODY, ANY, AT).state
    for _ in range(9):
        state = choose("round_robin", agents("ann", "bob"), state, ANY, AT).state
    assert "gone" not in state.ahead


def test_the_least_busy_has_the_fewest_open_and_then_waited_longest() -> None:
    team = [
        Candidate("ann", open=2, last_assigned_at=ago(60)),
        Candidate("bob", open=1, last_assigned_at=ago(5)),
        Candidate("eve", open=1, last_assigned_at=ago(10)),
    ]
    choice = choose("least_busy", team, NOBODY, ANY, AT)
    assert choice.agent_id == "eve"
    assert choice.passed_over == (("ann", Reason.BUSIER), ("bob", Reason.SERVED_RECENTLY))
    assert choice.state is NOBODY


BOTH_FREE = (Candidate("ann"), Candidate("bob"))


@pytest.mark.parametrize(
    ("strategy", "team", "reason"),
    [
        ("least_busy", (Candidate("ann"), Candidate("bob", open=1)), Reason.BUSIER),
        ("least_busy", (Candidate("ann", open=2, load=2), Candidate("bob", open=1, load=3)), Reason.HEAVIER),
        ("least_busy", (Candidate("ann"), Candidate("bob", last_assigned_at=ago(5))), Reason.SERVED_RECENTLY),
        ("least_busy", BOTH_FREE, Reason.EQUAL),
        ("sticky", BOTH_FREE, Reason.EQUAL),
        ("longest_idle", (Candidate("ann"), Candidate("bob", last_assigned_at=ago(5))), Reason.SERVED_RECENTLY),
        ("longest_idle", BOTH_FREE, Reason.EQUAL),
        ("round_robin", BOTH_FREE, Reason.LATER_TURN),
        ("weighted", BOTH_FREE, Reason.LATER_TURN),
    ],
)
def test_the_reason_of_who_lost_is_true(strategy: str, team: tuple[Candidate, ...], reason: Reason) -> None:
    choice = choose(strategy, team, NOBODY, ANY, AT)
    assert (choice.agent_id, choice.passed_over) == ("ann", (("bob", reason),))


def test_who_was_never_assigned_anything_waited_longest() -> None:
    team = [Candidate("ann", last_assigned_at=ago(999)), Candidate("bob")]
    assert choose("least_busy", team, NOBODY, ANY, AT).agent_id == "bob"
    assert choose("longest_idle", team, NOBODY, ANY, AT).agent_id == "bob"


def test_load_counts_instead_of_conversations_when_channels_weigh() -> None:
    team = [Candidate("ann", open=1, load=3.0), Candidate("bob", open=2, load=2.0)]
    assert choose("least_busy", team, NOBODY, ANY, AT).agent_id == "bob"


def test_the_longest_idle_ignores_how_much_is_open() -> None:
    team = [Candidate("ann", open=9, last_assigned_at=ago(60)), Candidate("bob", last_assigned_at=ago(5))]
    assert choose("longest_idle", team, NOBODY, ANY, AT).agent_id == "ann"


def test_sticky_returns_to_who_served_last_unless_that_one_cannot() -> None:
    want = AssignRequest(last_served_by="eve")
    team = [Candidate("ann", open=1), Candidate("bob"), Candidate("eve", open=5)]
    assert choose("sticky", team, NOBODY, want, AT).agent_id == "eve"
    away = [*team[:2], replace(team[2], queue_on=False)]
    choice = choose("sticky", away, NOBODY, want, AT)
    assert choice.agent_id == "bob"
    assert dict(choice.passed_over) == {"ann": Reason.BUSIER, "eve": Reason.QUEUE_OFF}


def test_weights_are_kept_in_proportion() -> None:
    team = [Candidate("ann", weight=3), Candidate("bob", weight=1)]
    state, served = NOBODY, Counter[str | None]()
    for _ in range(40):
        choice = choose("weighted", team, state, ANY, AT)
        served[choice.agent_id] += 1
        state = choice.state
    assert served == {"ann": 30, "bob": 10}


def test_manual_leaves_it_to_people() -> None:
    choice = choose("manual", agents("ann"), NOBODY, ANY, AT)
    assert (choice.agent_id, choice.passed_over) == (None, (("ann", Reason.NOT_ASKED),))


def test_an_unknown_strategy_is_an_error_that_helps() -> None:
    with pytest.raises(UnknownStrategyError, match="Did you mean 'round_robin'"):
        choose("round-robin", agents("ann"), NOBODY, ANY, AT)


def test_a_strategy_of_a_plugin_is_used_like_the_others() -> None:
    def last_of_all(eligible: Sequence[Candidate], _state: RotationState, _want: AssignRequest) -> Ranking:
        return Ranking(list(reversed(eligible)), Reason.NOT_ASKED)

    choice = choose("mine", agents("ann", "bob"), NOBODY, ANY, AT, {"mine": last_of_all})
    assert choice.agent_id == "bob"


NINE_TO_ELEVEN = OfficeHours("UTC", ((TimeRange(540, 660),),) * 7)
FIT = Candidate("ann", teams=frozenset({"t"}), inboxes=frozenset({"i"}), skills=frozenset({"s"}), hours=NINE_TO_ELEVEN)
WANT = AssignRequest(team="t", inbox="i", skills=frozenset({"s"}))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"teams": frozenset({"u"})}, Reason.NOT_IN_TEAM),
        ({"inboxes": frozenset()}, Reason.NOT_IN_INBOX),
        ({"may_reply": False}, Reason.MAY_NOT_REPLY),
        ({"queue_on": False}, Reason.QUEUE_OFF),
        ({"do_not_disturb": True}, Reason.DO_NOT_DISTURB),
        ({"skills": frozenset({"x"})}, Reason.LACKS_SKILLS),
        ({"open": 3, "capacity": 3}, Reason.AT_CAPACITY),
        ({"open": 4, "capacity": 3}, Reason.AT_CAPACITY),
        ({"open": 0, "capacity": 0}, Reason.AT_CAPACITY),
        ({"open": 2, "capacity": 3}, None),
        ({"open_on_channel": 1, "channel_capacity": 1}, Reason.AT_CHANNEL_CAPACITY),
        ({"open_in_inbox": 1, "inbox_capacity": 1}, Reason.AT_INBOX_CAPACITY),
    ],
)
def test_each_reason_not_to_be_chosen(changed: dict[str, object], reason: Reason | None) -> None:
    candidate = replace(FIT, **changed)  # type: ignore[arg-type]  # fields by name
    assert why_not(candidate, WANT, AT) is reason
    assert choose("least_busy", [candidate], NOBODY, WANT, AT).agent_id == (None if reason else "ann")


def test_working_hours_count_at_the_moment_of_choosing() -> None:
    assert why_not(FIT, WANT, AT) is None
    assert why_not(FIT, WANT, AT + timedelta(hours=1)) is Reason.OUT_OF_HOURS


@pytest.mark.parametrize(
    ("eve", "seen", "chosen"),
    [
        (Candidate("eve"), ["ann"], "eve"),
        (Candidate("eve", open=1, capacity=1), ["ann"], None),  # she will have room sooner or later
        (Candidate("eve", queue_on=False), ["ann"], "ann"),
        (Candidate("eve", queue_on=False), [], None),
    ],
)
def test_it_does_not_go_back_to_who_let_it_go(eve: Candidate, seen: list[str], chosen: str | None) -> None:
    want = AssignRequest(let_go=frozenset({"ann", "bob"}), seen=frozenset(seen))
    choice = choose("least_busy", [*agents("ann", "bob"), eve], NOBODY, want, AT)
    assert choice.agent_id == chosen
    assert dict(choice.passed_over)["bob"] is Reason.LET_IT_GO


def test_every_reason_has_a_sentence() -> None:
    assert all(reason.sentence for reason in Reason)


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from("abcdefgh"),
        teams=st.sampled_from([frozenset({"t"}), frozenset({"u"})]),
        queue_on=st.sampled_from([True, True, True, False]),
        open=st.integers(0, 4),
        capacity=st.none() | st.integers(0, 4),
        weight=st.integers(1, 4),
        last_assigned_at=st.none() | st.integers(0, 50).map(ago),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.agent_id,
)
WISHES = st.builds(AssignRequest, team=st.sampled_from([None, "t"]), last_served_by=st.sampled_from([None, "a", "z"]))
NAMES = st.sampled_from(sorted(STRATEGIES))
SEEDS = st.randoms(use_true_random=False)


@given(NAMES, CANDIDATES, WISHES, SEEDS)
def test_the_choice_is_eligible_complete_and_the_same_in_any_order(
    strategy: str, candidates: list[Candidate], want: AssignRequest, random: Random
) -> None:
    choice = choose(strategy, candidates, NOBODY, want, AT)
    eligible = {c.agent_id for c in candidates if why_not(c, want, AT) is None}
    assert choice.agent_id in eligible or (choice.agent_id is None and (not eligible or strategy == "manual"))
    passed = {agent for agent, _ in choice.passed_over}
    assert passed == {c.agent_id for c in candidates} - {choice.agent_id}
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert choose(strategy, shuffled, NOBODY, want, AT) == choice


@given(NAMES, CANDIDATES, st.integers(1, 30))
def test_capacity_is_never_exceeded(strategy: str, candidates: list[Candidate], rounds: int) -> None:
    team, state = {c.agent_id: c for c in candidates}, NOBODY
    for _ in range(rounds):
        choice = choose(strategy, list(team.values()), state, ANY, AT)
        state = choice.state
        if choice.agent_id is None:
            break
        before = team[choice.agent_id]
        team[choice.agent_id] = replace(before, open=before.open + 1)
        assert before.capacity is None or before.open < before.capacity


@given(st.sets(st.sampled_from("abcdefgh"), min_size=1), st.integers(1, 40))
def test_round_robin_is_even_to_within_one(names: set[str], rounds: int) -> None:
    state, served = NOBODY, Counter[str | None](dict.fromkeys(names, 0))
    for _ in range(rounds):
        choice = choose("round_robin", agents(*names), state, ANY, AT)
        served[choice.agent_id] += 1
        state = choice.state
    assert max(served.values()) - min(served.values()) <= 1


@given(st.lists(st.sets(st.sampled_from("abcd"), min_size=1), min_size=1, max_size=60))
def test_round_robin_stays_even_among_those_who_are_always_there(present: list[set[str]]) -> None:
    """Others come and go at any time; two who never leave are served alike, to within one."""
    state, served = NOBODY, Counter[str | None]({"x": 0, "y": 0})
    for others in present:
        choice = choose("round_robin", agents("x", "y", *others), state, ANY, AT)
        state = choice.state
        if choice.agent_id in served:
            served[choice.agent_id] += 1
        assert abs(served["x"] - served["y"]) <= 1


@given(st.lists(st.integers(1, 5), min_size=2, max_size=4), st.integers(1, 80))
def test_weighted_stays_near_its_proportions(weights: list[int], rounds: int) -> None:
    team = [Candidate(f"a{i}", weight=weight) for i, weight in enumerate(weights)]
    state, served = NOBODY, Counter[str | None]()
    for _ in range(rounds):
        choice = choose("weighted", team, state, ANY, AT)
        served[choice.agent_id] += 1
        state = choice.state
    for one in team:
        for other in team:
            assert (
                served[one.agent_id] / one.weight
                <= served[other.agent_id] / other.weight + 1 / one.weight + 1 / other.weight + 1e-6
            )
