"""What a worker process does without being told: each room offers its own as `DUTIES`, the worker does what it is
given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx

from casella.inbox.house.rooms import Rooms

Step = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Duty:
    """`make`: called once per process, for the step that is done every `every` seconds; doing it twice does no harm.

    `threads`: of its own, so that others who answer slowly keep the sweep from nothing; such a step is done again at
    once while it returns something true. `bell`: what wakes these threads as well. `pause`: seconds in which they let
    more gather first."""

    name: str
    every: float
    make: Callable[[Rooms, httpx.Client], Step]
    threads: int = 0
    bell: str | None = None
    pause: float = 0.0


def by_itself(step: Callable[[Rooms], object]) -> Callable[[Rooms, httpx.Client], Step]:
    """A step that asks nobody outside."""
    return lambda rooms, _: partial(step, rooms)


def asking(step: Callable[[Rooms, httpx.Client], object]) -> Callable[[Rooms, httpx.Client], Step]:
    """A step that asks others by HTTP."""
    return lambda rooms, http: partial(step, rooms, http)
