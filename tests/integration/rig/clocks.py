"""A machine whose clock is set while it runs: one process of Casella that believes another time than all others.

The step is a number in a small file that the process has in its memory, so that a test can make it at any moment.
Only what asks for the time of day is wrong there; monotonic clocks go on, as they do when NTP sets a clock.
"""

from __future__ import annotations

import mmap
import struct
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import casella.clock
import casella.host.table

VARIABLE = "FAULTS_CLOCK"
"""Names the file, in the environment of the process."""
_READ = (casella.clock, casella.host.table)
"""The modules of the product that ask the machine what time it is; the rest goes through `time`."""


class SteppedClock:
    """For the test: `step` sets the process's clock ahead (or back) by so many seconds of the right time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.write_bytes(struct.pack("d", 0.0))

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLE: str(self._file)}

    def step(self, seconds: float) -> None:
        with self._file.open("r+b") as opened:
            opened.write(struct.pack("d", seconds))


def follow(environment: Mapping[str, str]) -> None:
    """In the process itself, before it does anything: go by the file that the environment names, if it names one."""
    if VARIABLE in environment:
        with Path(environment[VARIABLE]).open("rb") as opened:
            memory = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
        set_by(lambda: float(struct.unpack("d", memory[:])[0]))


def set_by(step: Callable[[], float]) -> None:
    right, right_ns = time.time, time.time_ns

    class Stepped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # of the plain class, on purpose
            return datetime.now(tz) + timedelta(seconds=step())

    for module in _READ:
        module.datetime = Stepped  # type: ignore[attr-defined]  # what this file is for
    time.time = lambda: right() + step()
    time.time_ns = lambda: right_ns() + int(step() * 1e9)
