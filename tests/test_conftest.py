"""A machine that lacks a server says so at the end of the run, or fails where the real thing is required."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def run_browser_tests(**environment: str) -> subprocess.CompletedProcess[str]:
    """The browser's tests on a machine whose Chromium is missing."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("REQUIRE_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests/test_browser.py"],
        cwd=REPOSITORY,
        env=inherited | {"CASELLA_TEST_CHROMIUM": "missing"} | environment,
        capture_output=True,
        text=True,
    )


def test_what_did_not_run_is_counted_and_named() -> None:
    run = run_browser_tests()
    assert run.returncode == 0
    assert "NOT RUN for lack of real servers or a browser" in run.stdout
    assert "3 tests: no Chromium" in run.stdout


def test_what_is_required_and_missing_fails() -> None:
    run = run_browser_tests(REQUIRE_BROWSER="1")
    assert run.returncode == 1
    assert "no Chromium" in run.stdout
    assert "3 errors" in run.stdout
