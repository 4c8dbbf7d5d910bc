"""Processes of `casella` that are forked from one that has loaded it (`starter`), used like `subprocess.Popen`."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count
from pathlib import Path

PATIENCE = 120.0  # seconds until a process has begun, on the busiest machine


class Forked:
    """A process that runs or has run. `code`: how it ended, None as long as it runs; negative for a signal."""

    def __init__(self) -> None:
        self.pid = 0
        self.code: int | None = None
        self._began, self._ended = threading.Event(), threading.Event()

    def poll(self) -> int | None:
        return self.code

    def wait(self, seconds: float | None = None) -> int:
        self._ended.wait(seconds)
        assert self.code is not None, f"it did not end within {seconds} seconds"
        return self.code

    def send_signal(self, number: signal.Signals) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait_begun(self) -> None:
        assert self._began.wait(PATIENCE), "casella was not started"

    def begin(self, pid: int) -> None:
        self.pid = pid
        self._began.set()

    def end(self, code: int) -> None:
        self.code = code
        self._began.set()
        self._ended.set()


class Starters:
    """Asks the starter, and hears of what it has started."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.integration.rig.starter"]
        self._starter = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            start_new_session=True,
        )
        self._numbers = count(1)
        self._asked: dict[int, Forked] = {}
        self._running: dict[int, Forked] = {}
        self._asking = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="starter", daemon=True)
        self._listener.start()
        atexit.register(self.close)

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        errors: Path | None = None,
    ) -> Forked:
        """`casella` with these arguments. What it prints is added to the log, or to two."""
        made, number = Forked(), next(self._numbers)
        request = {
            "id": number, "arguments": list(arguments), "environment": dict(environment), "folder": str(folder),
            "log": str(log), "errors": str(errors or log),
        }  # fmt: skip
        assert self._starter.stdin is not None
        with self._asking:
            self._asked[number] = made
            self._starter.stdin.write(json.dumps(request).encode() + b"\n")
            self._starter.stdin.flush()
        made.wait_begun()
        return made

    def close(self) -> None:
        """End the starter, and with it what still runs."""
        assert self._starter.stdin is not None
        self._starter.stdin.close()
        self._starter.wait(PATIENCE)

    def _listen(self) -> None:
        assert self._starter.stdout is not None
        for line in self._starter.stdout:
            told = json.loads(line)
            if "code" in told:
                self._running.pop(told["pid"]).end(told["code"])
            else:
                begun = self._running[told["pid"]] = self._asked.pop(told["id"])
                begun.begin(told["pid"])
        for left in (*self._asked.values(), *self._running.values()):
            left.end(-signal.SIGKILL)


@cache
def starters() -> Starters:
    """One per process of the tests; it goes with it."""
    return Starters()
