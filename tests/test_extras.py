"""The bare install is the embedded size, whole; what needs more says in one sentence what to install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from casella.extras import EXTRAS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
BARE = f"""
import sys
for module in {[module for module, _ in EXTRAS.values()] + ["botocore", "numpy"]!r}:
    sys.modules[module] = None  # as if it were not installed
from casella.cli import main
main()
"""


def casella(tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command of an installation that has no extra."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASELLA_")}
    return subprocess.run(
        [sys.executable, "-c", BARE, *arguments],
        env={**kept, "CASELLA_DATA_DIR": str(tmp_path / "var"), "CASELLA_PORT": "0", **variables},
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
    )


def test_the_embedded_size_needs_no_extra(tmp_path: Path) -> None:
    assert casella(tmp_path, "new-desk", "desk").returncode == 0
    for command in ("check", "test", "apply"):
        done = casella(tmp_path, command, "desk")
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    done = casella(tmp_path, "doctor")
    assert "BAD" not in done.stdout, done.stdout + done.stderr
    assert "ModuleNotFoundError" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "extra"),
    [
        ({"CASELLA_DATABASE_URL": "postgresql+psycopg://nobody@localhost/nothing"}, "postgres"),
        ({"CASELLA_MEDIA_URL": "s3://bucket/prefix"}, "s3"),
        ({"CASELLA_REDIS_URL": "redis://127.0.0.1:1/0"}, "redis"),
    ],
)
def test_what_needs_an_extra_says_so_in_one_sentence(tmp_path: Path, variables: dict[str, str], extra: str) -> None:
    done = casella(tmp_path, "doctor", **variables)
    assert done.returncode == 1
    assert "which is not installed: pip install" in done.stderr
    assert f"'casella[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_check_of_a_desk_that_needs_an_extra_says_so(tmp_path: Path) -> None:
    assert casella(tmp_path, "new-desk", "desk").returncode == 0
    desk, rules = tmp_path / "desk" / "desk.yaml", tmp_path / "desk" / "rules.yaml"
    provider = "assistant:\n  providers:\n    main: {type: openai, settings: {api_key: '${KEY}', model: m}}\n"
    desk.write_text(desk.read_text() + provider)
    asks = "\n  - {name: Italian, when: message_received, if: {language: it}, then: [close]}\n"
    rules.write_text(rules.read_text().rstrip() + asks)
    done = casella(tmp_path, "check", "desk")
    told = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 0, told
    for extra in ("language", "openai"):
        assert f"which is not installed: pip install 'casella[{extra}]'" in told


def test_each_extra_brings_its_module_and_all_brings_each() -> None:
    optional = PROJECT["optional-dependencies"]
    assert set(EXTRAS) | {"all", "testing"} == set(optional)
    assert optional["all"] == [f"casella[{','.join(sorted(EXTRAS))}]"]
    for extra, (module, _) in EXTRAS.items():
        assert any(module in needed for needed in optional[extra])
        assert not any(module in needed for needed in PROJECT["dependencies"])


def test_the_page_lists_them() -> None:
    page = (ROOT / "docs" / "operations.md").read_text().partition("## What to install")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(PROJECT["optional-dependencies"])


def test_the_index_is_told_what_it_is() -> None:
    assert PROJECT["authors"]
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert "Programming Language :: Python :: 3.11" in PROJECT["classifiers"]


def test_no_address_is_invented() -> None:
    """The project has none as yet (docs/decisions/0036): the wheel's own pages are what people are sent to."""
    assert "urls" not in PROJECT
    assert "`casella docs`" in (ROOT / "README.md").read_text().partition("## Try it")[0]
