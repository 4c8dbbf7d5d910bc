"""What is expected is no news: a database that is away is told when it goes and when it is back."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from casella import logs, metrics
from casella.errors import StoreUnavailable
from casella.store import Store
from tests.services import PostgresServer


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.set_up("info", "json", stream)
    yield stream
    logs.set_up("warning", "text", io.StringIO())


@pytest.mark.slow
def test_one_line_when_it_goes_and_one_when_it_is_back(private_pg_server: PostgresServer, written: io.StringIO) -> None:
    store = Store(private_pg_server.create_database("away"), pool_size=1)
    counted = metrics.database_away._value.get()
    private_pg_server.stop()
    for _ in range(20):
        with pytest.raises(StoreUnavailable), store.read():
            pass
    private_pg_server.start()
    for _ in range(3):
        with store.read():
            pass
    store.close()

    lines = [line for line in written.getvalue().splitlines() if "the database is" in line]
    assert ["away" in line for line in lines] == [True, False]
    assert '"tries": 20' in lines[1]
    assert metrics.database_away._value.get() == counted + 20
    assert "Traceback" not in written.getvalue()


def test_a_broker_that_is_away_is_nothing_critical(written: io.StringIO) -> None:
    log = logging.getLogger("dramatiq.worker.ConsumerThread(default)")
    log.critical("Consumer encountered a connection error: %s", "refused")
    log.critical("Consumer encountered an unexpected error.")

    assert "connection error" not in written.getvalue()
    assert "unexpected error" in written.getvalue()
