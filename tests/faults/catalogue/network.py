"""Bad cables between processes and their database and Redis."""

from __future__ import annotations

from tests.faults.catalogue.fault import OTHERS, POSTGRES, WHOLE, Fault
from tests.faults.catalogue.processes import LOOK_SECONDS, LOOKS, held_lanes
from tests.faults.scene import Scene

NOTICED = 11.0
"""Seconds after which the kernels of both sides give an unplugged host up: the keepalives of `casella.store.sessions`.
The cable's own kernel answers keepalives, which a pulled plug does not; so here the cable is cut when they would."""


def unplug_worker(scene: Scene) -> None:
    _unplug(scene, scene.dice.choice(scene.workers))


def unplug_server(scene: Scene) -> None:
    _unplug(scene, scene.dice.choice(scene.servers))


def _unplug(scene: Scene, name: str) -> None:
    cables = scene.cables[name]
    for cable in cables:
        cable.silence(True)
    try:
        scene.held = held_lanes(scene, name)
        scene.wait(NOTICED - LOOKS * LOOK_SECONDS)
    finally:
        for cable in cables:
            cable.cut()
            cable.silence(False)


def delay(scene: Scene) -> None:
    """Everybody's way to the database and to Redis is longer, as to another continent."""
    cables = [cable for several in scene.cables.values() for cable in several]
    for cable in cables:
        cable.delay = 0.02
    try:
        scene.wait(6.0)
    finally:
        for cable in cables:
            cable.delay = 0.0


def cut(scene: Scene) -> None:
    """All connections with the database and Redis, at once; new ones are let in."""
    for cables in scene.cables.values():
        for cable in cables:
            cable.cut()


NETWORK = (
    Fault("worker unplugged", "nothing gets through between one worker and its database and Redis, for 11 s", POSTGRES,
          OTHERS, unplug_worker, survives=True),
    Fault("server unplugged", "the same with one API process", POSTGRES, OTHERS, unplug_server, survives=True),
    Fault("network delayed", "20 ms more each way to the database and Redis, for 6 s", POSTGRES, WHOLE, delay),
    Fault("network cut", "every connection with the database and Redis is cut at once", POSTGRES, WHOLE, cut),
)  # fmt: skip
