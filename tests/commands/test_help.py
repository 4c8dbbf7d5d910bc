"""`casella --help`: every command with a sentence, and nothing loaded that a list of sentences does not need."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from casella import commands
from casella.cli import NAMES, SECTIONS, cli

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


def loaded(*arguments: str) -> tuple[str, set[str]]:
    """What the program prints, and the modules that it has loaded when it ends."""
    command = [sys.executable, "-c", MODULES, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_what_needs_no_house_loads_none(arguments: list[str]) -> None:
    assert loaded(*arguments)[1] & (HEAVY | OURS) == set()


def test_the_list_names_every_command_once() -> None:
    modules = {found.name.replace("_", "-") for found in pkgutil.iter_modules(commands.__path__)}
    listed = [name for section in SECTIONS.values() for name in section]
    assert sorted(listed) == sorted(set(listed)) == sorted(NAMES)
    assert set(listed) <= modules
    with_command = {name for name in modules if _registers(name)}
    assert with_command == set(listed)


def _registers(name: str) -> bool:
    module = pkgutil.resolve_name(f"casella.commands.{name.replace('-', '_')}")
    return hasattr(module, "register")


@pytest.mark.parametrize("name", NAMES)
def test_the_list_says_of_a_command_what_its_own_help_begins_with(name: str) -> None:
    sentence = next(section[name] for section in SECTIONS.values() if name in section)
    told = CliRunner().invoke(cli, [name, "--help"], env={"COLUMNS": "200"}).output
    assert sentence in told
    listed = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "80"}).output
    assert f"{name} " in listed
    assert sentence in listed, "it fits on its line"
