"""Watching a plugin at work: what it touches of the machine, how it compares secrets, and whether it ever ends."""

from __future__ import annotations

import ctypes
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import SupportsIndex

_TOUCHES = re.compile(r"socket\.(connect|getaddrinfo|gethostby\w+|sendto|bind)|subprocess|os\.system|open$")
_CODE = (".py", ".pyc", ".so", ".pyd", ".json", ".pem")
"""Files that Python and its libraries load by themselves; `open` of anything else is a plugin's own doing."""
_state = threading.local()
_hooked: list[bool] = []


@contextmanager
def touched() -> Iterator[list[str]]:
    """What this thread does meanwhile that is no computing: connections, look-ups of names, files, programs, sleep."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_audit)  # cannot be taken off again; it does nothing outside of this context
    found: list[str] = []

    def profile(frame: FrameType, event: str, called: object) -> None:
        if event == "c_call" and called is time.sleep:  # Python 3.11 tells its auditors nothing of it
            found.append("time.sleep")

    before = sys.getprofile()
    _state.found = found
    sys.setprofile(profile)
    try:
        yield found
    finally:
        sys.setprofile(before)
        _state.found = None


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    found: list[str] | None = getattr(_state, "found", None)
    if found is None or not _TOUCHES.match(event):
        return
    if event == "open" and (not isinstance(arguments[0], str) or arguments[0].endswith(_CODE)):
        return
    found.append(event)


class WatchedText(str):
    """A text that notes with what it is compared by `==` and the like, which stop at the first difference; what is
    derived from it does so too. `hmac.compare_digest` leaves no note."""

    notes: list[str | bytes]

    @classmethod
    def of(cls, text: str, notes: list[str | bytes]) -> WatchedText:
        made = cls(text)
        made.notes = notes
        return made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            self.notes.append(str(other))
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        made = WatchedBytes(super().encode(encoding, errors))
        made.notes = self.notes
        return made

    def strip(self, chars: str | None = None, /) -> str:
        return self._derived(super().strip(chars))

    def lower(self) -> str:
        return self._derived(super().lower())

    def removeprefix(self, prefix: str, /) -> str:
        return self._derived(super().removeprefix(prefix))

    def partition(self, sep: str, /) -> tuple[str, str, str]:
        before, found, after = super().partition(sep)
        return self._derived(before), found, self._derived(after)

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        return self._derived(super().__getitem__(key))

    def _derived(self, text: str) -> WatchedText:
        return WatchedText.of(text, self.notes)


class WatchedBytes(bytes):
    """The same for bytes."""

    notes: list[str | bytes]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bytes):
            self.notes.append(bytes(other))
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = bytes.__hash__


class TookTooLong(AssertionError):
    """A call of the plugin that should be quick did not end."""


class _Watchdog:
    """Ends a call of Python code that runs on and on, so that a suite fails instead of standing still."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[int, float] = {}
        self._thread: threading.Thread | None = None

    def begin(self, seconds: float) -> None:
        with self._lock:
            self._calls[threading.get_ident()] = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="conformance-watch", daemon=True)
                self._thread.start()

    def end(self) -> None:
        with self._lock:
            self._calls.pop(threading.get_ident(), None)

    def _watch(self) -> None:
        while True:
            time.sleep(0.05)
            with self._lock:
                late = [ident for ident, deadline in self._calls.items() if time.monotonic() > deadline]
                for ident in late:
                    del self._calls[ident]
                    error = ctypes.py_object(TookTooLong)
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), error)


_watchdog = _Watchdog()


@contextmanager
def limited(seconds: float, what: str) -> Iterator[None]:
    """Fails with TookTooLong when the block runs on for longer."""
    _watchdog.begin(seconds)
    try:
        yield
    except TookTooLong:
        raise TookTooLong(f"{what} did not end within {seconds:g} seconds") from None
    finally:
        _watchdog.end()
