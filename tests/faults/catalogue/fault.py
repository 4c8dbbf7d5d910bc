"""What a fault is: a name, what it does, to which size, and how soon everything must move again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.movement import Bounds
from tests.faults.scene import Scene, Size

BOTH: tuple[Size, ...] = ("embedded", "postgres")
EMBEDDED: tuple[Size, ...] = ("embedded",)
POSTGRES: tuple[Size, ...] = ("postgres",)

OTHERS = Bounds(shown=2.0, held=10.0, left=20.0)
"""With a process stopped, unplugged or with a wrong clock: all lanes but its own go on. A reply that the process was
sending is known to be uncertain within 10 s, and holds those behind it for 10 s more (docs/decisions/0024)."""
WHOLE = Bounds(shown=10.0, held=10.0, left=20.0)
"""With a part missing that all need, from when it is back; and where nobody can say whose lanes a process held."""


@dataclass(frozen=True)
class Fault:
    """`act` does it and returns when it is over and what was missing is back. `survives`: the rest of the house must
    go on meanwhile, so that waiting counts from the beginning and not from the end. `long`: only if there is time."""

    name: str
    does: str
    sizes: tuple[Size, ...]
    bounds: Bounds
    act: Callable[[Scene], None]
    survives: bool = False
    long: bool = False
