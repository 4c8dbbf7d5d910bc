"""What somebody has who installed the wheel and nothing else of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.scratch import Scratch

pytestmark = pytest.mark.slow
PACKAGES = (
    *("casella", "casella_rules", "casella_assistant", "casella_simulator"),
    *("casella_sms", "casella_webchat", "casella_whatsapp", "casella_meta"),
)


def installed(wheel: Scratch) -> Path:
    found = wheel.run("-c", "import casella; print(casella.__file__)")
    return Path(found.stdout.strip()).parent


def test_everything_of_ours_comes_from_it(wheel: Scratch) -> None:
    names = ", ".join(PACKAGES)
    found = wheel.run("-c", f"import {names}\nfor one in ({names}): print(one.__file__)")
    places = [Path(line) for line in found.stdout.split()]
    assert len(places) == len(PACKAGES), found.stderr
    assert all(place.is_relative_to(wheel.folder) for place in places), places


def test_it_has_every_page_and_the_whole_desk_of_the_demo(wheel: Scratch) -> None:
    shipped = installed(wheel) / "shipped_files"
    there = {path.relative_to(shipped): path.read_bytes() for path in shipped.rglob("*") if path.is_file()}
    files = [*(ROOT / "docs").rglob("*.*"), *(ROOT / "examples/desk").glob("*.yaml")]
    assert there == {path.relative_to(ROOT): path.read_bytes() for path in files}


def test_its_pages_are_shown_and_its_new_desk_is_sound(wheel: Scratch, tmp_path: Path) -> None:
    page = wheel.casella("docs", "managers")
    assert page.stdout == (ROOT / "docs/managers.md").read_text(encoding="utf-8"), page.stderr
    desk = str(tmp_path / "desk")
    assert wheel.casella("new-desk", desk).returncode == 0
    assert "tests passed" in wheel.casella("test", desk).stdout


def test_it_says_what_it_is_made_of(wheel: Scratch) -> None:
    [bill] = installed(wheel).parent.glob("casella-*.dist-info/sboms/*")
    assert bill.read_bytes() == (ROOT / "requirements" / "sbom.cdx.json").read_bytes()
