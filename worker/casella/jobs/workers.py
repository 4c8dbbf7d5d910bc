"""A worker process's insides: dramatiq's threads for lanes, the delivery pump, the media pump, the sweep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from dramatiq import Broker, Worker

from casella.errors import StoreUnavailable
from casella.inbox.assignment import raise_alarms
from casella.inbox.assistant import forget_old, write_due_draft
from casella.inbox.background import QuietWatch, arm_schedules, fire_due, plugin_actions, serve_queues, timers_due
from casella.inbox.house import Rooms, guest_client, plugin_watch
from casella.inbox.reading import index_pending
from casella.inbox.receiving import (
    Replayer,
    drain_lane,
    kept_revisions,
    match_early_revisions,
    media,
    missed_messages,
    profiles,
    show_incomplete,
    thumbnails,
)
from casella.inbox.routing import call_due
from casella.inbox.sending import Delivery, pacing, settle_expired, settling, uploads
from casella.inbox.state import visitor_revocation
from casella.jobs.actors import Actors, Work, declare
from casella.jobs.sweep import Duty, Sweep
from casella.store import journal

_log = structlog.get_logger("casella.jobs")
_MEDIA_THREADS = 4
_CALL_THREADS = 2
_OF_PLUGINS = "Plugin"  # how the error of an event that a plugin failed at begins: PluginFailed, PluginAway
_SEARCH_LULL = 0.25
"""Seconds until a message is searchable at least: full text is written in batches, or it would double the commits."""


class Turns:
    """Runs a piece of work once at a time in this process. Whoever asks while it runs does not wait: whoever runs it
    goes round once more, with all that has come meanwhile. Otherwise a busy lane would hold every thread, and each
    would find a few rows."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: dict[int, bool] = {}

    def take(self, key: int, act: Callable[[int], object]) -> None:
        with self._guard:
            if key in self._running:
                self._running[key] = True
                return
            self._running[key] = False
        try:
            act(key)
            while self._again(key):
                act(key)
        except BaseException:  # only then is the turn still ours: after the last round it may be another thread's
            with self._guard:
                self._running.pop(key, None)
            raise

    def _again(self, key: int) -> bool:
        """Ends the turn in the same breath as it finds that nobody asked: no ring falls between."""
        with self._guard:
            asked = self._running[key]
            if asked:
                self._running[key] = False
            else:
                del self._running[key]
            return asked


class Pump:
    """Threads that do a piece of work again and again while there is any, and sleep until woken. `lull`: how long to
    let more gather first."""

    def __init__(self, name: str, threads: int, step: Callable[[], int], *, lull: float = 0.0) -> None:
        self._step = step
        self._lull = lull
        self._wanted = threading.Semaphore(0)
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        self._wanted.release()

    def stop(self, timeout: float) -> None:
        self._stopping.set()
        for _ in self._threads:
            self._wanted.release()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wanted.acquire()
            if self._lull:
                self._stopping.wait(self._lull)
                while self._wanted.acquire(blocking=False):
                    pass  # one round does for all that rang meanwhile
            try:
                while not self._stopping.is_set() and self._step():
                    pass
            except StoreUnavailable:
                pass  # the store has said so, once; the sweep wakes it again
            except Exception:  # noqa: BLE001 - the pump must outlive any surprise; the sweep wakes it again
                _log.exception("pump stumbled")


