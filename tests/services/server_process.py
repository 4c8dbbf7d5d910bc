"""One server process under a keeper: start it, end it, read what it complained about."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypedDict

KEEPER = Path(__file__).with_name("keeper.py")
NOBODY = 65534

RestartKind = Literal["fast", "kill"]


class ServerFailed(RuntimeError):
    """The server's program is here but did not come up; the end of its log is in the message."""


class NotOurServer(LookupError):
    """This server was given by an environment variable, so the tests may not stop it; ask with ``private=True``."""


class Identity(TypedDict, total=False):
    """Who a process runs as: keyword arguments of `subprocess.Popen`."""

    user: int
    group: int
    extra_groups: list[int]


def unprivileged() -> Identity:
    """Nobody, when the tests run as root (PostgreSQL refuses root); else whoever runs the tests."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


@contextlib.contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A private folder directly under the system's temporary folder (a Unix socket's path may have 107 characters)."""
    folder = Path(tempfile.mkdtemp(prefix=f"casella-{name}-"))
    try:
        if identity := unprivileged():
            os.chown(folder, identity["user"], identity["group"])
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(ready: Callable[[], bool], deadline_seconds: float = 60.0) -> bool:
    """Poll until ``ready`` says so; False when the deadline has passed."""
    deadline = time.monotonic() + deadline_seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@dataclass
class ServerProcess:
    """A server that dies with this process. ``farewell`` is the signal for a quick, clean end."""

    argv: Sequence[str]
    scratch: Path
    farewell: signal.Signals
    env: dict[str, str] = field(default_factory=dict)
    patience: float = 10.0  # seconds between the polite signal and SIGKILL
    pid: int = 0
    _keeper: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.scratch / "log"

    @property
    def running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        """Start the server and return once it has a pid; the caller waits until it answers."""
        spec = {
            "argv": list(self.argv),
            "env": self.env,
            "scratch": str(self.scratch),
            "log": str(self.log),
            "farewell": int(self.farewell),
            "patience": self.patience,
            "identity": unprivileged(),
        }
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), json.dumps(spec)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        announced = self._keeper.stdout.readline()
        if not announced:
            _, complaint = self._keeper.communicate()
            raise ServerFailed(f"cannot start {self.argv[0]}: {complaint.decode(errors='replace')[-800:]}")
        self.pid = int(announced)

    def wait_ready(self, ready: Callable[[], bool]) -> None:
        """Return when the server answers; raise `ServerFailed` when it ended or took too long."""
        if not wait_until(lambda: ready() or not self.running) or not self.running:
            raise ServerFailed(f"{self.argv[0]} did not come up: {self.complaints()}")

    def complaints(self) -> str:
        """The end of the server's log."""
        return self.log.read_text(errors="replace")[-1500:] if self.log.exists() else "(it wrote no log)"

    def end(self, with_signal: signal.Signals | None = None) -> None:
        """End the server with this signal (default: its farewell) and wait until it is gone."""
        if self._keeper is None:
            return
        if self.running:
            with contextlib.suppress(ProcessLookupError):  # it may end by itself just now
                os.kill(self.pid, with_signal or self.farewell)
        try:
            self._keeper.wait(timeout=self.patience)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self._keeper.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        assert self._keeper is not None
        for pipe in (self._keeper.stdin, self._keeper.stdout, self._keeper.stderr):
            if pipe is not None:
                pipe.close()
        self._keeper = None
