"""Where a plugin went wrong, for whoever wrote it: file and line of his own code, and the way there."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import FrameType

_NOT_HIS = {"casella", "pluggy", "pydantic", "httpx", "httpcore"} | sys.stdlib_module_names
"""What stands between the host and a plugin's own lines, or below them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line on the way to a failure. `package`: the top-level one of its module."""

    package: str
    filename: str
    line: int
    function: str

    @property
    def is_a_plugins(self) -> bool:
        return self.package not in _NOT_HIS and not self.filename.startswith("<")

    def __str__(self) -> str:
        """From its package on: where that is installed is nobody's business."""
        inside = "" if self.function.startswith("<") else f" in {self.function}"
        return f"{_short(self.filename, self.package)}:{self.line}{inside}"


def steps_of(thread: threading.Thread) -> list[Step]:
    """The way to where a thread is just now."""
    frame = sys._current_frames().get(thread.ident or 0)
    return _steps(list(traceback.walk_stack(frame))[::-1]) if frame else []


def place_of(error: BaseException, package: str = "") -> str:
    """Where an error comes from: "casella_acme/receive.py:31 in event_of", as `last_place` says; empty if nowhere."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_short(error.filename, package)}:{error.lineno}"
    return last_place(_steps(traceback.walk_tb(error.__traceback__)), package)


def last_place(steps: Sequence[Step], package: str = "") -> str:
    """`package`: the top-level one of the plugin, whose own last line is named even when it called a library; where
    none of its lines took part, the last one that is neither ours nor Python's. Empty if there is none."""
    own = [step for step in steps if step.package == package]
    found = own or [step for step in steps if step.is_a_plugins]
    return str(found[-1]) if found else ""


def way_to(error: BaseException) -> str:
    """The traceback as Python prints it, without the host's lines at its beginning. It holds no variables."""
    tb = error.__traceback__
    while tb is not None and not _step(tb.tb_frame, tb.tb_lineno).is_a_plugins:
        tb = tb.tb_next
    return "".join(traceback.format_exception(type(error), error, tb))


def _steps(frames: Iterable[tuple[FrameType, int]]) -> list[Step]:
    return [_step(frame, line) for frame, line in frames]


def _step(frame: FrameType, line: int) -> Step:
    package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    return Step(package, frame.f_code.co_filename, line, frame.f_code.co_name)


def _short(filename: str, package: str) -> str:
    parts = PurePath(filename).parts
    here = next((at for at in reversed(range(len(parts))) if parts[at] == package), len(parts) - 1)
    return "/".join(parts[here:])
