"""`casella docs`: what the program says about its pages is true wherever it is installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.commands.upkeep.docs import pages, path_of
from casella.errors import ConfigurationError
from tests.docs.pages import ROOT

COMMANDS = ROOT / "worker/casella/commands"
OURS = ("worker", "rules", "assistant", "plugins", "simulator")


def casella(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_it_lists_every_page_with_its_title() -> None:
    listed = casella("docs").output
    assert re.search(r"^ +managers +The manager's page$", listed, re.MULTILINE)
    assert str(ROOT / "docs") in listed
    asked_for = {path for folder in ("docs", "docs/channels") for path in (ROOT / folder).glob("*.md")}
    assert set(pages().values()) == asked_for


@pytest.mark.parametrize("name", ["sms", "docs/channels/sms.md"])
def test_it_shows_a_page_as_it_is_written(name: str) -> None:
    assert casella("docs", name).output == (ROOT / "docs/channels/sms.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("asked", "told"), [("mangers", "Did you mean 'managers'?"), ("x", "`casella docs` lists")])
def test_a_page_that_is_not_there_is_said(asked: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        path_of(asked)
    assert told in refused.value.text


def test_whoever_is_sent_to_a_page_finds_it() -> None:
    """An installed program has no folder docs/: its sentences say `casella docs NAME`."""
    sentences = [(file, text) for folder in OURS for file in (ROOT / folder).rglob("*.py") for text in told_by(file)]
    sentences += [(file, file.read_text()) for file in COMMANDS.rglob("*.yaml")]
    lost = [f"{file.name}: {text}" for file, text in sentences if re.search(r"(?<![\w./-])docs/[\w/-]+\.md", text)]
    assert lost == []
    named = {name for _, text in sentences for name in re.findall(r"(?:casella|^) docs ([a-z][\w-]*)", text)}
    assert {"managers", "settings", "api", "plugins"} <= named <= set(pages())


def told_by(file: Path) -> Iterator[str]:
    """The texts of a module that somebody may read who has no sources. Comments in quotes are not among them, but what
    a command says of itself is."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    helps = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    comments = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and not (COMMANDS in file.parents and id(node) in helps)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in comments:
            yield node.value
