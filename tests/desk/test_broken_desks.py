"""Every broken desk of the corpus says exactly what is wrong, where, and what to write instead."""

from pathlib import Path

import pytest

from casella.desk import check_desk
from tests.desk.desks import SOUND, BrokenDesk, catalogue, corpus, write_desk


@pytest.mark.parametrize("broken", corpus(), ids=lambda broken: broken.label)
def test_every_mistake_is_named_with_its_place(
    broken: BrokenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_desk(tmp_path, broken.files)
    monkeypatch.chdir(tmp_path)
    assert [str(problem) for problem in check_desk("desk", catalogue())] == list(broken.expected)


def test_the_corpus_is_large_and_every_entry_expects_something() -> None:
    assert len(corpus()) >= 115
    assert all(broken.expected for broken in corpus())
    assert len({broken.label for broken in corpus()}) == len(corpus())


def test_the_sound_desk_has_no_problem(tmp_path: Path) -> None:
    assert check_desk(write_desk(tmp_path, SOUND), catalogue()) == []