class Workers:
    """Everything a process needs that applies lanes and sends messages."""

    def __init__(self, rooms: Rooms, broker: Broker, heard: Callable[[str], None]) -> None:
        self._rooms = rooms
        self._http = guest_client()
        self.delivery = Delivery(rooms)
        self._media = Pump("media", _MEDIA_THREADS, lambda: media.fetch_due(rooms, self._http))
        self._thumbnails = Pump("thumbnails", 1, lambda: thumbnails.shrink_due(rooms))
        # Providers may answer slowly: the sweep must not wait for them.
        self._lookups = Pump("lookup", 1, lambda: settling.look_up_unconfirmed(rooms, self._http))
        self._drafts = Pump("assistant", 1, lambda: write_due_draft(rooms))  # a model may take its time
        self._calls = Pump("webhooks", _CALL_THREADS, lambda: call_due(rooms, self._http))
        self._kept = Pump("kept", 1, Replayer(rooms).step)  # a plugin that was broken may hang again
        self._profiles = Pump("profiles", 1, lambda: profiles.ask_due(rooms, self._http))
        self._plugin_actions = Pump("plugin-actions", _CALL_THREADS, lambda: plugin_actions.run_due(rooms, self._http))
        self._missed = Pump("missed", 1, lambda: missed_messages.ask_missed(rooms, self._http))
        self._timers = Pump("timers", 1, lambda: fire_due(rooms))
        self._quiet = QuietWatch(rooms)
        self._search = Pump("search", 1, self._index_some, lull=_SEARCH_LULL)
        self._turns = Turns()
        self.actors: Actors = declare(
            broker,
            Work(
                apply_lane=lambda lane: self._turns.take(lane, lambda number: drain_lane(rooms, number)),
                deliver=self.delivery.wake,
                fetch_media=self._media.wake,
                index=self._search.wake,
                fire_timers=self._timers.wake,
                heard=heard,
            ),
        )
        self._worker = Worker(broker, worker_threads=rooms.settings.worker_threads, worker_timeout=200)
        self._broker = broker
        self.sweep = Sweep(self._duties())

    def start(self) -> None:
        self._broker.emit_after("process_boot")
        if self._rooms.settings.embedded:  # whoever was sending was this house before, and is dead
            settle_expired(self._rooms, every=True)
        self.delivery.start()
        self._media.start()
        self._thumbnails.start()
        self._lookups.start()
        self._missed.start()
        self._kept.start()
        self._profiles.start()
        self._search.start()
        self._drafts.start()
        self._calls.start()
        self._timers.start()
        self._plugin_actions.start()
        self._worker.start()
        self.sweep.start()

    def stop(self) -> None:
        """Finish or release what is held, within `shutdown_seconds`."""
        seconds = self._rooms.settings.shutdown_seconds
        self.sweep.stop()
        self._worker.stop(timeout=int(seconds * 1000))
        self._media.stop(seconds / 4)
        self._thumbnails.stop(seconds / 4)
        self._lookups.stop(seconds / 4)
        self._missed.stop(seconds / 4)
        self._kept.stop(seconds / 4)
        self._profiles.stop(seconds / 4)
        self._search.stop(seconds / 4)
        self._drafts.stop(seconds / 4)
        self._calls.stop(seconds / 4)
        self._timers.stop(seconds / 4)
        self._plugin_actions.stop(seconds / 4)
        self.delivery.stop(seconds)
        self._http.close()

    def alive(self) -> bool:
        """Whether the sweep has come round lately; /ready asks."""
        return time.monotonic() - self.sweep.last_round < 15

    def _index_some(self) -> int:
        with self._rooms.store.write() as db:
            return int(index_pending(db, 500))

    def _duties(self) -> list[Duty]:
        rooms = self._rooms
        return [
            Duty("lanes", 1.0, self._ring_lanes),
            Duty("deliveries", 1.0, self.delivery.wake),
            Duty("media", 2.0, self._media.wake),
            Duty("thumbnails", 2.0, self._thumbnails.wake),
            Duty("search", 2.0, self._search.wake),
            Duty("queues", 1.0, lambda: serve_queues(rooms)),
            Duty("timers", 0.5, self._timers.wake),
            Duty("quiet conversations", 2.0, self._quiet.look),
            Duty("schedules", 10.0, lambda: arm_schedules(rooms)),
            Duty("starvation", 10.0, lambda: raise_alarms(rooms)),
            Duty("webhooks", 1.0, self._calls.wake),
            Duty("plugins' actions", 1.0, self._plugin_actions.wake),
            Duty("desk", 2.0, rooms.refresh),
            Duty("leases", 1.0, lambda: settle_expired(rooms)),
            Duty("early receipts", 2.0, lambda: settling.match_early_receipts(rooms)),
            Duty("early revisions", 2.0, lambda: match_early_revisions(rooms)),
            Duty("unconfirmed", 2.0, self._lookups.wake),
            Duty("drafts", 1.0, self._drafts.wake),
            Duty("missed", 10.0, self._missed.wake),
            Duty("plugins", plugin_watch.EVERY, lambda: plugin_watch.agree(rooms)),
            Duty("kept webhooks", 0.5, self._kept.wake),
            Duty("parked events", 15.0, self._retry_parked),
            Duty("profiles", 1.0, self._profiles.wake),
            Duty("parts", 5.0, lambda: show_incomplete(rooms)),
            Duty("old rows", 3600.0, self._prune),
        ]

    def _ring_lanes(self) -> None:
        with self._rooms.store.read() as db:
            waiting = journal.waiting_lanes(db)
        self._rooms.bell.lanes(waiting)

    def _retry_parked(self) -> None:
        """Events that only a plugin kept from being applied: it may be able to now."""
        with self._rooms.store.read() as db:
            parked = journal.has_failed(db, _OF_PLUGINS)
        if parked:
            with self._rooms.store.write() as db:
                journal.retry_failed(db, _OF_PLUGINS)

    def _prune(self) -> None:
        now = self._rooms.clock.now()
        before = now - timedelta(days=self._rooms.settings.kept_days)
        with self._rooms.store.write() as db:
            journal.prune(db, before)
            timers_due.prune(db, before)
            visitor_revocation.prune(db, now)
            pacing.prune(db, now)
            kept_revisions.prune(db, now)
            plugin_actions.prune(db, before)
        settling.prune(self._rooms, before)
        forget_old(self._rooms)
        uploads.forget_uploads(self._rooms, now - timedelta(days=1))
