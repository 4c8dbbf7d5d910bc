"""Threads in which plugins are called, so that one that hangs holds up nobody for longer than its time limit.

A call costs two switches of threads, some tens of microseconds. A thread whose call took too long is left behind: a
loop in Python is ended, a call stuck in C ends with the process, because these threads are daemons. A limit measures
the guest's own time: a pause of the whole process is nobody's fault.
"""

from __future__ import annotations

import contextvars
import ctypes
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from casella.host.places import Step, steps_of
from casella.host.running_time import Stopwatch
from casella.plugin import MediaUnavailable, RouteRefused, SendError

_Answer = TypeVar("_Answer")
MAY_RAISE: Mapping[str, type[Exception]] = {
    "send": SendError,
    "lookup": SendError,
    "health": SendError,
    "templates": SendError,
    "show_typing": SendError,
    "mark_read": SendError,
    "profile": SendError,
    "missed": SendError,
    "route": RouteRefused,
    "locate_media": MediaUnavailable,
}
"""What each method's contract lets it raise; the others may raise nothing."""


SECONDS: Mapping[str, float] = {
    "refusal": 2.0,
    "address_problem": 2.0,
    "measure": 2.0,
    "consent_pool": 2.0,
    "capabilities_of": 2.0,
    "cost": 2.0,
    "registration": 2.0,
    "missed": 60.0,
    "lookup": 30.0,
    "locate_media": 30.0,
    "health": 30.0,
    "templates": 20.0,
    "show_typing": 10.0,
    "mark_read": 10.0,
    "profile": 10.0,
    "route": 15.0,
}
"""How long each method may take. `send` has its own limit among the capabilities; `verify` and `translate` are on the
way of every message: the intake watches them itself, without a thread for each call."""


class CallsUnder(Protocol):
    """What those who keep several things of one plugin need of the host: all of them are set aside together."""

    def call_under(
        self,
        name: str,
        what: str,
        ask: Callable[[], _Answer],
        seconds: float,
        may_raise: tuple[type[Exception], ...],
        package: str,
    ) -> _Answer: ...  # pragma: no cover - a protocol


class Abandoned(BaseException):
    """Thrown into a thread that was left behind in a plugin's endless loop, to end it."""


class TookTooLong(Exception):
    """A plugin did not answer within its time limit."""

    def __init__(self, seconds: float, steps: Sequence[Step] = ()) -> None:
        """`steps`: the way to where it was then."""
        self.seconds = seconds
        self.steps = steps
        super().__init__(f"took longer than {seconds:g} seconds")


class NotInContract(Exception):
    """What a plugin did is not in its contract. The text says what: "answered a list with str"."""

    def __init__(self, how: str) -> None:
        super().__init__(f"{how}, which is not in its contract")


def interrupt(thread: threading.Thread) -> None:
    """End a plugin's endless Python loop; a call stuck in C ends when it returns (such threads are daemons)."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Abandoned))


class Guests:
    """As many threads as were ever busy at once."""

    def __init__(self) -> None:
        self._idle: list[_Seat] = []

    def call(self, ask: Callable[[], _Answer], seconds: float) -> _Answer:
        """What `ask` answers, or raises. Raises TookTooLong; what it does after that nobody hears."""
        try:
            seat = self._idle.pop()
        except IndexError:
            seat = _Seat()
        box: list[_Answer] = []
        error = seat.run(lambda: box.append(ask()), seconds)
        self._idle.append(seat)  # not after TookTooLong, nor when this thread itself is interrupted
        if error is not None:
            raise error
        return box[0]


class _Seat:
    """One thread, and the two locks by which it and its caller take turns."""

    def __init__(self) -> None:
        self._go, self._done = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._done.acquire()
        self._ask: Callable[[], None] = lambda: None
        self._error: BaseException | None = None
        self._left = False
        self._thread = threading.Thread(target=self._serve, name="guest", daemon=True)
        self._thread.start()

    def run(self, ask: Callable[[], None], seconds: float) -> BaseException | None:
        context = contextvars.copy_context()  # so that the plugin's log lines carry the message's id
        self._ask = lambda: context.run(ask)
        watch = Stopwatch(self._thread)
        self._go.release()
        wait = seconds
        while not self._done.acquire(timeout=wait):
            wait = seconds - watch.seconds()
            if wait <= 0:
                self._left = True
                steps = steps_of(self._thread)
                interrupt(self._thread)
                raise TookTooLong(seconds, steps)
        error, self._error = self._error, None
        return error

    def _serve(self) -> None:
        try:
            while not self._left:
                self._go.acquire()
                try:
                    self._ask()
                except BaseException as error:  # noqa: BLE001 - all of it is the caller's, in his own thread
                    self._error = error
                self._ask = lambda: None
                self._done.release()
        except Abandoned:
            pass  # it came a moment after the call had ended
