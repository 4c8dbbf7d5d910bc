"""Faults are drawn, never rolled: the same seed and message give the same fault, in the share asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casella_simulator.network.faults import Dice, FaultBox, Faults, Outcome, TokenBucket

SHARES = st.floats(0, 1)


@given(st.integers(), st.text(), st.text())
def test_the_same_subject_always_draws_the_same(seed: int, subject: str, kind: str) -> None:
    one, other = Dice(Faults(seed=seed), subject), Dice(Faults(seed=seed), subject)
    assert one.draw(kind) == other.draw(kind)
    assert 0 <= one.draw(kind) < 1


@given(st.text(), SHARES, SHARES)
def test_a_larger_share_never_spares_what_a_smaller_one_hits(subject: str, one: float, other: float) -> None:
    dice = Dice(Faults(), subject)
    low, high = sorted((one, other))
    assert dice.happens("x", high) or not dice.happens("x", low)


def test_a_share_of_one_always_happens_and_of_zero_never() -> None:
    dice = [Dice(Faults(), str(number)) for number in range(500)]
    assert all(one.happens("x", 1) for one in dice)
    assert not any(one.happens("x", 0) for one in dice)


def test_a_share_hits_about_that_many() -> None:
    hits = sum(Dice(Faults(seed=3), f"message {number}").happens("x", 0.25) for number in range(4_000))
    assert 900 < hits < 1_100


def test_another_seed_hits_others() -> None:
    def hit(seed: int) -> list[bool]:
        return [Dice(Faults(seed=seed), str(number)).happens("x", 0.5) for number in range(64)]

    assert hit(1) != hit(2)


def test_exclusive_outcomes_share_one_draw() -> None:
    faults = Faults(error_before=0.25, cut_after=0.5, timeout_after=0.25)
    drawn = [Dice(faults, str(number)).one_of("outcome", faults.outcomes()) for number in range(4_000)]
    assert set(drawn) == {Outcome.ERROR_BEFORE, Outcome.CUT_AFTER, Outcome.TIMEOUT_AFTER}
    assert 1_850 < drawn.count(Outcome.CUT_AFTER) < 2_150


@given(st.floats(0, 5_000), st.floats(0, 5_000), st.text())
def test_a_span_stays_within_its_limits(one: float, other: float, subject: str) -> None:
    low, high = sorted((one, other))
    seconds = Dice(Faults(), subject).seconds("latency", (low, high))
    assert low / 1000 <= seconds <= high / 1000 or seconds == pytest.approx(low / 1000)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"error_before": 1.1},
        {"error_before": 0.6, "cut_after": 0.6},
        {"undelivered": {30003: 0.7, 30007: 0.7}},
        {"latency_ms": (5, 1)},
        {"latency_ms": -1},
        {"receipts_copies": 0},
        {"throttle_per_second": 0},
        {"media_type": "not a type"},
        {"latencyms": 5},
    ],
)
def test_nonsense_is_refused(nonsense: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Faults.model_validate(nonsense)


def test_one_number_is_a_span_without_range() -> None:
    assert Faults.model_validate({"latency_ms": 200}).latency_ms == (200, 200)


def test_faults_of_one_phone_override_only_what_they_name() -> None:
    box = FaultBox(Faults(latency_ms=(200, 200), error_before=0.5))
    box.set_for_phone("+1", Faults(error_before=0))
    assert box.of("+1").error_before == 0
    assert box.of("+1").latency_ms == (200, 200)
    assert box.of("+2").error_before == 0.5
    box.set_general(Faults(latency_ms=(300, 300)))
    assert box.of("+1").latency_ms == (300, 300)
    box.set_for_phone("+1", None)
    assert box.of("+1") == box.general


def test_a_repeated_message_is_a_new_occurrence_with_its_own_fate() -> None:
    box = FaultBox(Faults(error_before=0.5))
    fates = [box.dice("+1", "same").happens("x", 0.5) for _ in range(64)]
    again = FaultBox(Faults(error_before=0.5))
    assert len(set(fates)) == 2
    assert fates == [again.dice("+1", "same").happens("x", 0.5) for _ in range(64)]


@given(st.floats(0.5, 100), st.lists(st.floats(0, 2), max_size=60))
def test_a_bucket_never_passes_more_than_its_rate(rate: float, pauses: list[float]) -> None:
    bucket, now, passed = TokenBucket(rate, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        passed += bucket.take(now)
    assert passed <= max(1.0, rate) + rate * now + 1e-6


def test_a_throttle_of_one_phone_leaves_the_others_alone() -> None:
    box = FaultBox(Faults())
    box.set_for_phone("+1", Faults(throttle_per_second=1))
    assert [box.admits("+1", 0.0) for _ in range(3)] == [True, False, False]
    assert all(box.admits("+2", 0.0) for _ in range(50))
    assert box.admits("+1", 1.0)
