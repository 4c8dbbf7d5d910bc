"""A test that hangs for good costs its process, not the whole run; where nobody looks on, a run says how it gets on."""

import os
import subprocess
import sys
from pathlib import Path

from tests.watch import Progress

REPOSITORY = Path(__file__).parents[1]

HANGS = """
import threading, time
import pytest

@pytest.fixture
def stuck():
    yield
    while True:  # what a limit that is an exception cannot end
        try:
            time.sleep(60)
        except BaseException:
            pass

def test_hangs_while_it_cleans_up(stuck): pass

def test_another(): pass
"""


def test_what_hangs_for_good_is_told_with_its_stacks_and_the_others_run(tmp_path: Path) -> None:
    file = tmp_path / "test_hangs.py"
    file.write_text(HANGS)
    file.with_name("conftest.py").write_text("from tests.watch import watch as pytest_configure\n")
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    options = ["-q", "-n", "1", "-p", "no:cacheprovider", "-c", "pyproject.toml", "-o", "timeout=0.4"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(REPOSITORY), str(file)],
        cwd=REPOSITORY,
        env=inherited | {"CI": "true"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    assert "crashed while running" in run.stdout
    assert "1 failed, 2 passed" in run.stdout  # its body and the other one
    assert "in stuck" in run.stderr  # the stack of what hangs
    assert "failed: " in run.stderr


def test_a_line_says_how_far_it_is_and_what_takes_long() -> None:
    now = [100.0]
    progress = Progress(print, clock=lambda: now[0])
    progress.pytest_runtest_logstart("a.py::test_slow")
    progress.pytest_runtest_logstart("a.py::test_quick")
    progress.pytest_runtest_logfinish("a.py::test_quick")
    now[0] += 75
    assert progress.line().startswith("[01:15] 1 tests, 0 failed, load ")
    assert progress.line().endswith(", at it for long: a.py::test_slow (75 s)")
