"""Long steps tell the time, and show what the program said only when it failed."""

import sys
from pathlib import Path

import pytest
from tools import steps


def test_a_step_that_works_keeps_its_words_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps.run("sorting letters", [sys.executable, "-c", "print('a thousand words')"], tmp_path / "log", "")
    told = capsys.readouterr().err
    assert "sorting letters: done in" in told
    assert "a thousand words" not in told
    assert "a thousand words" in (tmp_path / "log").read_text()


def test_a_step_that_fails_carries_advice_and_the_end_of_its_own_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    steps.run("sorting letters", [sys.executable, "-c", "print('of an earlier step')"], log, "")
    code = "import sys; print('first', *range(100), sep='\\n', flush=True); sys.exit('no stamps left')"
    with pytest.raises(steps.StepFailed, match=r"Buy stamps\.") as failed:
        steps.run("stamping letters", [sys.executable, "-c", code], log, "Buy stamps.")
    assert "no stamps left" in failed.value.log_tail
    assert "first" not in failed.value.log_tail
    assert "of an earlier step" not in failed.value.log_tail


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(steps.StepFailed, match=r"cannot start no-such-program .* Install it\."):
        steps.run("sorting letters", ["no-such-program"], tmp_path / "log", "Install it.")


def test_a_step_asks_nobody_anything(tmp_path: Path) -> None:
    steps.run(
        "waiting for an answer",
        [sys.executable, "-c", "import sys; assert sys.stdin.read() == ''"],
        tmp_path / "log",
        "",
    )
