"""The program that starts `casella` by forking itself: it has loaded it once, which takes two seconds of a processor,
and the tests under faults start it a hundred times. What is started is a process of its own like any other: it can be
stopped, killed, and has its own environment, folder and log. Run by `tests.integration.rig.forked`.

It reads one request in a line of JSON from its standard input ({"id", "arguments", "environment", "folder", "log",
"errors"}) and writes a line for each process that has begun ({"id", "pid"}) or ended ({"pid", "code"}; a signal is
negative). When its input ends, it ends what it has started.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
from collections.abc import Mapping
from typing import Any

import casella.api.application
import casella.app
import casella.serving  # noqa: F401 - the same
from casella import cli
from tests.integration.rig import clocks

Request = Mapping[str, Any]


class Starter:
    """Lives in one thread, so that a fork copies everything."""

    def __init__(self) -> None:
        self._running: set[int] = set()
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> Request | None:
        """Until the input ends: None. In a process that was forked: what it was started for."""
        selector = selectors.DefaultSelector()
        selector.register(0, selectors.EVENT_READ)
        selector.register(self._woken, selectors.EVENT_READ)
        unread = b""
        while True:
            ready = {key.fd for key, _ in selector.select()}
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._tell_ends()
            if 0 in ready:
                got = os.read(0, 65_536)
                if not got:
                    self._end_all()
                    return None
                *lines, unread = (unread + got).split(b"\n")
                for line in lines:
                    request: Request = json.loads(line)
                    if (pid := os.fork()) == 0:
                        selector.close()
                        return request
                    self._running.add(pid)
                    _say(id=request["id"], pid=pid)

    def _tell_ends(self) -> None:
        for pid in tuple(self._running):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._running.discard(pid)
                _say(pid=pid, code=os.waitstatus_to_exitcode(status))

    def _end_all(self) -> None:
        for pid in self._running:
            os.kill(pid, signal.SIGKILL)


def _say(**told: object) -> None:
    os.write(1, json.dumps(told).encode() + b"\n")


def become(request: Request) -> None:
    """Be the program that was asked for, as if it had been started."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    nothing = os.open(os.devnull, os.O_RDONLY)
    log, errors = (os.open(request[name], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644) for name in ("log", "errors"))
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(errors, 2)
    os.closerange(3, 64)
    clocks.follow(os.environ)
    sys.argv = ["casella", *request["arguments"]]
    cli.main()


def main() -> None:
    request = Starter().run()
    if request is not None:
        become(request)


if __name__ == "__main__":
    main()
