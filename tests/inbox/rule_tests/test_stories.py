"""Stories of everything that rules, people and time do to a conversation, told as tests of a desk, and what must come
of each step. An entry of `stories.txt` is `=== what it shows`, then `--- file` with its contents."""

from pathlib import Path

import pytest

from tests.desk.desks import entries
from tests.inbox.rule_tests.hosts import run_desk

HERE = Path(__file__).parent
DESK = HERE / "story_desk"


def stories() -> dict[str, dict[str, str]]:
    found = {}
    for entry in entries(HERE / "stories.txt"):
        label, _, rest = entry.partition("\n")
        parts = [part.partition("\n") for part in ("\n" + rest).split("\n--- ") if part.strip()]
        found[label] = {name: body for name, _, body in parts}
    return found


STORIES = stories()


@pytest.mark.parametrize("label", STORIES)
def test_it_goes_as_told(label: str, tmp_path: Path) -> None:
    files = {path.name: path.read_text() for path in DESK.iterdir()} | STORIES[label]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert [verdict.as_text() for verdict in run_desk(tmp_path) if not verdict.passed] == []
