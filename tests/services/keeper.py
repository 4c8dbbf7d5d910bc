"""Starts one server and ends it when the owner is gone; run as a program, never imported by tests.

The owner (pytest) holds the other end of this program's standard input. However the owner dies, kill -9
included, the kernel closes that end; the keeper then ends the server and removes its scratch folder.

Why not ``PR_SET_PDEATHSIG``: it is Linux only, it fires when the *thread* that started the server ends, it
is lost when credentials change (we drop root), and nobody would be left to remove the scratch folder.
The keeper lives in a session of its own, so that neither Ctrl-C nor ``kill -9 -GROUP`` reaches it before
the tests have been torn down.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any


def start(spec: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the server the owner asked for; its output goes to the log file."""
    with open(spec["log"], "ab") as log:
        return subprocess.Popen(
            spec["argv"],
            env=spec["env"],
            cwd=spec["scratch"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **spec["identity"],
        )


def end(server: subprocess.Popen[bytes], farewell: int, patience: float) -> None:
    """Ask the server to leave, then insist. Runs beside the main thread, which waits for the server."""
    server.send_signal(farewell)
    threading.Event().wait(patience)
    server.kill()


def main(spec: dict[str, Any]) -> None:
    """Announce the server's pid on standard output, then live exactly as long as the server."""
    server = start(spec)
    with contextlib.suppress(BrokenPipeError):  # the owner died before it could read: wait_for_owner ends the server
        os.write(1, f"{server.pid}\n".encode())
    orphaned = threading.Event()

    def wait_for_owner() -> None:
        while os.read(0, 1):  # os.read, because a buffered reader must not be torn down while it blocks
            pass
        orphaned.set()
        end(server, spec["farewell"], spec["patience"])

    threading.Thread(target=wait_for_owner, daemon=True).start()
    for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(asked, lambda *_: server.send_signal(spec["farewell"]))
    server.wait()
    if orphaned.is_set():
        shutil.rmtree(spec["scratch"], ignore_errors=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
