"""A program of ours in a process of its own: what it prints, until when to wait, how it is stopped."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")
PATIENCE = 90.0


def program(name: str) -> str:
    """A program of the environment that runs the tests."""
    return str(Path(sys.executable).parent / name)


def listening_at(output: str) -> str | None:
    """The address that `casella up` prints."""
    found = re.search(r"Casella listens on (\S+)", output)
    return found[1] if found else None


class Program:
    """Started when entered; killed when left, if it is still there."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._command, self._folder, self._environment = command, folder, environment
        self._lines: list[str] = []

    @property
    def output(self) -> str:
        """Everything printed so far, to either stream."""
        return "".join(self._lines)

    def wait_for(self, find: Callable[[str], T | None]) -> T:
        """The first thing that `find` finds in the output."""
        return self.until(lambda: find(self.output))

    def until(self, ask: Callable[[], T | None]) -> T:
        """The first true answer. Fails when the program ends before, or after a long time."""
        deadline = time.monotonic() + PATIENCE
        while not (answer := ask()):
            assert self._process.poll() is None, f"it ended early:\n{self.output}"
            assert time.monotonic() < deadline, f"waited in vain:\n{self.output}"
            time.sleep(0.05)
        return answer

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=self._folder, env=dict(self._environment), text=True, bufsize=1,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self._lines.extend(iter(self._process.stdout.readline, ""))
