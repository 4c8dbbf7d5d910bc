"""docs/security.md names every chapter of the standard, and only settings and commands that there are."""

from __future__ import annotations

import re

from casella.cli import NAMES
from casella.settings import Settings
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")


def test_every_chapter_of_the_standard_is_judged() -> None:
    rows = re.findall(r"^\| V(\d+) [^|]+ \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 18))
    assert all(re.match(r"(Met[.,]|In part\.|Not applicable)", told) for _, told in rows)
    for _, told in rows:
        if told.startswith("In part"):
            assert "issing" in told or "TLS ends" in told, "what is missing is said"


def test_settings_and_commands_are_those_of_this_version() -> None:
    known = {f"CASELLA_{name.upper()}" for name in Settings.model_fields} | {"CASELLA_SECRET_"}
    assert set(re.findall(r"CASELLA_[A-Z_]+", PAGE)) <= known
    assert set(re.findall(r"`casella ([a-z-]+)", PAGE)) <= set(NAMES)


def test_readers_find_it() -> None:
    assert "docs/security.md" in (ROOT / "README.md").read_text(encoding="utf-8")
