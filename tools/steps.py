"""Long steps with progress: say what is being done and for how long, and show the log only when it fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

REPORT_EVERY = 10.0  # seconds between two lines of progress where there is no terminal to rewrite one line
TAIL_LINES = 15


class StepFailed(Exception):
    """A step went wrong. The message is a sentence that says what to do; ``log_tail`` is what the program said."""

    def __init__(self, sentence: str, log_tail: str = "") -> None:
        super().__init__(sentence)
        self.log_tail = log_tail


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run(
    title: str,
    argv: Sequence[str],
    log: Path,
    advice: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> None:
    """Run one program with its output in ``log``; raise `StepFailed` with ``advice`` when it cannot finish."""
    started = time.monotonic()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        beginning = output.tell()
        try:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, cwd=cwd)
        except OSError as failure:
            raise StepFailed(f"{title}: cannot start {argv[0]} ({failure.strerror}). {advice}") from failure
        try:
            _watch(process, title, started)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        raise StepFailed(f"{title}: failed. {advice} The whole log is in {log}", tail(log, beginning))


def tail(log: Path, beginning: int = 0) -> str:
    """The last lines of what was written to ``log`` after ``beginning``."""
    with log.open("rb") as written:
        written.seek(beginning)
        lines = written.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-TAIL_LINES:])


def _watch(process: subprocess.Popen[bytes], title: str, started: float) -> None:
    """Wait for the program, telling the time that has passed."""
    terminal = sys.stderr.isatty()
    interval = 1.0 if terminal else REPORT_EVERY
    if not terminal:
        say(f"  {title} ...")
    while True:
        if terminal:
            print(f"\r  {title} ... {_elapsed(started)} ", end="", file=sys.stderr, flush=True)
        try:
            process.wait(timeout=interval)
            break
        except subprocess.TimeoutExpired:
            if not terminal:
                say(f"  {title} ... still at it after {_elapsed(started)}")
    outcome = "failed" if process.returncode else "done"
    say(f"{chr(13) if terminal else ''}  {title}: {outcome} in {_elapsed(started)} ")


def _elapsed(started: float) -> str:
    seconds = time.monotonic() - started
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
