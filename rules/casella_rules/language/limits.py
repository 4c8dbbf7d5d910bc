"""What a field's value can be at all, whatever anybody asks of it: the check finds what nothing can ever answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldLimits:
    """`least`, `most`, `whole`: of numbers (durations: seconds). `known_with`: the only events that tell it; none: all
    that are about a conversation. `always`: it is never without a value there."""

    least: float | None = None
    most: float | None = None
    whole: bool = False
    known_with: tuple[str, ...] = ()
    always: bool = False


NO_LIMITS = FieldLimits()
ALWAYS = FieldLimits(always=True)
#: Counts of things.
COUNT = FieldLimits(least=0, most=1_000_000_000, whole=True)
#: Lengths of time, in seconds.
LENGTH = FieldLimits(least=0)
