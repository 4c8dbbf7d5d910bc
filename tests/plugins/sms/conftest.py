"""Twilio as the simulator plays it, and a desk that hears its webhooks."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from casella_simulator import Simulator
from tests import loopback
from tests.simulator.desk import Desk, serve_desk


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serve_desk() as serving:
        yield serving


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with loopback.Client(timeout=20) as client:
        yield client
