"""What a fault is done to: a house under load, its cables, clocks and servers."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Literal

from casella_simulator import Simulator
from tests.faults.proxy import Cable, Network
from tests.faults.traffic import Traffic
from tests.integration.rig.clocks import SteppedClock
from tests.integration.rig.houses import House
from tests.services import PostgresServer, RedisServer, replica

Size = Literal["embedded", "postgres"]


class Pair:
    """A PostgreSQL and the replica that would take its place. `cables` lead to whichever is the primary."""

    def __init__(self, primary: PostgresServer, stack: ExitStack) -> None:
        self.primary = primary
        self.cables: list[Cable] = []
        self._stack = stack
        self._standby = stack.enter_context(replica(primary))

    def fail_over(self) -> None:
        """kill -9 of the primary; the replica is promoted, and the address leads to it."""
        self.primary.kill()
        self._standby.promote()
        self.primary = self._standby
        for cable in self.cables:
            cable.targets = (self.primary.socket,)
            cable.cut()

    def replicate_again(self) -> None:
        """A replica for the new primary."""
        self._standby = self._stack.enter_context(replica(self.primary))


@dataclass
class Scene:
    """`held`: the lanes that the process stopped last had locked."""

    size: Size
    house: House
    provider: Simulator
    to_provider: Cable
    network: Network
    dice: random.Random
    traffic: Traffic
    clocks: Mapping[str, SteppedClock]
    cables: Mapping[str, list[Cable]] = field(default_factory=dict)
    """By the name of the process whose database and Redis they lead to."""
    pair: Pair | None = None
    redis: RedisServer | None = None
    held: frozenset[int] = frozenset()

    @property
    def workers(self) -> list[str]:
        return sorted(name for name in self.house.programs if not name.startswith("serve"))

    @property
    def servers(self) -> list[str]:
        return sorted(name for name in self.house.programs if not name.startswith("work"))

    def database(self) -> Pair:
        assert self.pair is not None, "only on PostgreSQL"
        return self.pair

    def broker(self) -> RedisServer:
        assert self.redis is not None, "only with Redis"
        return self.redis

    def wait(self, seconds: float) -> None:
        """The fault itself lasts so long; the load goes on meanwhile."""
        time.sleep(seconds)
