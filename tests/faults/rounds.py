"""One round: a house of one size under load, faults one after the other, then the accounts."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from casella.store.journal import lane_of
from tests.faults.account import broken_laws
from tests.faults.catalogue import Fault
from tests.faults.catalogue.processes import restart_each
from tests.faults.history import read_history
from tests.faults.memory import HOUR, Growth, resident
from tests.faults.movement import Waited, Window, longest
from tests.faults.scene import Scene
from tests.faults.traffic import LaneOf
from tests.integration.rig.customers import Customer
from tests.integration.rig.programs import NotInTime, until
from tests.integration.rig.proofs import Findings, prove, prove_feed, wait_until_settled

QUIET = 2.0
"""Seconds of undisturbed load before each fault: how long things take without it."""
CALM = 1.0
"""Who waits longer than this is still held up by the fault before, or the machine has too much to do."""
TRIES = 6
PATIENCE = 45.0
"""Seconds until a house that does not move again is left as it is, for the account to say so."""
WARM = 600
"""Messages until the first look at memory: the first ten minutes of such an hour."""
PILE = 60
"""So many may wait to be shown before everybody writes more slowly."""
Say = Callable[[str], None]


@dataclass
class Outcome:
    """`problems`: every law and every bound that was broken, in words."""

    size: str
    windows: list[Window] = field(default_factory=list)
    growth: Growth = field(default_factory=Growth)
    findings: Findings = field(default_factory=Findings)
    left_out: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    may_reset: bool = False
    """An upgrade may begin the event stream anew; nothing else may."""


def play(scene: Scene, faults: Sequence[Fault], seconds: float, memory_seconds: float, say: Say) -> Outcome:
    """The faults in this order, as many as there is time for, at least one; then memory, then the accounts."""
    began, outcome = time.monotonic(), Outcome(scene.size)
    scene.traffic.start()
    for place, fault in enumerate(faults):
        if scene.traffic.failed or (place and time.monotonic() - began > seconds):
            outcome.left_out += [one.name for one in faults[place:]]
            break
        say(f"{scene.size}: {fault.name}: {fault.does}")
        outcome.windows.append(_do(scene, fault, say))
    if memory_seconds:
        outcome.growth = _grow(scene, memory_seconds, say)
    settle(scene, outcome, say)
    outcome.seconds = time.monotonic() - began
    return outcome


def settle(scene: Scene, outcome: Outcome, say: Say) -> None:
    """Nobody writes any more: wait until all is done, and judge. What never comes to an end is a problem like any."""
    say("everybody stops; what is under way settles")
    try:
        scene.traffic.stop()
        scene.house.wait_ready()
        _judge(scene, outcome)
    except AssertionError as error:
        outcome.problems.append(f"{type(error).__name__}: {error}")


def _judge(scene: Scene, outcome: Outcome) -> None:
    traffic, house = scene.traffic, scene.house
    store = house.store()
    try:
        wait_until_settled(store, scene.provider)
        outcome.findings = prove(store, scene.provider, traffic.customers, traffic.agents)
        with house.client("mara") as http:
            newest = http.get("/api/v1/events/poll").raise_for_status().json()["cursor"]
        until(lambda: traffic.watchers["mara"].cursor == newest, f"the stream at {newest}", 60)
        if not (outcome.may_reset and traffic.watchers["mara"].resets):
            prove_feed(store, traffic.watchers["mara"], outcome.findings)
    finally:
        store.close()
    history = read_history(traffic)
    traffic.close()
    outcome.problems += [*outcome.findings.problems, *broken_laws(history), *outcome.growth.broken()]
    inbound, outbound = traffic.inbound(_lanes(scene)), traffic.outbound(floods=False)
    for window in outcome.windows:
        window.judge(inbound, outbound)
        outcome.problems += window.broken


def _do(scene: Scene, fault: Fault, say: Say) -> Window:
    """One fault, from a moment of quiet until everything moves again."""
    scene.house.wait_ready()
    quiet = _quiet(scene)
    began = time.monotonic()
    scene.held = frozenset()
    fault.act(scene)
    ended = time.monotonic()
    window = Window(fault.name, fault.bounds, began, began if fault.survives else ended, ended, scene.held, quiet)
    stuck = _wait_until_moving(scene, ended)
    after = f"moving again after {time.monotonic() - ended:.1f} s"
    if stuck:
        after = f"after {PATIENCE:g} s, {len(stuck)} still wait, such as {stuck[0]}"
    say(f"  {after}; {scene.traffic.acknowledged:,} messages acknowledged")
    return window


def _quiet(scene: Scene) -> float:
    """Wait until it is calm, with less to do if it is not, or give it up. Returns how long the longest waits or has
    waited by now."""
    found = 0.0
    for _ in range(TRIES):
        since = time.monotonic()
        scene.wait(QUIET)
        found = longest([*scene.traffic.inbound(), *scene.traffic.outbound()], since, time.monotonic())
        if found <= CALM:
            break
        scene.traffic.slow_down()
    return found


def _wait_until_moving(scene: Scene, since: float) -> list[Waited]:
    """Until somebody's message was acknowledged behind the fault, and nobody waits who began before that. Returns who
    does after a long time."""
    scene.house.wait_ready()
    until(lambda: any(at > since for one in list(scene.traffic.customers) for at in one.at[-1:]), "somebody writes")
    before = time.monotonic()

    def waiting() -> list[Waited]:
        waits = [*scene.traffic.inbound(), *scene.traffic.outbound()]
        return [one for one in waits if one.over is None and one.began <= before]

    try:
        until(lambda: not waiting(), "everything moves", PATIENCE)
    except NotInTime:
        return waiting()  # for how long, or whether for ever, the account says
    return []


def _grow(scene: Scene, seconds: float, say: Say) -> Growth:
    """An hour's messages in as little time as they take, or as many as come in `seconds`."""
    say("memory: a fresh start, and as much as it takes")
    restart_each(scene)
    traffic, end = scene.traffic, time.monotonic() + seconds
    _write(scene, traffic.acknowledged + WARM, end)
    first, at_first = resident(scene), traffic.acknowledged
    _write(scene, at_first + HOUR, end)
    return Growth(first, resident(scene), traffic.acknowledged - at_first)


def _write(scene: Scene, wanted: int, end: float) -> None:
    """As fast as the house shows it, until so many are acknowledged or the time is over."""
    traffic = scene.traffic

    def enough() -> bool:
        traffic.hurry(0.1 if traffic.unseen < PILE else 5.0)
        return traffic.acknowledged >= wanted or time.monotonic() > end or traffic.failed

    until(enough, "an hour's messages", end - time.monotonic() + 60)


def _lanes(scene: Scene) -> LaneOf:
    """In which lane a customer's messages are."""
    with scene.house.client("mara") as http:
        channels = http.get("/api/v1/channels").raise_for_status().json()
    ids = {str(channel["address"]): str(channel["id"]) for channel in channels}
    count = 4 if scene.size == "postgres" else 1

    def lane(customer: Customer) -> int:
        return lane_of(ids[customer.line], customer.phone, count)

    return lane
