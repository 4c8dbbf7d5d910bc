"""`casella credentials`, as an operator calls it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.inbox.reading import sessions
from casella.store import Store
from casella.store.queries import second_factor_queries
from casella.store.tables import access_tokens, agents, desk_versions
from tests.builders import NOW, make_agent


@pytest.fixture
def environment(migrated_sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    store = Store(migrated_sqlite_url)
    with store.write() as db:
        make_agent(db, key="ann", name="Ann", email="ann@desk.example")
        db.execute(insert(desk_versions).values(digest="test", applied_at=NOW, files={"desk.yaml": "desk: Test\n"}))
    store.close()
    return {"CASELLA_DATABASE_URL": migrated_sqlite_url, "CASELLA_DATA_DIR": str(tmp_path / "data")}


def run(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(cli, list(words), env=environment)


def test_it_shows_and_ends_what_an_agent_is_signed_in_with(environment: dict[str, str]) -> None:
    first = run(environment, "credentials", "ann")
    assert (first.exit_code, first.output) == (0, "none\n"), first
    for label in ("first", "second"):
        assert run(environment, "token", "ann", "--label", label).exit_code == 0
    shown = run(environment, "credentials", "ann").output.splitlines()
    assert [line.split()[-1] for line in shown] == ["first", "second"]
    ended = run(environment, "credentials", "ann", "--end", shown[0].split()[0])
    assert (ended.exit_code, ended.output) == (0, "1 ended\n")
    assert [line.split()[-1] for line in run(environment, "credentials", "ann").output.splitlines()] == ["second"]
    assert run(environment, "credentials", "ann", "--end-all").output == "1 ended\n"
    assert run(environment, "credentials", "ann").output == "none\n"


def test_what_is_not_there_is_said(environment: dict[str, str]) -> None:
    assert run(environment, "credentials", "bob").exit_code != 0
    assert run(environment, "credentials", "ann", "--end", "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E").exit_code != 0


def test_an_admin_takes_a_lost_second_factor_away(environment: dict[str, str]) -> None:
    none = run(environment, "credentials", "ann", "--reset-second-factor")
    assert none.exit_code == 1
    store = Store(environment["CASELLA_DATABASE_URL"])
    with store.write() as db:
        ann = str(db.execute(select(agents.c.id)).scalar_one())
        second_factor_queries.begin(db, ann, "sealed", NOW)
        second_factor_queries.activate(db, ann, NOW)
    assert run(environment, "token", "ann").exit_code == 0
    done = run(environment, "credentials", "ann", "--reset-second-factor")
    assert (done.exit_code, done.output) == (0, "the second factor is gone\n1 ended\n")
    with store.read() as db:
        assert not second_factor_queries.is_active(db, ann)
    store.close()


def test_a_link_for_whom_nobody_else_lets_in(environment: dict[str, str]) -> None:
    done = run(
        {**environment, "CASELLA_PORT": "8123", "CASELLA_PASSWORD_SIGN_IN": "false"}, "credentials", "ann", "--link"
    )
    assert done.exit_code == 0, done.output
    place, _, secret = done.output.strip().rpartition("/")
    assert place == "http://127.0.0.1:8123/enter"
    store = Store(environment["CASELLA_DATABASE_URL"])
    with store.write() as db:
        [row] = db.execute(select(access_tokens.c.kind, access_tokens.c.created_at, access_tokens.c.expires_at)).all()
        assert (row.kind, row.expires_at - row.created_at) == ("link", timedelta(minutes=10))
        assert sessions.take_link(db, secret, row.created_at)
        assert sessions.take_link(db, secret, row.created_at) is None
    store.close()
