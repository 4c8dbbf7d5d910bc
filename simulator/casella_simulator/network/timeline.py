"""When each delivery receipt of a message comes, if at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casella_simulator.network.faults import Dice


@dataclass(frozen=True, slots=True)
class Step:
    """One state that a message reaches, `at` seconds after it was accepted."""

    state: str
    at: float
    reported: bool


def timeline(states: Sequence[str], dice: Dice) -> list[Step]:
    """The states with the time of their receipts, in the order in which the receipts come."""
    faults = dice.faults
    if dice.happens("receipts reordered", faults.receipts_reordered):
        states = list(reversed(states))
    steps: list[Step] = []
    now = 0.0
    for state in states:
        now += dice.seconds(f"receipt delay {state}", faults.receipt_delay_ms)
        at = now
        if dice.happens(f"receipt late {state}", faults.receipts_late):
            at += dice.seconds(f"receipt lateness {state}", faults.receipts_late_ms)
        steps.append(Step(state, at, not dice.happens(f"receipt missing {state}", faults.receipts_missing)))
    return sorted(steps, key=lambda step: step.at)
