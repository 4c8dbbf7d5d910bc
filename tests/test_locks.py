"""The locks hold everything that is asked for, and running and testing use the same versions."""

import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
REQUIREMENTS = REPOSITORY / "requirements"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names_in(lines: list[str]) -> set[str]:
    """Distribution names at the beginning of requirement lines, without extras, versions and markers."""
    found = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in lines)
    return {normalised(match.group()) for match in found if match}


def pinned(lock: str) -> set[str]:
    """``name==version`` of each package in a lock."""
    lines = (REQUIREMENTS / lock).read_text().splitlines()
    return {line.split(" ")[0] for line in lines if "==" in line.split(" ")[0]}


def test_everything_the_program_asks_for_is_locked() -> None:
    asked = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    asked += (REQUIREMENTS / "build.in").read_text().splitlines()
    assert names_in(asked) - names_in([*pinned("run.txt")]) == set(), "run `make lock`"


def test_everything_the_tests_ask_for_is_locked() -> None:
    asked = (REQUIREMENTS / "test.in").read_text().splitlines()
    assert names_in(asked) - names_in([*pinned("test.txt")]) == set(), "run `make lock`"


def test_the_tests_run_on_the_versions_that_are_shipped() -> None:
    assert pinned("run.txt") - pinned("test.txt") == set(), "run `make lock`"


def test_every_pinned_package_has_a_hash() -> None:
    for lock in ("run.txt", "test.txt"):
        text = (REQUIREMENTS / lock).read_text().replace("\\\n", " ")
        assert [line for line in text.splitlines() if "==" in line and "--hash=sha256:" not in line] == []
