"""Where a Chromium is looked for, and what a person reads when there is none."""

from pathlib import Path

import pytest
from tools import chromium
from tools.steps import StepFailed


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on PATH."""
    monkeypatch.delenv("CASELLA_TEST_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_the_given_one_comes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("CASELLA_TEST_CHROMIUM", str(program(bare / "mine")))
    assert chromium.find(bare / "fetched") == bare / "mine"


def test_then_one_on_path_then_one_fetched_before(bare: Path) -> None:
    fetched = program(bare / "fetched" / "chromium")
    assert chromium.find(bare / "fetched") == fetched
    on_path = program(bare / "bin" / "chromium-browser")
    assert chromium.find(bare / "fetched") == on_path


def test_a_given_one_that_is_missing_is_not_replaced_silently(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "bin" / "chromium")
    monkeypatch.setenv("CASELLA_TEST_CHROMIUM", str(bare / "missing"))
    with pytest.raises(LookupError, match="CASELLA_TEST_CHROMIUM"):
        chromium.find(bare / "fetched")


def test_without_apt_a_sentence_says_what_to_do(bare: Path) -> None:
    with pytest.raises(StepFailed, match="set CASELLA_TEST_CHROMIUM"):
        chromium.provide(bare / "fetched")


def test_an_unpacked_chromium_is_led_to_every_library_but_its_own(tmp_path: Path) -> None:
    root = tmp_path / "chromium" / "root"
    for folder in ("lib", "usr/lib/pulseaudio", "usr/lib/chromium", "usr/lib/gconv"):
        program(root / folder / "libletter.so.1")
    assert chromium.library_path(root) == f"{root}/lib:{root}/usr/lib/pulseaudio"
