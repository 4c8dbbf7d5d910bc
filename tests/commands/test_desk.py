"""`casella desk`: versions, their files back, and an earlier one in use again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.desk import Catalogue, reread_desk
from casella.desk.overriding import kept
from casella.desk.overriding.settings import written_over
from casella.host import find_plugins
from casella.store import Store
from casella.store.tables import agents, desk_versions, inboxes, webhooks
from tests.commands.demo_secrets import demo_environment
from tests.docs.pages import ROOT

Run = Callable[..., Result]


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "examples" / "desk", tmp_path / "desk"))


@pytest.fixture
def run(migrated_sqlite_url: str, tmp_path: Path) -> Run:
    environment = demo_environment(migrated_sqlite_url, tmp_path)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def names(url: str) -> list[str]:
    """Of the shared inboxes; whoever has a number has one of his own besides."""
    store = Store(url)
    shared = inboxes.select().where(inboxes.c.removed_at.is_(None), inboxes.c.owner_id.is_(None))
    with store.read() as db:
        found = [row.name for row in db.execute(shared)]
    store.close()
    return sorted(found)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.yaml"))}


def rename(desk: Path, name: str) -> None:
    path = desk / "desk.yaml"
    path.write_text(path.read_text().replace("name: Support\n", f"name: {name}\n", 1))


def test_an_earlier_desk_is_used_again_and_its_files_are_back(run: Run, desk: Path, migrated_sqlite_url: str) -> None:
    first = contents(desk)
    assert run("apply", desk, "--yes").exit_code == 0
    rename(desk, "Help")
    (desk / "rules").mkdir()
    (desk / "rules.yaml").rename(desk / "rules" / "all.yaml")
    assert run("apply", desk, "--yes").exit_code == 0
    assert names(migrated_sqlite_url) == ["Help", "Sales"]
    done = run("desk", "rollback", 1, desk, "--yes")
    assert (done.exit_code, "changed   inbox support: name Help → Support" in done.output) == (0, True), (
        f"{done.output} {done.exception}"
    )
    assert "Desk version 3 is in use; it says what version 1 said." in done.output
    assert names(migrated_sqlite_url) == ["Sales", "Support"]
    assert contents(desk) == first
    listed = run("desk", "versions").output.splitlines()
    assert [line.split()[0] for line in listed] == ["3", "2", "1"]
    assert [line.endswith("in use") for line in listed] == [True, False, False]


def test_who_does_not_agree_finds_everything_as_it_was(run: Run, desk: Path, migrated_sqlite_url: str) -> None:
    run("apply", desk, "--yes")
    path = desk / "desk.yaml"
    path.write_text(path.read_text() + "webhooks:\n  crm: {url: https://crm.example/x}\n")
    run("apply", desk, "--yes")
    before = contents(desk)
    refused = run("desk", "rollback", 1, desk)  # something would be removed, and nobody is there to be asked
    assert (refused.exit_code, "Nothing was changed." in refused.output) == (1, True), refused.output
    assert contents(desk) == before
    store = Store(migrated_sqlite_url)
    with store.read() as db:
        assert len(db.execute(desk_versions.select()).all()) == 2
        assert [row.key for row in db.execute(webhooks.select())] == ["crm"]
    store.close()


def test_the_desk_in_use_is_pulled_into_an_empty_folder(run: Run, desk: Path, tmp_path: Path) -> None:
    run("apply", desk, "--yes")
    run_files = {name: text for name, text in contents(desk).items() if not name.startswith("tests")}
    assert run("desk", "pull", tmp_path / "other").exit_code == 0
    assert contents(tmp_path / "other") == run_files
    rename(desk, "Help")
    run("apply", desk, "--yes")
    assert run("desk", "pull", desk, "--version", 1).exit_code == 0
    assert {name: text for name, text in contents(desk).items() if not name.startswith("tests")} == run_files


def change_by_hand(url: str, key: str, value: str, own: str) -> None:
    """As the API keeps a manager's change: written over the desk in use."""
    store = Store(url)
    with store.write() as db:
        newest = kept.newest(db)
        assert newest is not None
        agent = db.execute(agents.select().order_by(agents.c.key)).first()
        assert agent is not None
        kept.keep(db, kept.Override(key, value, own, agent.id, agent.name, newest.applied_at))
        files = written_over(newest.files, key, value)
        desk, problems = reread_desk(files, Catalogue.of_host(find_plugins()), newest.additions)
        assert desk is not None, problems
        kept.use(db, desk, newest.files, newest.additions, newest.applied_at)
    store.close()


def test_a_change_by_hand_is_listed_kept_and_pulled(run: Run, desk: Path, migrated_sqlite_url: str) -> None:
    run("apply", desk, "--yes")
    before = contents(desk)["desk.yaml"].decode()
    change_by_hand(migrated_sqlite_url, "inboxes/support/reopen", "3d", "never")
    applied = run("apply", desk)
    assert "kept      inboxes/support/reopen: changed by" in applied.output, applied.output
    assert "Nothing differs from the desk in use." in applied.output
    assert run("desk", "pull", desk).exit_code == 0
    after = contents(desk)["desk.yaml"].decode()
    lines = before.splitlines()
    assert [line.strip() for line in after.splitlines() if line not in lines] == ["reopen: 3d"]
    assert [line for line in after.splitlines() if line in lines] == lines
    settled = run("apply", desk)
    assert "settled   inboxes/support/reopen" in settled.output, settled.output
    assert "reopen" not in run("apply", desk).output


def test_the_desk_wins_and_says_so(run: Run, desk: Path, migrated_sqlite_url: str) -> None:
    run("apply", desk, "--yes")
    change_by_hand(migrated_sqlite_url, "inboxes/support/reopen", "3d", "never")
    path = desk / "desk.yaml"
    path.write_text(path.read_text().replace("name: Support\n", "name: Support\n    reopen: always\n", 1))
    applied = run("apply", desk)
    assert "given up  inboxes/support/reopen" in applied.output, applied.output
    assert "the desk has another value since, and that counts" in " ".join(applied.output.split())


def test_an_earlier_desk_comes_back_whole(run: Run, desk: Path, migrated_sqlite_url: str) -> None:
    run("apply", desk, "--yes")
    change_by_hand(migrated_sqlite_url, "inboxes/support/reopen", "3d", "never")
    back = run("desk", "rollback", 1, desk, "--yes")
    assert "given up  inboxes/support/reopen" in back.output, back.output
    assert "changed   inbox support: reopen 3d → never" in back.output


@pytest.mark.parametrize("words", [("rollback", "7"), ("pull", "--version", "7")])
def test_a_version_that_is_not_there_is_said(run: Run, desk: Path, words: tuple[str, ...]) -> None:
    before = contents(desk)
    done = run("desk", *words, desk)
    assert done.exit_code != 0
    assert "There is no desk version 7" in f"{done.output} {done.exception}"
    assert contents(desk) == before
