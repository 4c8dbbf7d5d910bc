"""A running simulator for each test, clean, with one account whose webhook is a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casella_simulator import Simulator, SimulatorConfig
from tests.simulator.desk import PHONE, Desk, account, serve_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serve_desk() as serving:
        yield serving


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorConfig(phones=(PHONE,))) as simulator:
        yield simulator


@pytest.fixture
def sim(running_simulator: Simulator, desk: Desk) -> Iterator[Simulator]:
    """The simulator with nothing in it but the account of `desk`."""
    running_simulator.reset()
    running_simulator.configure(account(desk))
    yield running_simulator
    running_simulator.reset()
