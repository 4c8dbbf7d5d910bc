"""What goes wrong, at random moments: a seeded series of acts against a house that is under load."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import redis

from tests.integration.rig.houses import House
from tests.services import PostgresServer, RedisServer

Act = Callable[[], None]


@dataclass
class Chaos:
    """`done`: how often each act was done."""

    acts: Mapping[str, Act]
    dice: random.Random
    quiet: tuple[float, float]
    done: Counter[str] = field(default_factory=Counter)

    def run(self, seconds: float, rounds: int, stop: Callable[[], bool]) -> None:
        """At least `rounds` acts, each kind once before any comes again, and at least `seconds` of them."""
        until = time.monotonic() + seconds
        waiting: list[str] = []
        while (self.done.total() < rounds or time.monotonic() < until) and not stop():
            if not waiting:
                waiting = self.dice.sample(sorted(self.acts), len(self.acts))
            time.sleep(self.dice.uniform(*self.quiet))
            name = waiting.pop()
            self.acts[name]()
            self.done[name] += 1


def kill(house: House, name: str) -> Act:
    """kill -9 of a process, once the house is at work again after the last time."""

    def act() -> None:
        house.wait_ready()
        house.programs[name].kill()

    return act


def flush(server: RedisServer) -> Act:
    def act() -> None:
        with redis.Redis.from_url(server.url) as client:
            client.flushall()

    return act


def restart_redis(server: RedisServer, dice: random.Random) -> Act:
    """Killed, away for a moment, and empty when it comes back."""

    def act() -> None:
        server.stop()
        time.sleep(dice.uniform(0.2, 1.5))
        server.start()

    return act


def restart_postgres(server: PostgresServer, *, killed: bool) -> Act:
    return lambda: server.restart("kill" if killed else "fast")
