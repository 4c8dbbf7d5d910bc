"""`casella --help` lists every command with a sentence. No command loads what it does not need: that is most of what
somebody at a terminal waits for."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casella import commands
from casella.cli import NAMES, SECTIONS, cli
from tests.docs.pages import ROOT

MODULES = """
import sys
from casella.cli import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
print(*sys.modules, sep="\\n", file=sys.stderr)
sys.exit(code)
"""
HEAVY = {"sqlalchemy", "pydantic", "pydantic_settings", "fastapi", "dramatiq", "httpx", "rich", "structlog", "yaml"}
OURS = {"casella.app", "casella.desk", "casella.host", "casella.settings", "casella.store", "casella_rules"}


def loaded(*arguments: str, **variables: str) -> set[str]:
    """The modules that the program has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES, *arguments],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    modules = set(done.stderr.split())
    assert "casella.errors" in modules, done.stderr
    return modules


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_what_needs_no_house_loads_none(arguments: list[str]) -> None:
    assert loaded(*arguments) & (HEAVY | OURS) == set()


def test_a_desk_is_checked_without_database_or_server() -> None:
    modules = loaded("check", str(ROOT / "examples/desk"))
    assert modules & {"sqlalchemy", "fastapi", "dramatiq", "redis", "phonenumbers", "casella.app"} == set()


def test_a_doctor_of_one_process_loads_neither_redis_nor_the_api(tmp_path: Path) -> None:
    modules = loaded("doctor", CASELLA_DATA_DIR=str(tmp_path))
    assert modules & {"fastapi", "redis", "boto3", "PIL"} == set()


def test_the_list_names_every_command_once() -> None:
    modules = [found.name for found in pkgutil.walk_packages(commands.__path__, "casella.commands.")]
    listed = [name for section in SECTIONS.values() for name in section]
    assert sorted(listed) == sorted(set(listed)) == sorted(NAMES)
    with_command = [name for name in modules if hasattr(pkgutil.resolve_name(name), "register")]
    assert sorted(name.rpartition(".")[2].replace("_", "-") for name in with_command) == sorted(listed)


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_of_a_command_what_its_own_help_begins_with(name: str) -> None:
    sentence = next(section[name] for section in SECTIONS.values() if name in section)
    told = CliRunner().invoke(cli, [name, "--help"], env={"COLUMNS": "200"}).output
    assert sentence in told
    listed = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "80"}).output
    assert f"{name} " in listed
    assert sentence in listed, "it fits on its line"
