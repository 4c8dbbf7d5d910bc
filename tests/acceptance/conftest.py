"""A complete Casella with the example desk, once embedded and once distributed, for tests through its public face."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casella_simulator import Simulator
from tests.integration.rig.desks import example_desk
from tests.integration.rig.houses import House, distributed, embedded


@pytest.fixture(scope="module")
def provider() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture(scope="module", params=["embedded", "distributed"])
def house(
    request: pytest.FixtureRequest, provider: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp(request.param)
    desk = example_desk(folder / "desk")
    if request.param == "embedded":
        with embedded(folder, provider, desk) as running:
            yield running
    else:
        pg, redis = request.getfixturevalue("pg_server"), request.getfixturevalue("redis_server")
        url = pg.create_database(folder.name.replace("-", "_"))
        with distributed(folder, provider, desk, database_url=url, redis_url=redis.url) as running:
            yield running
