"""Intake: an authentic webhook is stored before it is answered (law 1), and many share one commit.

The web server hands requests over and goes on reading sockets. One thread takes everything that waits, asks the
plugins (verify, translate), appends all events in one transaction, and only then lets all of them be answered. A
single waiting request is committed at once; under load the batch grows by itself, with no timer.

A plugin that hangs cannot stop the others: a watchdog sees that a call takes too long, leaves the stuck thread behind
and starts another with the requests that were still open; the one at which the plugin hung is kept raw. A pause of the
whole process is not the plugin's doing: only time in which it ran counts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from casella import metrics
from casella.errors import StoreUnavailable
from casella.host import Abandoned, Stopwatch, interrupt
from casella.inbox.house import ConnectionEntry, Rooms
from casella.inbox.receiving.translation import Accepted, Call, Kept, Translator, digest_of
from casella.plugin import Webhook, WebhookAnswer
from casella.store import journal

_log = structlog.get_logger("casella.intake")
_INFO = logging.getLogger("casella.intake")
UNAVAILABLE = WebhookAnswer(503)
_TRIES = 3


@dataclass(eq=False, slots=True)
class Ticket:
    """A request that waits for its answer. `token` is whatever the web server knows it by. `hung`: its plugin hung at
    it."""

    entry: ConnectionEntry
    webhook: Webhook
    token: object
    answer: WebhookAnswer | None = None
    hung: bool = False


Settle = Callable[[Sequence[Ticket]], None]
Taken = tuple[Ticket, Accepted]


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
        self._ended = threading.Event()
        self._worker: threading.Thread | None = None
        self._watchdog = threading.Thread(target=self._watch, name="intake-watchdog", daemon=True)

    def start(self) -> None:
        self._start_worker()
        self._watchdog.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Answer what waits, then end. The watchdog guards until then: a plugin may hang in the last batch too."""
        deadline = time.monotonic() + timeout
        with self._changed:
            self._stopping.set()
            self._changed.notify_all()
        while (worker := self._worker) and worker.is_alive() and time.monotonic() < deadline:
            worker.join(0.1)
        self._ended.set()
        self._watchdog.join(max(0.1, deadline - time.monotonic()))

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
        try:
            while (batch := self._take(me)) is not None:
                self._answer(batch, me)
                with self._changed:
                    if self._worker is not me:
                        return
                    self._open = []
                self._hand_back(batch)
        except Abandoned:
            pass  # another thread has taken these tickets over

    def _take(self, me: threading.Thread) -> list[Ticket] | None:
        with self._changed:
            while not self._waiting and not self._stopping.is_set():
                self._changed.wait()
        self._rooms.store.wait_for_turn()
        with self._changed:
            if self._worker is not me or not self._waiting:
                return None
            batch, self._waiting = self._waiting, []
            self._open = batch
            return batch

    def _answer(self, batch: list[Ticket], me: threading.Thread) -> None:
        taken: list[Taken] = []
        for ticket in batch:
            accept = self._translator.park if ticket.hung else self._translator.accept
            accepted = accept(ticket.entry, ticket.webhook)
            if self._worker is not me:
                raise Abandoned
            ticket.answer = accepted.answer
            if accepted.rows or accepted.kept:
                taken.append((ticket, accepted))
        for ticket in self._store(taken):
            ticket.answer = UNAVAILABLE

    def _store(self, taken: list[Taken]) -> list[Ticket]:
        """All of it, or what the database refuses apart from the rest. Returns the tickets that could not be stored."""
        if not taken:
            return []
        rows = [row for _, accepted in taken for row in accepted.rows]
        kept = [item for _, accepted in taken for item in accepted.kept]
        try:
            stored = self._commit(rows, kept)
        except Exception:  # noqa: BLE001 - whatever one request holds must not keep its neighbours out
            _log.exception("the database refuses webhooks", count=len(taken))
            if len(taken) > 1:
                return [ticket for one in taken for ticket in self._store([one])]
            return self._keep_raw(taken[0][0])
        return [] if stored else [ticket for ticket, _ in taken]

    def _keep_raw(self, ticket: Ticket) -> list[Ticket]:
        try:
            stored = self._commit([], [Kept(ticket.entry.key, "not_storable", ticket.webhook)])
        except Exception:  # noqa: BLE001 - not even raw: the provider is told to come again
            _log.exception("webhook not stored", connection=ticket.entry.key)
            stored = False
        return [] if stored else [ticket]

    def _commit(self, rows: list[journal.JournalRow], kept: list[Kept]) -> bool:
        """False when the database is away. Raises what the database says of the content."""
        for attempt in range(_TRIES):
            try:
                with self._rooms.store.write() as db:
                    new = journal.append(db, rows) if rows else 0
                    if kept:
                        journal.keep(db, [item.row(self._rooms.sealer) for item in kept])
            except StoreUnavailable:
                if attempt + 1 == _TRIES:
                    metrics.journal_rows.labels("unavailable").inc(len(rows) + len(kept))
                    return False
                time.sleep(0.05 * (attempt + 1))
            else:
                metrics.journal_rows.labels("new").inc(new)
                metrics.journal_rows.labels("repeated").inc(len(rows) - new)
                if _INFO.isEnabledFor(logging.INFO):
                    _log.info("webhooks stored", message_ids=[row["message_id"] for row in rows], kept=len(kept))
                self._rooms.bell.lanes({lane for row in rows if isinstance(lane := row["lane"], int)})
                return True
        return False

    def _hand_back(self, batch: list[Ticket]) -> None:
        try:
            self._settle(batch)
        except Exception:  # noqa: BLE001 - a web server that is going down must not end the intake
            _log.exception("answers not handed back", count=len(batch))

    def _watch(self) -> None:
        """A call is timed from when it is first seen here, which costs the way of a webhook nothing."""
        seen: Call | None = None
        own: Stopwatch | None = None
        while not self._ended.wait(self._limit / 8):
            call, worker = self._translator.call, self._worker
            if call is None or worker is None:
                seen, own = None, None
            elif call is not seen or own is None:
                seen, own = call, Stopwatch(worker)
            elif own.seconds() >= self._limit:
                self._leave_behind(call)

    def _leave_behind(self, call: Call) -> None:
        """Go on with another thread; the stuck one is ended as soon as Python gets hold of it."""
        with self._changed:
            left = self._translator
            if left.call is not call:
                return
            stuck = self._worker
            how = f"took longer than {self._limit:g} seconds"
            self._rooms.host.hung(call.channel_type, call.method, how, stuck, digest_of(call.webhook))
            self._translator = Translator(self._rooms)
            self._waiting = [_fresh(ticket, call) for ticket in self._open] + self._waiting
            self._open = []
            self._start_worker()
        _log.error("intake thread left behind", plugin=call.channel_type, method=call.method)
        if stuck is not None and left.call is call:  # elsewhere than in the plugin it ends by itself
            interrupt(stuck)


def _fresh(ticket: Ticket, call: Call) -> Ticket:
    hung = ticket.hung or ticket.webhook is call.webhook
    return Ticket(ticket.entry, ticket.webhook, ticket.token, hung=hung)
