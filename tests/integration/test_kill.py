"""kill -9, FLUSHALL, and databases that go away, at random moments under load: nothing is lost, nothing is doubled,
and what nobody can know is shown. Real processes, real servers, genuinely signed webhooks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from casella_simulator import Simulator
from tests.budget import LONG
from tests.integration.rig import chaos
from tests.integration.rig.desks import busy_desk
from tests.integration.rig.houses import distributed, embedded
from tests.integration.rig.runs import GOOD, ROUGH, Load, new_seed, one_of_each, run
from tests.services import PostgresServer, RedisServer
from tests.variants import AGAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@AGAIN("test_processes_and_databases_are_killed_and_restarted_under_load")
def test_the_embedded_process_is_killed_under_load(tmp_path: Path) -> None:
    seed = new_seed()
    dice = random.Random(seed)
    with Simulator() as provider, embedded(tmp_path / "house", provider, busy_desk(tmp_path / "desk")) as house:
        acts = {"up killed": chaos.kill(house, "up")}
        outcome = run(house, provider, acts, dice=dice, seed=seed, load=Load(faults=ROUGH))
    assert outcome.findings.problems == []


def test_processes_and_databases_are_killed_and_restarted_under_load(
    tmp_path: Path, private_pg_server: PostgresServer, private_redis_server: RedisServer
) -> None:
    seed = new_seed()
    dice = random.Random(seed)
    urls: dict[str, Any] = {
        "database_url": private_pg_server.create_database("casella"),
        "redis_url": private_redis_server.url,
    }
    desk = busy_desk(tmp_path / "desk")
    with Simulator() as provider, distributed(tmp_path / "house", provider, desk, **urls) as house:
        killed = one_of_each(house, dice)
        acts = {f"{name} killed": chaos.kill(house, name) for name in killed}
        acts |= {
            "postgres restarted": chaos.restart_postgres(private_pg_server, killed=False),
            "postgres killed": chaos.restart_postgres(private_pg_server, killed=True),
            "redis restarted": chaos.restart_redis(private_redis_server, dice),
            "redis flushed": chaos.flush(private_redis_server),
        }
        # On a bad day of the provider as well only where there is time: what it leaves open takes half a minute to
        # settle, and the embedded house meets such a day above.
        outcome = run(house, provider, acts, dice=dice, seed=seed, load=Load(faults=ROUGH if LONG else GOOD))
        died = {name: program.exits for name, program in house.programs.items() if program.exits}
    assert outcome.findings.problems == []
    assert set(died) <= set(killed), "no process ends because a database is away for a moment"
