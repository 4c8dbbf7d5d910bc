"""When receipts come: in order unless the faults say otherwise, and each exactly once in the plan."""

from hypothesis import given
from hypothesis import strategies as st

from casella_simulator.network.faults import Dice, Faults
from casella_simulator.network.timeline import timeline

STATES = ["queued", "sent", "delivered"]


@given(st.text(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_every_state_is_reached_once_and_time_never_runs_back(
    subject: str, missing: float, late: float, reordered: float
) -> None:
    faults = Faults(
        receipt_delay_ms=(0, 50), receipts_missing=missing, receipts_late=late, receipts_reordered=reordered
    )
    steps = timeline(STATES, Dice(faults, subject))
    assert sorted(step.state for step in steps) == sorted(STATES)
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_without_faults_they_come_in_order_at_once() -> None:
    steps = timeline(STATES, Dice(Faults(), "x"))
    assert [(step.state, step.at, step.reported) for step in steps] == [(state, 0.0, True) for state in STATES]


def test_reordered_means_reversed() -> None:
    steps = timeline(STATES, Dice(Faults(receipts_reordered=1), "x"))
    assert [step.state for step in steps] == STATES[::-1]


def test_a_missing_receipt_is_reached_but_not_reported() -> None:
    assert not any(step.reported for step in timeline(STATES, Dice(Faults(receipts_missing=1), "x")))


def test_a_late_receipt_lets_the_later_ones_pass() -> None:
    faults = Faults(seed=5, receipts_late=0.4, receipts_late_ms=(9_000, 9_000), receipt_delay_ms=(10, 10))
    orders = {tuple(step.state for step in timeline(STATES, Dice(faults, str(number)))) for number in range(40)}
    assert ("sent", "delivered", "queued") in orders
