"""Intake: an authentic webhook is stored before it is answered (law 1), and many share one commit.

The web server hands requests over and goes on reading sockets. One thread takes everything that waits, asks the
plugins (verify, translate), appends all events in one transaction, and only then lets all of them be answered. A
single waiting request is committed at once; under load the batch grows by itself, with no timer.

A plugin that hangs cannot stop the others: a watchdog sees that a call takes too long, sets the plugin aside, leaves
the stuck thread behind and starts another with the requests that were still open; the hung plugin's are kept raw.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from casella import metrics
from casella.errors import StoreUnavailable
from casella.inbox.directory import ConnectionEntry
from casella.inbox.rooms import Rooms
from casella.inbox.translation import Kept, Translator
from casella.plugin import Webhook, WebhookAnswer
from casella.store import journal

_log = structlog.get_logger("casella.intake")
UNAVAILABLE = WebhookAnswer(503)
_TRIES = 3


class Abandoned(BaseException):
    """Thrown into a thread that was left behind in a plugin's endless loop, to end it."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A request that waits for its answer. `ticket` is whatever the web server knows it by."""

    entry: ConnectionEntry
    webhook: Webhook
    token: object
    answer: WebhookAnswer | None = None


Settle = Callable[[Sequence[Ticket]], None]


class Intake:
    """Start it, hand it tickets, stop it. `settle` is called from its thread with every batch of answered tickets."""

    def __init__(
        self, rooms: Rooms, settle: Settle, *, plugin_seconds: float = 2.0, most_waiting: int = 20_000
    ) -> None:
        self._rooms = rooms
        self._settle = settle
        self._limit = plugin_seconds
        self._most = most_waiting
        self._translator = Translator(rooms)
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._open: list[Ticket] = []
        self._stopping = threading.Event()
        self._worker: threading.Thread | None = None
        self._watchdog = threading.Thread(target=self._watch, name="intake-watchdog", daemon=True)

    def start(self) -> None:
        self._start_worker()
        self._watchdog.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Answer what waits, then end."""
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        if self._worker:
            self._worker.join(timeout)
        self._watchdog.join(timeout)

    def submit(self, ticket: Ticket) -> bool:
        """Queue a request. False when so many wait already that it is better refused (503) than kept waiting."""
        with self._changed:
            if self._stopping.is_set() or len(self._waiting) >= self._most:
                return False
            self._waiting.append(ticket)
            if len(self._waiting) == 1:
                self._changed.notify()
        return True

    def _start_worker(self) -> None:
        self._worker = threading.Thread(target=self._run, name="intake", daemon=True)
        self._worker.start()

    def _run(self) -> None:
        me = threading.current_thread()
        while (batch := self._take(me)) is not None:
            answered = self._answer(batch)
            with self._changed:
                if self._worker is not me:
                    return  # left behind: another thread has taken these tickets over
                self._open = []
            self._settle(answered)

    def _take(self, me: threading.Thread) -> list[Ticket] | None:
        with self._changed:
            while not self._waiting and not self._stopping.is_set():
                self._changed.wait()
            if self._worker is not me or not self._waiting:
                return None
            batch, self._waiting = self._waiting, []
            self._open = batch
            return batch

    def _answer(self, batch: list[Ticket]) -> list[Ticket]:
        rows: list[journal.JournalRow] = []
        kept: list[Kept] = []
        stored: list[Ticket] = []
        for ticket in batch:
            accepted = self._translator.accept(ticket.entry, ticket.webhook)
            ticket.answer = accepted.answer
            rows += accepted.rows
            kept += accepted.kept
            if accepted.rows or accepted.kept:
                stored.append(ticket)
        if stored and not self._store(rows, kept):
            for ticket in stored:
                ticket.answer = UNAVAILABLE
        return batch

    def _store(self, rows: list[journal.JournalRow], kept: list[Kept]) -> bool:
        for attempt in range(_TRIES):
            try:
                with self._rooms.store.write() as db:
                    new = journal.append(db, rows) if rows else 0
                    if kept:
                        journal.keep(db, [item.row(self._rooms.sealer) for item in kept])
            except StoreUnavailable:
                if attempt + 1 == _TRIES:
                    _log.exception("webhooks not stored", count=len(rows) + len(kept))
                    return False
                time.sleep(0.05 * (attempt + 1))
            else:
                metrics.journal_rows.labels("new").inc(new)
                metrics.journal_rows.labels("repeated").inc(len(rows) - new)
                self._rooms.bell.lanes({lane for row in rows if isinstance(lane := row["lane"], int)})
                return True
        return False

    def _watch(self) -> None:
        while not self._stopping.wait(self._limit / 8):
            call = self._translator.call
            if call is None or time.monotonic() - call.began < self._limit:
                continue
            with self._changed:
                if self._translator.call is not call:
                    continue
                stuck = self._worker
                self._rooms.host.set_aside(call.channel_type, f"{call.method} took longer than {self._limit:g} seconds")
                self._translator = Translator(self._rooms)
                self._waiting = [_fresh(ticket) for ticket in self._open] + self._waiting
                self._open = []
                self._start_worker()
            _log.error("intake thread left behind", plugin=call.channel_type, method=call.method)
            _interrupt(stuck)


def _fresh(ticket: Ticket) -> Ticket:
    return Ticket(ticket.entry, ticket.webhook, ticket.token)


def _interrupt(thread: threading.Thread | None) -> None:
    """End a Python loop for good; a call stuck in C ends with the process (threads are daemons)."""
    if thread is not None and thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Abandoned))
