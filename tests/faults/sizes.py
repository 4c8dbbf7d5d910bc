"""The two sizes of Casella as scenes: `casella up` on SQLite; and API processes and workers on PostgreSQL and Redis."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from casella_simulator import Simulator
from tests.faults.desk import LINES, desk_of_lines
from tests.faults.proxy import Cable, Network
from tests.faults.scene import Pair, Scene
from tests.faults.traffic import Traffic, Weight
from tests.integration.rig.clocks import SteppedClock
from tests.integration.rig.houses import configure, distributed, embedded
from tests.integration.rig.runs import GOOD
from tests.services import postgres, redis_server

SERVES, WORKS = 2, 3


@contextmanager
def small(folder: Path, dice: random.Random, weight: Weight, command: Sequence[str] = ()) -> Iterator[Scene]:
    """Embedded. `command`: another installation's `casella`."""
    with ExitStack() as stack:
        provider, network, cable = _outside(stack)
        clock = SteppedClock(folder / "up.clock")
        variables = {**_provider_at(cable, provider), **clock.environment}
        house = stack.enter_context(
            embedded(folder / "house", provider, desk_of_lines(folder / "desk"), variables, command=command)
        )
        configure(provider, house.url, LINES)
        traffic = Traffic(house, provider, dice, weight)
        stack.callback(traffic.close)
        yield Scene("embedded", house, provider, cable, network, dice, traffic, {"up": clock})


@contextmanager
def large(folder: Path, dice: random.Random, weight: Weight, command: Sequence[str] = ()) -> Iterator[Scene]:
    """Distributed, each process with cables of its own. Raises LookupError where there is no server's program."""
    with ExitStack() as stack:
        primary = stack.enter_context(postgres(private=True))
        redis = stack.enter_context(redis_server(private=True))
        provider, network, to_provider = _outside(stack)
        primary.create_database("casella")
        pair = Pair(primary, stack)
        redis_socket = Path(redis.url.removeprefix("unix://"))
        names = [f"serve-{number}" for number in range(SERVES)] + [f"work-{number}" for number in range(WORKS)]
        cables = {name: [network.cable(primary.socket), network.cable(redis_socket)] for name in (*names, "tests")}
        pair.cables = [several[0] for several in cables.values()]
        clocks = {name: SteppedClock(folder / f"{name}.clock") for name in names}
        urls = _urls(cables.pop("tests"), "postgres")
        for name in names:
            primary.ask(f'CREATE ROLE "{name}" SUPERUSER LOGIN')
            primary.ask(f"""ALTER ROLE "{name}" SET casella.brief_timeout = ''""")  # what is shipped is what is judged
        house = stack.enter_context(
            distributed(
                folder / "house",
                provider,
                desk_of_lines(folder / "desk"),
                database_url=urls["CASELLA_DATABASE_URL"],
                redis_url=urls["CASELLA_REDIS_URL"],
                serves=SERVES,
                works=WORKS,
                environment=_provider_at(to_provider, provider),
                own={name: {**_urls(cables[name], name), **clocks[name].environment} for name in names},
                command=command,
            )
        )
        configure(provider, house.url, LINES)
        traffic = Traffic(house, provider, dice, weight)
        stack.callback(traffic.close)
        yield Scene("postgres", house, provider, to_provider, network, dice, traffic, clocks, cables, pair, redis)


def _outside(stack: ExitStack) -> tuple[Simulator, Network, Cable]:
    provider = stack.enter_context(Simulator())
    provider.set_faults(GOOD)
    network = stack.enter_context(Network())
    return provider, network, network.cable(int(provider.url.rpartition(":")[2]))


def _provider_at(cable: Cable, provider: Simulator) -> dict[str, str]:
    hosts = f"{cable.address},{provider.url.removeprefix('http://')}"
    return {"CASELLA_DEMO_TWILIO_BASE_URL": f"http://{cable.address}", "CASELLA_PRIVATE_HOSTS": hosts}


def _urls(cables: Sequence[Cable], role: str) -> dict[str, str]:
    """Each process has a role of its own, so that the server can tell whose a session is."""
    database, redis = cables
    return {
        "CASELLA_DATABASE_URL": f"postgresql+psycopg://{role}@{database.address}/casella",
        "CASELLA_REDIS_URL": f"redis://{redis.address}/0",
    }
