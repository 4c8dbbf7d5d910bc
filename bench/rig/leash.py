"""A measured process ends with the benchmark that started it, however that ended."""

from __future__ import annotations

import os
import signal
import threading


def hold() -> None:
    """End this process when its standard input, the benchmark's end of a pipe, closes."""
    threading.Thread(target=_wait, name="leash", daemon=True).start()


def _wait() -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held while the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)
