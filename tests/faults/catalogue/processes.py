"""Processes that die, stand still, restart, or believe another time."""

from __future__ import annotations

import signal

from sqlalchemy import text

from tests.faults.catalogue.fault import BOTH, EMBEDDED, OTHERS, POSTGRES, WHOLE, Fault
from tests.faults.scene import Scene
from tests.integration.rig.programs import until

STANDSTILL = 12.0
"""Seconds. Longer than any bound of a session or a lease, so that each of them is met."""
LONG_STANDSTILL = 34.0
"""Longer than the longest send: this one set all SMS aside once."""
WRONG_BY = 300.0
LOOKS, LOOK_SECONDS = 20, 0.25
_HELD = text("SELECT lane FROM lanes JOIN pg_stat_activity ON backend_xid = lanes.xmax WHERE usename = :name")


def kill_embedded(scene: Scene) -> None:
    _end(scene, "up", signal.SIGKILL)
    scene.house.wait_ready()


def kill_worker(scene: Scene) -> None:
    _end(scene, scene.dice.choice(scene.workers), signal.SIGKILL)


def kill_server(scene: Scene) -> None:
    _end(scene, scene.dice.choice(scene.servers), signal.SIGKILL)


def stop_embedded(scene: Scene) -> None:
    _stand_still(scene, "up", STANDSTILL)


def stop_embedded_long(scene: Scene) -> None:
    _stand_still(scene, "up", LONG_STANDSTILL)


def stop_worker(scene: Scene) -> None:
    _stand_still(scene, scene.dice.choice(scene.workers), STANDSTILL)


def stop_server(scene: Scene) -> None:
    _stand_still(scene, scene.dice.choice(scene.servers), STANDSTILL)


def restart_each(scene: Scene) -> None:
    """SIGTERM to one after the other, each when the one before is back."""
    for name in scene.house.programs:
        _end(scene, name, signal.SIGTERM)
        until(lambda: scene.house.programs[name].running, f"{name} is back")  # noqa: B023 - asked at once
        scene.house.wait_ready()


def clock_ahead(scene: Scene) -> None:
    _wrong_clock(scene, WRONG_BY)


def clock_behind(scene: Scene) -> None:
    _wrong_clock(scene, -WRONG_BY)


def _end(scene: Scene, name: str, number: signal.Signals) -> None:
    program = scene.house.programs[name]
    before = len(program.exits)
    program.tell(number)
    until(lambda: len(program.exits) > before, f"{name} has ended")


def _stand_still(scene: Scene, name: str, seconds: float) -> None:
    program = scene.house.programs[name]
    program.tell(signal.SIGSTOP)
    try:
        scene.held = held_lanes(scene, name) if scene.size == "postgres" else frozenset()
        scene.wait(seconds - (LOOKS * LOOK_SECONDS if scene.size == "postgres" else 0))
    finally:
        program.tell(signal.SIGCONT)


def held_lanes(scene: Scene, name: str) -> frozenset[int]:
    """Those that this process, which does nothing any more, has locked, or comes to lock because it had asked before:
    who locks a row leaves the number of his transaction on it."""
    store, held = scene.house.store(), set[int]()
    try:
        for _ in range(LOOKS):
            with store.read() as db:
                held.update(db.execute(_HELD, {"name": name}).scalars())
            scene.wait(LOOK_SECONDS)
    finally:
        store.close()
    return frozenset(held)


def _wrong_clock(scene: Scene, seconds: float) -> None:
    """Of one process at random: wrong for a while, then right again, a step each way."""
    clock = scene.clocks[scene.dice.choice(sorted(scene.clocks))]
    clock.step(seconds)
    try:
        scene.wait(5.0)
    finally:
        clock.step(0.0)


PROCESSES = (
    Fault("process killed", "kill -9 of the one process; counted from when it serves again", EMBEDDED, WHOLE,
          kill_embedded),
    Fault("worker killed", "kill -9 of one worker", POSTGRES, WHOLE, kill_worker, survives=True),
    Fault("server killed", "kill -9 of one API process", POSTGRES, WHOLE, kill_server, survives=True),
    Fault("process stopped", "SIGSTOP of the one process for 12 s", EMBEDDED, WHOLE, stop_embedded),
    Fault("process stopped for long", "SIGSTOP for 34 s, longer than any send may take", EMBEDDED, WHOLE,
          stop_embedded_long, long=True),
    Fault("worker stopped", "SIGSTOP of one worker for 12 s", POSTGRES, OTHERS, stop_worker, survives=True),
    Fault("server stopped", "SIGSTOP of one API process for 12 s", POSTGRES, OTHERS, stop_server, survives=True),
    Fault("restarted", "SIGTERM of every process, one after the other", BOTH, WHOLE, restart_each),
    Fault("clock ahead", "one process's clock is set 300 s ahead, and back after 5 s", BOTH, OTHERS, clock_ahead,
          survives=True),
    Fault("clock behind", "one process's clock is set 300 s back, and ahead after 5 s", BOTH, OTHERS, clock_behind,
          survives=True),
)  # fmt: skip
