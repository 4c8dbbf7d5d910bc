"""A worker process's insides: dramatiq's threads for lanes, the delivery pump, the media pump, the sweep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import structlog
from dramatiq import Broker, Worker

from casella.errors import StoreUnavailable
from casella.inbox import (
    assignment,
    assistant,
    background,
    campaigns,
    contacts,
    pushing,
    reading,
    receiving,
    routing,
    sending,
    subscriptions,
)
from casella.inbox.house import Duty, Rooms, guest_client, plugin_watch
from casella.inbox.posting import carriers_of
from casella.inbox.receiving import drain_lane
from casella.inbox.sending import Delivery, settle_expired
from casella.jobs import sweep
from casella.jobs.actors import Actors, Work, declare
from casella.jobs.pruning import PRUNING
from casella.jobs.sweep import Sweep

_log = structlog.get_logger("casella.jobs")
DUTIES: Sequence[Duty] = (
    *receiving.DUTIES, *background.DUTIES, *sending.DUTIES, *assignment.DUTIES, *assistant.DUTIES,
    *reading.DUTIES, *contacts.DUTIES, *subscriptions.DUTIES, *pushing.DUTIES, *campaigns.DUTIES,
    PRUNING,
    Duty("posts", 1.0, carriers_of((routing.CALLS, subscriptions.LETTERS, pushing.PUSHES)), threads=1),
)  # fmt: skip
"""What the rooms of the inbox offer."""


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
    """Threads that do a piece of work again and again while there is any, and sleep until woken. `pause`: how long to
    let more gather first."""

    def __init__(self, name: str, threads: int, step: Callable[[], object], *, pause: float = 0.0) -> None:
        self._step = step
        self._pause = pause
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
            if self._pause:
                self._stopping.wait(self._pause)
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
        self._pumps: list[Pump] = []
        self._by_bell: dict[str, Pump] = {}
        swept = [self._begun(duty) for duty in DUTIES]
        self._turns = Turns()
        self.actors: Actors = declare(
            broker,
            Work(
                apply_lane=lambda lane: self._turns.take(lane, lambda number: drain_lane(rooms, number)),
                deliver=self.delivery.wake,
                fetch_media=self._by_bell["media"].wake,
                index=self._by_bell["search"].wake,
                fire_timers=self._by_bell["timers"].wake,
                heard=heard,
            ),
        )
        self._worker = Worker(broker, worker_threads=rooms.settings.worker_threads, worker_timeout=200)
        self._broker = broker
        self.sweep = Sweep([sweep.Duty("deliveries", 1.0, self.delivery.wake), *swept, *self._housekeeping()])

    def start(self) -> None:
        self._broker.emit_after("process_boot")
        if self._rooms.settings.embedded:  # whoever was sending was this house before, and is dead
            settle_expired(self._rooms, every=True)
        self.delivery.start()
        for pump in self._pumps:
            pump.start()
        self._worker.start()
        self.sweep.start()

    def stop(self) -> None:
        """Finish or release what is held, within `shutdown_seconds`."""
        seconds = self._rooms.settings.shutdown_seconds
        self.sweep.stop()
        self._worker.stop(timeout=int(seconds * 1000))
        for pump in self._pumps:
            pump.stop(seconds / 4)
        self.delivery.stop(seconds)
        self._http.close()

    def alive(self) -> bool:
        """Whether the sweep has come round lately; /ready asks."""
        return time.monotonic() - self.sweep.last_round < 15

    def _begun(self, duty: Duty) -> sweep.Duty:
        """In the sweep itself, or by threads of its own that the sweep wakes."""
        step = duty.make(self._rooms, self._http)
        if duty.threads:
            pump = Pump(duty.name, duty.threads, step, pause=duty.pause)
            self._pumps.append(pump)
            if duty.bell is not None:
                self._by_bell[duty.bell] = pump
            step = pump.wake
        return sweep.Duty(duty.name, duty.every, step)

    def _housekeeping(self) -> list[sweep.Duty]:
        rooms = self._rooms
        return [
            sweep.Duty("desk", 2.0, rooms.refresh),
            sweep.Duty("plugins", plugin_watch.EVERY, lambda: plugin_watch.agree(rooms)),
        ]
