"""PostgreSQL and Redis: emptied, restarted, killed, replaced."""

from __future__ import annotations

from tests.faults.catalogue.fault import POSTGRES, WHOLE, Fault
from tests.faults.scene import Scene
from tests.integration.rig import chaos


def flush(scene: Scene) -> None:
    chaos.flush(scene.broker())()


def kill_redis(scene: Scene) -> None:
    """Away for a moment, and empty when it comes back."""
    scene.broker().stop()
    scene.wait(scene.dice.uniform(0.5, 2.0))
    scene.broker().start()


def restart_postgres(scene: Scene) -> None:
    scene.database().primary.restart()
    scene.house.wait_ready()


def kill_postgres(scene: Scene) -> None:
    scene.database().primary.restart("kill")
    scene.house.wait_ready()


def fail_over(scene: Scene) -> None:
    scene.database().fail_over()
    scene.house.wait_ready()
    scene.database().replicate_again()


SERVERS = (
    Fault("Redis flushed", "FLUSHALL", POSTGRES, WHOLE, flush, survives=True),
    Fault("Redis killed", "away for up to 2 s, and empty when it is back", POSTGRES, WHOLE, kill_redis, survives=True),
    Fault("PostgreSQL restarted", "a fast shutdown, and up again", POSTGRES, WHOLE, restart_postgres),
    Fault("PostgreSQL killed", "kill -9 of the postmaster, and up again", POSTGRES, WHOLE, kill_postgres),
    Fault("PostgreSQL fails over", "kill -9 of the primary; its synchronous replica is promoted, the address moves",
          POSTGRES, WHOLE, fail_over),
)  # fmt: skip
