"""What every test may ask for: real servers, fresh databases, a browser. Absent things skip loudly or fail."""

from __future__ import annotations

import gc
import logging
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import hypothesis
import pytest
import redis
import sqlalchemy
from playwright.sync_api import Browser, Page
from sqlalchemy import Connection
from tools import chromium

from tests.browser import driver_node, open_browser
from tests.budget import tries
from tests.services import PostgresServer, RedisServer, S3Server, postgres
from tests.services import redis_server as start_redis
from tests.services import s3_server as start_s3
from tests.services.emptying import empty
from tests.services.memory import keep_scratch_in_memory
from tests.services.s3 import CREDENTIALS
from tests.services.statements import compile_once
from tests.variants import COLLECTED, share_out_databases
from tests.watch import watch

if TYPE_CHECKING:
    from tests.house import House

T = TypeVar("T")

ABSENT = "absent: "  # how the reason of such a skip begins, so that the summary can count them

# The suite starts hundreds of Pythons, each of which would compile all it imports again (two seconds for `casella`).
# Who wants no bytecode among the sources gets it beside the packages.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix, "bytecode"))

keep_scratch_in_memory()
compile_once()

# Tests are never timed: a slow machine must not make a law look broken.
UNTIMED = hypothesis.settings(
    max_examples=tries(100), deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile("dev", UNTIMED)
hypothesis.settings.register_profile("ci", UNTIMED, derandomize=False, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def _absent(missing: LookupError, required_by: str) -> NoReturn:
    """Skip, or fail if the environment variable ``required_by`` demands the real thing."""
    if os.environ.get(required_by):
        pytest.fail(f"{ABSENT}{missing}", pytrace=False)
    pytest.skip(f"{ABSENT}{missing}")


@contextmanager
def _provided(server: AbstractContextManager[T], required_by: str) -> Iterator[T]:
    """Enter ``server``; when this machine has none, skip, or fail if the variable ``required_by`` is set."""
    with ExitStack() as stack:
        try:
            entered = stack.enter_context(server)
        except LookupError as missing:
            _absent(missing, required_by)
        yield entered


@pytest.fixture(autouse=True)
def logs_end_with_their_test() -> Iterator[None]:
    """A command that a test ran may have sent the logs to that test's own stderr, which is closed afterwards, and have
    made others' logs quiet."""
    root = logging.getLogger()
    before, levels = list(root.handlers), _levels()
    yield
    root.handlers[:] = [one for one in root.handlers if one in before or type(one).__module__.startswith("_pytest")]
    for name, found in _levels().items():
        level, disabled = levels.get(name, (logging.NOTSET, False))
        if found != (level, disabled):
            logger = root if name == "root" else logging.getLogger(name)
            logger.setLevel(level)
            logger.disabled = disabled


def _levels() -> dict[str, tuple[int, bool]]:
    known = {"root": logging.getLogger(), **logging.Logger.manager.loggerDict}
    return {name: (one.level, one.disabled) for name, one in known.items() if isinstance(one, logging.Logger)}


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PostgresServer]:
    """One real PostgreSQL per pytest process. Do not restart it: ask for `private_pg_server`."""
    with _provided(postgres(), "REQUIRE_REAL") as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """A Chromium that is on this machine; `python -m tools.chromium` fetches one."""
    try:
        return chromium.find()
    except LookupError as missing:
        _absent(missing, "REQUIRE_BROWSER")


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """One for all tests of a module, whose contexts know nothing of each other. Not for longer: playwright keeps an
    event loop in the main thread while it is open."""
    try:
        node = driver_node()
    except LookupError as missing:
        _absent(missing, "REQUIRE_BROWSER")
    with open_browser(chromium_path, node) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own: no cookie, no storage, no service worker of anybody else's."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One real Redis per pytest process. Do not restart or FLUSHALL it: ask for `private_redis_server`."""
    with _provided(start_redis(), "REQUIRE_REAL") as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One real server of S3's protocol per pytest process; make a bucket of your own. Its credentials are in the
    environment for as long as it runs."""
    with _provided(start_s3(), "REQUIRE_REAL") as server, pytest.MonkeyPatch.context() as environment:
        for name, value in CREDENTIALS.items():
            environment.setenv(name, value)
        yield server


@pytest.fixture
def private_pg_server() -> Iterator[PostgresServer]:
    """A durable PostgreSQL for this test alone, to be restarted, killed and stopped at will."""
    with _provided(postgres(durable=True, private=True), "REQUIRE_REAL") as server:
        yield server


@pytest.fixture
def private_redis_server() -> Iterator[RedisServer]:
    """A Redis for this test alone, to be restarted, killed, stopped and flushed at will."""
    with _provided(start_redis(private=True), "REQUIRE_REAL") as server:
        yield server


@pytest.fixture
def pg_url(pg_server: PostgresServer) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database, dropped after the test."""
    name = f"test_{uuid.uuid4().hex}"
    yield pg_server.create_database(name)
    pg_server.drop_database(name)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> Iterator[str]:
    """URL of a Redis that is empty before and after the test."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushdb()
        yield redis_server.url
        client.flushdb()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'casella.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice: on a fresh SQLite file and on a fresh PostgreSQL database."""
    url: str = request.getfixturevalue({"sqlite": "sqlite_url", "postgres": "pg_url"}[request.param])
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this version's tables."""
    path = tmp_path_factory.mktemp("template") / "casella.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_database(pg_server: PostgresServer) -> Iterator[Connection]:
    """Into a PostgreSQL database with this version's tables, one per pytest process."""
    url = pg_server.create_database(f"migrated_{uuid.uuid4().hex}")
    _migrate(url)
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        yield connection


def _migrate(url: str) -> None:
    from casella.store import Store, migrate  # here, so that tests of other rooms do not load this one

    store = Store(url)
    migrate.upgrade(store)
    store.close()


@pytest.fixture
def migrated_sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a SQLite file of its own that has the tables already."""
    path = tmp_path / "casella.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def migrated_pg_url(migrated_database: Connection) -> str:
    """URL of a PostgreSQL database that has the tables already, all of them empty."""
    with migrated_database.begin():
        empty(migrated_database)
    return migrated_database.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The test runs twice, on databases that have the tables already: much quicker than `database_url`."""
    fixtures = {"sqlite": "migrated_sqlite_url", "postgres": "migrated_pg_url"}
    url: str = request.getfixturevalue(fixtures[request.param])
    return url


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    """A built house on SQLite and on PostgreSQL. See `tests.house`; what it decided is looked at by `tests.within`."""
    from tests.house import House  # here, so that tests of other rooms do not load this one
    from tests.within import surprises

    with House(migrated_url, tmp_path) as built:
        yield built
        with built.rooms.store.read() as db:
            assert surprises(db) == []


def pytest_configure(config: pytest.Config) -> None:
    watch(config)


@pytest.hookimpl(tryfirst=True)  # before -m chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that say something again are marked. Files with tests of many seconds come first, in random order like all
    others: who began such a test last would be at it alone. As long as there is enough else to do they are one
    worker's, so that two loads do not meet."""
    share_out_databases(items, config.rootpath)
    config.stash[COLLECTED] = tuple(items)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """All tests have been loaded and stay: some million objects that the garbage collector need not walk through again
    and again. It took a fifth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _absent_reason(report: pytest.TestReport) -> str | None:
    """Why this test did not run, when a missing server or browser was the cause."""
    reason = report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
    return reason.removeprefix(ABSENT) if reason.startswith(ABSENT) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what did not run here, for lack of what, and how many tests that was."""
    reasons = [reason for report in terminalreporter.getreports("skipped") if (reason := _absent_reason(report))]
    if not reasons:
        return
    terminalreporter.section("NOT RUN for lack of real servers or a browser", yellow=True, bold=True)
    for reason in sorted(set(reasons)):
        terminalreporter.line(f"{reasons.count(reason)} tests: {reason}", yellow=True)
    terminalreporter.line("REQUIRE_REAL=1 and REQUIRE_BROWSER=1 make these failures.")
