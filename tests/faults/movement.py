"""How long each fault held anybody up: from when it should not, until a message was shown or had left."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

AFTERWARDS = 2.0
"""Seconds behind a fault whose messages still count for it: what it has piled up stands before them."""


@dataclass(frozen=True)
class Bounds:
    """Seconds. `shown`: until an acknowledged message is seen, of lanes that no stopped process holds; `held`: of those
    it does; `left`: until a reply has left, or people see that nobody knows whether it has."""

    shown: float
    held: float
    left: float

    def times(self, patience: float) -> Bounds:
        """For a machine that has other things to do."""
        return Bounds(self.shown * patience, self.held * patience, self.left * patience)


@dataclass(frozen=True)
class Waited:
    """Something that began to wait at a moment, and when its waiting was over; None: never. `name`: for people."""

    began: float
    over: float | None
    lane: int = -1
    name: str = ""


@dataclass
class Window:
    """One fault while it was done. From `counted` on the house should be moving: its beginning, where the others must
    go on; its end, where nothing can. `held`: the lanes of a stopped process. `quiet`: the longest wait just
    before it, which is the machine's and not the fault's."""

    fault: str
    bounds: Bounds
    began: float
    counted: float
    ended: float
    held: frozenset[int] = frozenset()
    quiet: float = 0.0
    shown: float = 0.0
    held_shown: float = 0.0
    left: float = 0.0
    broken: list[str] = field(default_factory=list)

    def judge(self, inbound: Iterable[Waited], outbound: Iterable[Waited]) -> None:
        """Fill in how long the longest waited, and what was longer than its bound."""
        for one in inbound:
            if one.lane in self.held:
                self.held_shown = max(self.held_shown, self._waited(one))
            else:
                self.shown = max(self.shown, self._waited(one))
        self.left = max((self._waited(one) for one in outbound), default=0.0)
        self._compare("shown", self.shown, self.bounds.shown)
        self._compare("shown in a lane that is held", self.held_shown, self.bounds.held)
        self._compare("left", self.left, self.bounds.left)

    def _waited(self, one: Waited) -> float:
        if not self.began <= one.began <= self.ended + AFTERWARDS:
            return 0.0
        return math.inf if one.over is None else max(0.0, one.over - max(one.began, self.counted))

    def _compare(self, what: str, seconds: float, bound: float) -> None:
        if seconds > bound + self.quiet:
            self.broken.append(f"{self.fault}: {what} after {seconds:.1f} s; the bound is {bound:g} s")


def longest(waits: Iterable[Waited], since: float, until: float) -> float:
    """Of those whose waiting began within this time: how long it took, or has taken by its end."""
    here = (one for one in waits if since <= one.began <= until)
    return max((min(one.over or until, until) - one.began for one in here), default=0.0)
