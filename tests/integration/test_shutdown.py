"""SIGTERM under load: what is held is finished or given back, nothing waits for open streams, nothing is lost."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from casella_simulator import Faults, Simulator
from tests.integration.rig.chaos import Act
from tests.integration.rig.desks import busy_desk
from tests.integration.rig.houses import House, distributed, embedded
from tests.integration.rig.programs import until
from tests.integration.rig.runs import Load, new_seed, one_of_each, run
from tests.services import PostgresServer, RedisServer
from tests.variants import AGAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SLOW_PROVIDER = Faults(latency_ms=(300, 1_500), receipt_delay_ms=(0, 300))
LIMIT = 60.0
"""CASELLA_SHUTDOWN_SECONDS is 20; the rest is patience with a busy machine."""


def ask_to_end(house: House, name: str) -> Act:
    """SIGTERM, with event streams open; it must end by itself, in time, with exit code 0. Then it is started again."""

    def act() -> None:
        house.wait_ready()
        program = house.programs[name]
        assert program.stop(seconds=LIMIT) == 0, program.complaints()
        program.start()

    return act


@AGAIN("test_api_and_workers_end_gracefully_under_load")
def test_the_embedded_process_ends_gracefully_under_load(tmp_path: Path) -> None:
    seed = new_seed()
    dice = random.Random(seed)
    with Simulator() as provider, embedded(tmp_path / "house", provider, busy_desk(tmp_path / "desk")) as house:
        acts = {"up ended": ask_to_end(house, "up")}
        load = Load(customers=8, pause=2.0, faults=SLOW_PROVIDER)
        outcome = run(house, provider, acts, dice=dice, seed=seed, load=load)
    assert outcome.findings.problems == []
    assert outcome.findings.unconfirmed == outcome.findings.looked_up == 0, "what was being sent was finished"


def test_api_and_workers_end_gracefully_under_load(
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
        acts = {f"{name} ended": ask_to_end(house, name) for name in one_of_each(house, dice)}
        load = Load(customers=8, pause=2.0, faults=SLOW_PROVIDER)
        outcome = run(house, provider, acts, dice=dice, seed=seed, load=load)
    assert outcome.findings.problems == []
    assert outcome.findings.unconfirmed == outcome.findings.looked_up == 0, "what was being sent was finished"


def test_a_process_with_many_open_streams_ends_at_once(tmp_path: Path) -> None:
    desk = busy_desk(tmp_path / "desk")
    with (
        Simulator() as provider,
        embedded(tmp_path / "house", provider, desk) as house,
        house.client("mara") as client,
    ):
        opened = [_Stream(client) for _ in range(20)]
        until(lambda: all(stream.connected.is_set() for stream in opened), "twenty streams")
        assert house.programs["up"].stop(seconds=LIMIT) == 0
        for stream in opened:
            stream.thread.join()
        assert all(stream.was_ended for stream in opened), "the streams were ended, not cut"


class _Stream:
    def __init__(self, client: httpx.Client) -> None:
        self.connected = threading.Event()
        self.was_ended = False
        self._client = client
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self) -> None:
        with self._client.stream("GET", "/api/v1/events", timeout=LIMIT) as response:
            for _ in response.iter_lines():
                self.connected.set()
            self.was_ended = True
