"""`casella new-desk`: a desk that works at once, in a folder that was empty."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casella import app
from casella.cli import cli
from casella.commands.desk.new_desk import write
from casella.errors import ConfigurationError
from casella.settings import Settings


def casella(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={"COLUMNS": "200"})


def test_what_it_writes_passes_check_and_test_and_is_applied_without_more(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    written = casella("new-desk", str(folder))
    assert written.exit_code == 0, written.output

    checked = casella("check", str(folder), "--strict")
    assert (checked.exit_code, "no mistakes" in checked.output) == (0, True), checked.output
    tested = casella("test", str(folder))
    assert (tested.exit_code, "tests passed" in tested.output) == (0, True), tested.output
    house = app.build(Settings(data_dir=tmp_path / "var"), serves=False, works=False)
    try:
        assert app.apply_folder(house.rooms, folder, {}).version == 1
        assert [entry.problem for entry in house.rooms.directory.current.connections.values()] == [None]
    finally:
        house.close()


def test_it_says_what_to_do_next(tmp_path: Path) -> None:
    told = casella("new-desk", str(tmp_path / "desk")).output
    for command in ("check", "test", "up --desk"):
        assert f"  casella {command} {tmp_path / 'desk'}\n" in told


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"is not empty \(rules.yaml\); name a new folder"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["rules.yaml"]
    with pytest.raises(ConfigurationError, match="is a file"):
        write(tmp_path / "rules.yaml")


def test_a_folder_that_git_has_begun_is_empty(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert tmp_path / "desk.yaml" in write(tmp_path)
    shown = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True
    )
    assert "desk.yaml" in shown.stdout
    assert "secrets" not in shown.stdout


def test_its_secrets_are_its_own_and_nobody_elses_to_read(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write(tmp_path / name)
    one, other = (tmp_path / name / "secrets" / "webchat" for name in ("one", "other"))
    assert one.read_text() != other.read_text()
    assert (one.stat().st_mode & 0o777, one.parent.stat().st_mode & 0o777) == (0o600, 0o700)
