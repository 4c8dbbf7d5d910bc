"""Every number of the reference stands in docs/features.md, and the tests it names are there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "features.md").read_text()
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in PAGE.splitlines() if line.startswith("| ")
]
NUMBERS = [row for row in ROWS if re.fullmatch(r"[SAW]-\d+", row[0])]
STATES = ("works", "in part", "not yet")


def test_every_number_is_there_once() -> None:
    wanted = [f"S-{n:02}" for n in range(1, 107)] + [f"A-{n}" for n in range(1, 19)] + [f"W-{n}" for n in range(1, 25)]
    assert [row[0] for row in NUMBERS] == wanted


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row[0])
def test_it_is_proved_by_a_test_that_exists(row: tuple[str, ...]) -> None:
    _, what, state, named = row
    assert what
    assert state in STATES
    assert bool(named) == (state != "not yet")
    if named:
        path, _, function = named.strip("`").partition("::")
        tree = ast.parse((ROOT / path).read_text())
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
