"""`python -m tests.integration.soak --minutes 10`: the fault tests' runs, one after the other, for long.

Each round builds a fresh house (embedded and distributed in turn), lets everything go wrong that the tests know, and
proves every law. Prints a line for each round, the sums, and one line of JSON; the exit code is 1 if a law was broken.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from casella_simulator import Simulator
from tests.integration.rig import chaos
from tests.integration.rig.chaos import Act
from tests.integration.rig.desks import busy_desk
from tests.integration.rig.houses import House, distributed, embedded
from tests.integration.rig.runs import ROUGH, Load, Run, new_seed, run
from tests.services import postgres, redis_server

Round = tuple[House, dict[str, Act]]


@dataclass
class Sums:
    """Over all rounds."""

    rounds: int = 0
    figures: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, outcome: Run) -> None:
        self.rounds += 1
        found = outcome.findings
        for name in ("acknowledged", "sent_again", "lost", "doubled", "disordered", "replies", "accepted"):
            self.figures[name] += getattr(found, name)
        for name in ("sent_twice", "unconfirmed", "looked_up", "feed_events"):
            self.figures[name] += getattr(found, name)
        for act, count in outcome.done.items():
            self.faults[act] += count
        self.problems += found.problems


@contextmanager
def embedded_round(folder: Path, provider: Simulator) -> Iterator[Round]:
    with embedded(folder / "house", provider, busy_desk(folder / "desk")) as house:
        yield house, {"up killed": chaos.kill(house, "up")}


@contextmanager
def distributed_round(folder: Path, provider: Simulator, dice: random.Random) -> Iterator[Round]:
    with postgres(durable=True, private=True) as pg, redis_server(private=True) as redis:
        database, desk = pg.create_database("casella"), busy_desk(folder / "desk")
        with distributed(folder / "house", provider, desk, database_url=database, redis_url=redis.url) as house:
            acts = {f"{name} killed": chaos.kill(house, name) for name in house.programs}
            acts |= {
                "postgres restarted": chaos.restart_postgres(pg, killed=False),
                "postgres killed": chaos.restart_postgres(pg, killed=True),
                "redis killed": chaos.restart_redis(redis, dice),
                "redis flushed": chaos.flush(redis),
            }
            yield house, acts


def soak(minutes: float, round_seconds: float) -> Sums:
    """Rounds until the minutes are over."""
    sums, until = Sums(), time.monotonic() + minutes * 60
    while time.monotonic() < until or sums.rounds < 2:
        seed = new_seed()
        dice = random.Random(seed)
        with tempfile.TemporaryDirectory(prefix="casella-soak-") as name, Simulator() as provider:
            folder = Path(name)
            is_embedded = sums.rounds % 2 == 0
            opened = embedded_round(folder, provider) if is_embedded else distributed_round(folder, provider, dice)
            with opened as (house, acts):
                load = Load(customers=12, agents=3, pause=0.2, faults=ROUGH)
                outcome = run(
                    house, provider, acts, dice=dice, seed=seed, load=load, seconds=round_seconds, rounds=len(acts)
                )
        sums.add(outcome)
        sys.stdout.flush()
    return sums


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.integration.soak", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--minutes", type=float, default=10, help="how long to begin new rounds (default 10)")
    parser.add_argument("--round", type=float, default=60, help="seconds of load in a round (default 60)")
    given = parser.parse_args()
    sums = soak(given.minutes, given.round)
    for problem in sums.problems:
        sys.stdout.write(f"BROKEN: {problem}\n")
    summary = {"rounds": sums.rounds, **sums.figures, "faults": dict(sums.faults), "problems": len(sums.problems)}
    sys.stdout.write(f"{json.dumps(summary)}\n")
    return 1 if sums.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
