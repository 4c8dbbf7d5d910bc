"""A run that says how it gets on, and a test that hangs for good ends its process instead of the whole run.

A test has two minutes (`timeout` in pyproject.toml), which end it by an exception; what swallows that, or hangs while
it cleans up, is ended here with the stacks of all its threads, is told as failed, and the others go on. Where nobody
looks on (`CI`), a line a minute says how far the run is, how busy the machine is, and what has been running for long.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

EVERY = 60.0  # seconds between two lines
LONG = 30.0  # seconds after which a running test is named
FRESH = 10.0  # seconds for which a guard that was set for the phase before stays as it is
GRACE = 1.75  # times a test's own limit, for one phase of it: setup, call or teardown


class HangGuard:
    """In the process that runs tests: each phase of each test ends, or the process does."""

    def __init__(self, limit: float, stderr: int) -> None:
        self._limit, self._stderr = limit, stderr
        self._armed = 0.0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self._arm()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self._arm()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        self._arm()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, nextitem: pytest.Item | None) -> Generator[None, object, object]:
        done = yield
        if nextitem is None:  # until the others have ended as well, nothing runs here
            faulthandler.cancel_dump_traceback_later()
            self._armed = 0.0
        return done

    def _arm(self) -> None:
        """Each time it is a thread of the system's that ends and one that begins; a few seconds make no difference."""
        now = time.monotonic()
        if not self._armed or now - self._armed > FRESH:
            faulthandler.dump_traceback_later(self._limit * GRACE, exit=True, file=self._stderr)
            self._armed = now


class Progress:
    """In the process that reports: how many tests ended, and which are running."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock, self._began = say, clock, clock()
        self._running: dict[str, float] = {}
        self._ended = self._failed = 0
        self._over = threading.Event()
        self._teller = threading.Thread(target=self._tell, name="progress", daemon=True)

    def pytest_sessionstart(self) -> None:
        self._teller.start()

    def pytest_sessionfinish(self) -> None:
        self._over.set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._running[nodeid] = self._clock()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._running.pop(nodeid, None)
        self._ended += 1

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed += 1
            self._say(f"{self._stamp()} failed: {report.nodeid} ({report.when}, {report.duration:.0f} s)")

    def line(self) -> str:
        """How far the run is."""
        now = self._clock()
        slow = [f"{nodeid} ({now - began:.0f} s)" for nodeid, began in self._running.items() if now - began > LONG]
        return (
            f"{self._stamp()} {self._ended} tests, {self._failed} failed, load {os.getloadavg()[0]:.1f}, "
            f"{_free()} MB of memory and {shutil.disk_usage(tempfile.gettempdir()).free >> 20} MB of scratch free"
            f"{', at it for long: ' if slow else ''}{', '.join(slow)}"
        )

    def _stamp(self) -> str:
        minutes, seconds = divmod(int(self._clock() - self._began), 60)
        return f"[{minutes:02}:{seconds:02}]"

    def _tell(self) -> None:
        while not self._over.wait(EVERY):
            self._say(self.line())


def watch(config: pytest.Config) -> None:
    """Register what this process needs of the two."""
    limit = float(config.getoption("timeout") or config.getini("timeout") or 0)
    distributes = config.getoption("numprocesses", None)  # then the tests run in other processes
    if limit and not distributes:
        config.pluginmanager.register(HangGuard(limit, os.dup(_stderr())))
    if os.environ.get("CI") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(_print))


def _stderr() -> int:
    """Not `sys.stderr`: pytest puts something else in its place that has no file."""
    assert sys.__stderr__ is not None
    return sys.__stderr__.fileno()


def _free() -> int | str:
    """MB of memory that programs may still have."""
    try:
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    except OSError:  # not Linux
        return "?"
    return int(told["MemAvailable"].split()[0]) >> 10


def _print(text: str) -> None:
    os.write(_stderr(), f"\n{text}\n".encode())
