"""`casella backup` and `casella restore`, as they are typed."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from casella.cli import cli
from tests.house import House


def run(folder: Path, *words: object, **more: str) -> Result:
    environment = {"CASELLA_DATA_DIR": str(folder), "CASELLA_DATABASE_URL": "", **more}
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def test_there_and_back(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "casella.tar"
    data.mkdir()
    with House(f"sqlite:///{data / 'casella.db'}", tmp_path) as house:
        house.receive(house.says())
        house.reply()
        done = run(data, "backup", file)
    assert done.exit_code == 0, done.output
    assert f"{file} has 1 conversations, 2 messages and 0 attachments" in done.output
    assert f"The way back: casella restore {file}" in done.output
    back = run(tmp_path / "new", "restore", file)
    assert back.exit_code == 0, back.output
    assert "1 messages waited to be sent, and may have been" in back.output
    assert "casella up" in back.output
    again = run(tmp_path / "new", "restore", file)
    assert again.exit_code == 1
    assert "There is a database already" in str(again.exception)


def test_what_is_not_in_it_is_said(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "casella.tar"
    data.mkdir()
    House(f"sqlite:///{data / 'casella.db'}", tmp_path).close()
    done = run(data, "backup", file, CASELLA_SECRET_KEY="k" * 32, CASELLA_MEDIA_URL="s3://bucket?endpoint=http://x")
    assert done.exit_code == 0, done.output
    assert "CASELLA_SECRET_KEY is not in it" in done.output
    assert "Attachments lie in a bucket" in done.output
