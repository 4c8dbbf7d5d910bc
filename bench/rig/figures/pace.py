"""How fast this machine is just now: the same piece of work each time, so that figures of different days, or of an hour
in which others wanted the same cores, can be laid side by side.

The work is what the house is made of: dictionaries, strings, JSON. Its CPU time tells what neighbours take from caches
and from a core's second thread; its wall time also the turns they take.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import orjson

_ROUNDS = 3_000
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """Milliseconds of one fixed piece of work, the best of three tries."""

    cpu_ms: float
    wall_ms: float


def pace() -> Pace:
    tries = [_once() for _ in range(_TRIES)]
    return Pace(round(min(cpu for cpu, _ in tries), 2), round(min(wall for _, wall in tries), 2))


def _once() -> tuple[float, float]:
    cpu, wall = time.thread_time(), time.perf_counter()
    _work()
    return (time.thread_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def _work() -> int:
    seen: dict[str, int] = {}
    for number in range(_ROUNDS):
        row = {"id": f"{number:08d}", "text": "a word " * (number % 5), "tags": [number, number + 1], "at": number / 7}
        text = orjson.dumps(row).decode()
        seen[text[:24]] = seen.get(text[8:32], 0) + len(sorted(orjson.loads(text)["tags"], reverse=True))
    return len(seen)
