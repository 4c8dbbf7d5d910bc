"""Processes of Casella as a supervisor runs them: started, and started again whenever they die."""

from __future__ import annotations

import contextlib
import itertools
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.rig.forked import Forked, starters

CASELLA = str(Path(sys.executable).with_name("casella"))
PATIENCE = 180.0
"""Seconds until a test gives up waiting. Far more than anything takes on an idle machine: nothing here is timed."""
_PAUSE = 0.2  # before a restart, so that a program that cannot start does not spin


class NotInTime(AssertionError):
    """What a test waits for did not happen."""


def until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Poll until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise NotInTime(f"{what}: not within {seconds:g} s")
        time.sleep(0.05)


def free_port() -> int:
    """A port that stays ours over restarts: below the range from which the system gives out ports by itself."""
    for _ in range(200):
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise LookupError("no free port")


def start_casella(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    command: Sequence[str] = (),
) -> subprocess.Popen[bytes] | Forked:
    """The command in a process of its own, with no input. Forked, unless its environment adds something to load or it
    is another installation's `command`."""
    if "PYTHONPATH" not in environment and not command:
        return starters().start(arguments, environment, folder, log)
    with log.open("ab") as output:
        return subprocess.Popen(
            [*(command or (CASELLA,)), *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
        )


def run_casella(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    if "PYTHONPATH" in environment:
        command = [CASELLA, *arguments]
        return subprocess.run(
            command, env=dict(environment), cwd=folder, capture_output=True, text=True, timeout=PATIENCE
        )
    with tempfile.TemporaryDirectory() as scratch:
        printed, errors = Path(scratch, "printed"), Path(scratch, "errors")
        code = starters().start(arguments, environment, folder, printed, errors).wait(PATIENCE)
        return subprocess.CompletedProcess(arguments, code, printed.read_text(), errors.read_text())


@dataclass
class Program:
    """One process. `exits`: how each run of it ended, in order; a negative number is a signal."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    exits: list[int] = field(default_factory=list)
    command: Sequence[str] = ()
    """Of another installation; empty means this one."""
    _process: subprocess.Popen[bytes] | Forked | None = None
    _unwanted: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread | None = None

    def start(self) -> None:
        self._unwanted.clear()
        self._spawn()
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {self.name}")
        self._keeper.start()

    @property
    def pid(self) -> int:
        assert self._process is not None, "started"
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9; the keeper starts it again."""
        self.tell(signal.SIGKILL)

    @property
    def failed_starts(self) -> int:
        """How often it has ended by itself of late, with an error."""
        return len(list(itertools.takewhile(lambda code: code > 0, reversed(self.exits))))

    def tell(self, number: signal.Signals) -> None:
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)

    @property
    def started(self) -> bool:
        return self._keeper is not None

    def request_stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end for good; `stop` waits."""
        self._unwanted.set()
        self.tell(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = PATIENCE) -> int:
        """Ask it to end, for good. Returns how it ended; fails when it does not end in time."""
        if self.started and not self._unwanted.is_set():
            self.request_stop(number)
        if self._keeper is not None:
            self._keeper.join(seconds)
            if self._keeper.is_alive():
                self.kill()
                self._keeper.join()
                raise NotInTime(f"{self.name} did not end within {seconds:g} s of {number.name}")
            self._keeper = None
        return self.exits[-1]

    def complaints(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def _spawn(self) -> None:
        self._process = start_casella(self.arguments, self.environment, self.log.parent, self.log, self.command)

    def _keep(self) -> None:
        while True:
            assert self._process is not None
            self.exits.append(self._process.wait())
            time.sleep(_PAUSE)
            if self._unwanted.is_set():
                return
            self._spawn()
            if self._unwanted.is_set():  # stopped in between: the new one has not heard of it
                self._process.terminate()
