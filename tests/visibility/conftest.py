"""One world per module, on SQLite and on PostgreSQL: building it takes longer than asking it a hundred questions."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator

import pytest
import structlog

from tests.services import PostgresServer
from tests.visibility.world import World, open_world


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Iterator[None]:
    """Two thousand requests need no line each."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    yield
    structlog.configure(wrapper_class=before)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("visibility")
    if request.param == "sqlite":
        with open_world(f"sqlite:///{folder / 'casella.db'}", folder) as opened:
            yield opened
        return
    server: PostgresServer = request.getfixturevalue("pg_server")
    name = f"visibility_{uuid.uuid4().hex}"
    with open_world(server.create_database(name), folder) as opened:
        yield opened
    server.drop_database(name)
