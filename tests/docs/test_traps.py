"""Every trap of the channels has its row, and every test that a row names exists."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT

ROWS = re.findall(r"(?m)^\| ([0-9]+) \| [^|]+ \| ([^|]+) \|$", (ROOT / "docs" / "channels" / "traps.md").read_text())
NAMED = [name for _, cell in ROWS for name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`(?: \"([^\"]+)\")?", cell)]


def test_there_are_twenty_five() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 26))
    assert all("`tests/" in cell for _, cell in ROWS)


@pytest.mark.parametrize(("path", "function", "case"), NAMED)
def test_what_a_row_names_is_there(path: str, function: str, case: str) -> None:
    source = (ROOT / path).read_text()
    assert bool(function) != bool(case)
    assert f"def test_{function}(" in source if function else f'"{case}"' in source
