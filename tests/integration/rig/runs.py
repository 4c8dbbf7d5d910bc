"""One run: a house under load, things going wrong, everything settled, every law proved."""

from __future__ import annotations

import random
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casella_simulator import Faults, Simulator
from tests.budget import LONG
from tests.integration.rig.chaos import Act, Chaos
from tests.integration.rig.customers import Agent, Crowd, Customer
from tests.integration.rig.houses import House, account_of
from tests.integration.rig.programs import until
from tests.integration.rig.proofs import Findings, prove, prove_feed, prove_told_last, wait_until_settled
from tests.integration.rig.streams import Watcher

ROUGH = Faults(
    latency_ms=(5, 60),
    error_before=0.03,
    error_after=0.02,
    cut_before=0.02,
    cut_after=0.02,
    receipt_delay_ms=(0, 300),
    receipts_missing=0.05,
    receipts_late=0.1,
    receipts_late_ms=(500, 2_000),
    receipts_copies=2,
    receipts_reordered=0.1,
    receipts_first=0.3,
)
"""A provider on a bad day. Throttling is set for a part of the run only: it slows everything else."""


TIMES = 5 if LONG else 1
"""How often each kind of fault comes at least. `make faults` plays them one by one and says how long anybody waited."""
SECONDS = 30.0 if LONG else 4.0
"""Of load, at least; a run lasts until each kind of fault has come. `soak` goes on for hours.
"""
GOOD = Faults(latency_ms=(5, 60), receipt_delay_ms=(0, 300))


@dataclass
class Run:
    """`findings`: the figures and what was broken. `done`: how often each thing went wrong. `seconds`: of load, and
    until all had settled."""

    seed: int
    findings: Findings
    done: Mapping[str, int]
    loaded: float
    settled: float

    def line(self) -> str:
        found = self.findings
        acts = ", ".join(f"{name} {count}" for name, count in sorted(self.done.items())) or "nothing"
        return (
            f"seed {self.seed}: {acts}; {found.acknowledged} acknowledged ({found.sent_again} sent again), "
            f"lost {found.lost}, doubled {found.doubled}, out of order {found.disordered}; "
            f"{found.accepted} sends taken, sent twice {found.sent_twice}, "
            f"unconfirmed {found.unconfirmed}, settled by look-up {found.looked_up}; "
            f"{found.replies} agents' replies, {found.feed_events} events told; "
            f"load {self.loaded:.0f} s, settled after {self.settled:.0f} s"
        )


@dataclass(frozen=True)
class Load:
    """How many write and answer, and how long they pause at most."""

    customers: int = 10
    agents: int = 2
    pause: float = 0.25
    faults: Faults = GOOD


def one_of_each(house: House, dice: random.Random) -> Sequence[str]:
    """A server and a worker: whichever it is, another goes on. All of them where there is time."""
    if LONG:
        return sorted(house.programs)
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for name, program in house.programs.items():
        kinds[program.arguments[0]].append(name)
    return [dice.choice(names) for names in kinds.values()]


def new_seed() -> int:
    """Random, so that every run finds other moments; printed, so that it can be looked at again."""
    return random.SystemRandom().randrange(10**9)


def run(
    house: House,
    provider: Simulator,
    acts: Mapping[str, Act],
    *,
    dice: random.Random,
    seed: int,
    load: Load,
    rounds: int | None = None,
    seconds: float = SECONDS,
    quiet: tuple[float, float] = (0.2, 1.2),
) -> Run:
    """Load the house while the acts are done to it; then let it settle, and prove the laws."""
    sys.stdout.write(f"seed {seed}\n")
    for name in ("ann", "bob"):
        with house.client(name) as http:
            http.put("/api/v1/me/availability", json={"available": True}).raise_for_status()
    provider.set_faults(load.faults)
    watcher = Watcher(house.client("mara"))
    watcher.start()
    crowd = _crowd(house, provider, dice, load)
    chaos = Chaos(acts, dice, quiet)
    began = time.monotonic()
    crowd.start()
    try:
        chaos.run(seconds, rounds or len(acts) * TIMES, lambda: crowd.failed)
    finally:
        crowd.stop()
        loaded = time.monotonic() - began
    house.wait_ready()
    store = house.store()
    try:
        wait_until_settled(store, provider)
        settled = time.monotonic() - began - loaded
        findings = prove(store, provider, crowd.customers, crowd.agents)
        _wait_for_stream(house, watcher)
        watcher.stop()
        prove_feed(store, watcher, findings)
        prove_told_last(store, findings)
    finally:
        watcher.stop()
        store.close()
    outcome = Run(seed, findings, dict(chaos.done), loaded, settled)
    sys.stdout.write("\n".join([outcome.line(), *findings.problems, ""]))
    return outcome


def _crowd(house: House, provider: Simulator, dice: random.Random, load: Load) -> Crowd:
    account = account_of(house.url)
    customers = [
        Customer(f"+1202557{number:04}", provider, account, random.Random(dice.random()), load.pause)
        for number in range(load.customers)
    ]
    provider.set_faults(Faults(webhook_copies=3), phone=customers[0].phone)  # one whose provider stutters
    names = ("ann", "bob", "mara")
    agents = [
        Agent(names[number % 3], house, random.Random(dice.random()), load.pause * 4) for number in range(load.agents)
    ]
    return Crowd(customers, agents)


def _wait_for_stream(house: House, watcher: Watcher) -> None:
    """Until the stream has told the newest event."""
    with house.client("mara") as http:
        newest = http.get("/api/v1/events/poll").raise_for_status().json()["cursor"]
    until(lambda: watcher.cursor == newest, f"the stream at {newest}, is at {watcher.cursor}", 60)
