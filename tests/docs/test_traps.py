"""Every trap of the channels, and every complaint about them, has its row; every test that a row names exists."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "channels" / "traps.md").read_text()
ROWS = re.findall(r"(?m)^\| ([0-9, ]+) \| [^|]+ \| ([^|]+) \|$", PAGE)
NAMED = [name for _, cell in ROWS for name in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`(?: \"([^\"]+)\")?", cell)]


def test_there_are_twenty_five_traps_and_every_complaint_about_channels() -> None:
    numbers = [int(number) for row, _ in ROWS for number in row.split(",")]
    assert numbers[:25] == list(range(1, 26))
    about_plugins_of_others = {90, 91}
    wanted = (set(range(79, 100)) | set(range(115, 126))) - about_plugins_of_others
    assert set(numbers[25:]) == wanted
    assert all("`tests/" in cell for _, cell in ROWS)


@pytest.mark.parametrize(("path", "function", "case"), NAMED)
def test_what_a_row_names_is_there(path: str, function: str, case: str) -> None:
    source = (ROOT / path).read_text()
    assert bool(function) != bool(case)
    assert f"def test_{function}(" in source if function else f'"{case}"' in source


FIELD = re.findall(r"(?m)^\| ([A-K]) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", PAGE)
FIELD_TESTS = [found for _, _, cell in FIELD for found in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cell)]


def test_every_kind_that_the_field_met_has_a_test_that_would_have_caught_it() -> None:
    assert [kind for kind, _, _ in FIELD] == list("ABCDEFGHIJK")
    assert all("#" in reports for _, reports, _ in FIELD)


@pytest.mark.parametrize(("path", "function"), FIELD_TESTS)
def test_what_the_fields_rows_name_is_there(path: str, function: str) -> None:
    assert f"def test_{function}(" in (ROOT / path).read_text()
