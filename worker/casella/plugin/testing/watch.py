"""Watching a plugin at work: what it touches of the machine, how it compares secrets, whether it ever ends, and what
it keeps."""

from __future__ import annotations

import ctypes
import functools
import gc
import itertools
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import FrameType, FunctionType, MethodType
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


_DEEPEST = 6
_MOST = 500
_PLAIN = (str, bytes, bytearray, int, float, complex, bool, type(None))


def held_by(value: object, tops: frozenset[str]) -> str:
    """What an object holds, however deep, as a text that another look can be compared with: whether anything was kept.
    `tops`: the packages whose objects are looked into. What belongs to somebody else (a logger, a compiled pattern,
    a cache of a pure function) is told by which one it is; containers and counters by what is in them."""
    return _held(value, tops, 0, set())


def _held(value: object, tops: frozenset[str], depth: int, seen: set[int]) -> str:
    if isinstance(value, _PLAIN):
        return repr(value)
    if depth > _DEEPEST or id(value) in seen:
        return "…"
    within = seen | {id(value)}
    return f"{type(value).__name__}({', '.join(_parts(value, tops, depth + 1, within))})"


def _parts(value: object, tops: frozenset[str], depth: int, seen: set[int]) -> Iterator[str]:
    if isinstance(value, itertools.count):
        yield repr(value)
    elif isinstance(value, ContextVar):
        yield _held(value.get(None), tops, depth, seen)
    elif isinstance(value, MethodType):
        yield _held(value.__func__, tops, depth, seen)
    elif isinstance(value, FunctionType) and _is_of(value.__module__, tops):
        kept = [cell.cell_contents for cell in value.__closure__ or () if _is_filled(cell)]
        for part in (value.__defaults__, value.__kwdefaults__, dict(vars(value)), kept):
            yield _held(part, tops, depth, seen)
    elif isinstance(value, Mapping):
        yield str(len(value))
        for name, one in itertools.islice(value.items(), _MOST):
            yield f"{_held(name, tops, depth, seen)}: {_held(one, tops, depth, seen)}"
    elif isinstance(value, list | tuple | set | frozenset | deque):
        yield str(len(value))
        listed = [_held(one, tops, depth, seen) for one in itertools.islice(value, _MOST)]
        yield from sorted(listed) if isinstance(value, set | frozenset) else listed
    elif isinstance(value, threading.local) or (_is_of(type(value).__module__, tops) and not isinstance(value, type)):
        slots = (name for one in type(value).__mro__ for name in getattr(one, "__slots__", ()))
        held = {name: getattr(value, name) for name in slots if hasattr(value, name)}
        yield _held({**getattr(value, "__dict__", {}), **held}, tops, depth, seen)
    else:
        yield str(id(value))  # another one in its place is something kept, too


def cached_in(value: object) -> dict[str, object]:
    """What a cache of `functools` holds, by what it was asked: a thing that is changed in it later is state. That a
    pure function has been asked more by then is none: nobody can tell it from one without a cache."""
    if not isinstance(value, functools._lru_cache_wrapper):
        return {}
    kept: dict[str, object] = {}
    for answers in gc.get_referents(value):
        if type(answers) is not dict or answers is vars(value):
            continue
        for asked, answer in list(answers.items())[:_MOST]:
            if type(answer).__name__ == "_lru_list_elem":  # of a cache with an end, which shows nothing itself
                with suppress(Exception):
                    answer = value(*(asked if isinstance(asked, tuple) else (asked,)))
            kept[repr(asked)] = answer
    return kept


def _is_of(module: str | None, tops: frozenset[str]) -> bool:
    return (module or "").partition(".")[0] in tops or (module or "").startswith("casella.plugin.")


def _is_filled(cell: object) -> bool:
    try:
        cell.cell_contents  # type: ignore[attr-defined]  # noqa: B018 - a cell that is not filled raises
    except ValueError:
        return False
    return True
