"""Delivery: what waits in the outbox is claimed, sent, and recorded (the way out, stops 5 to 7).

    pump -> claim: the first waiting message of each conversation, within each channel's rate, as many as are free
         -> one thread per send, outside any transaction
         -> recorder: many outcomes in one transaction, then pump again

A conversation's messages leave in order: the next one is claimed when the one before it is settled. A slow recipient
holds one thread and his own conversation, nobody else. What was being sent when a process died, or when a provider did
not answer, becomes `unconfirmed` and is never sent again by itself (law 5).
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import httpx
import structlog

from casella import metrics
from casella.errors import CasellaError, PluginAway, PluginFailed, StoreUnavailable
from casella.host import NotInContract
from casella.inbox.consent import MARKETING, marketing_stopped
from casella.inbox.house import Clients, Rooms
from casella.inbox.sending.claims import Claim, claim_due
from casella.inbox.sending.leases import HeldClaims, expire_leases, release
from casella.inbox.sending.outcomes import Outcome, record_outcomes
from casella.inbox.sending.pausing import after_a_look
from casella.inbox.state import delivery_events
from casella.logs import about
from casella.plugin import (
    ChannelSuspect,
    ChannelUnreachable,
    SendError,
    SendRejected,
    SendUncertain,
    Sent,
    TemplateContent,
    clean_text,
)

_log = structlog.get_logger("casella.delivery")
_LONGEST_ID = 512
_LINGER = 15.0  # seconds a record may be tried again while the database is away
_LATE = "This process stood still between claiming the message and sending it."
_GATHER = 0.02
"""Seconds between two claims, and before outcomes are recorded, while sends are in flight: a transaction for each
message would cost more than sending it. The first one waits for nothing."""


class Delivery:
    """One per worker process. `wake` whenever something may be due; `stop` finishes what is being sent."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._clients = Clients(rooms.settings.send_threads)
        self._threads = rooms.settings.send_threads
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="send")
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_flight = 0
        self._held = HeldClaims(rooms)
        self._pump = threading.Thread(target=self._pump_loop, name="delivery-pump", daemon=True)
        self._recorder = threading.Thread(target=self._record_loop, name="delivery-recorder", daemon=True)

    def start(self) -> None:
        self._pump.start()
        self._recorder.start()
        self._held.start()

    def wake(self) -> None:
        """Something may be due. Cheap, from any thread, as often as you like."""
        self._wanted.set()

    def stop(self, timeout: float) -> None:
        """Claim nothing more, wait for what is being sent, record it."""
        deadline = time.monotonic() + timeout
        self._stopping.set()
        self._wanted.set()
        self._pump.join(max(0.1, deadline - time.monotonic()))
        while self._in_flight and time.monotonic() < deadline:
            time.sleep(0.02)
        self._outcomes.put(None)
        self._recorder.join(max(0.5, deadline - time.monotonic()))
        self._held.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._clients.close()

    @property
    def in_flight(self) -> int:
        return self._in_flight

    def _pump_loop(self) -> None:
        wait: float | None = None
        while not self._stopping.is_set():
            self._wanted.wait(wait)
            if self._in_flight:
                self._stopping.wait(_GATHER)
            self._wanted.clear()
            if self._stopping.is_set():
                return
            try:
                wait = self._claim_and_send()
            except StoreUnavailable:
                wait = 0.5
            except Exception:  # noqa: BLE001 - the pump must outlive any surprise; the sweep wakes it again
                _log.exception("delivery pump stumbled")
                wait = 1.0

    def _claim_and_send(self) -> float | None:
        """Claim for the free threads. Returns when to look again by itself (rate limits), or None."""
        free = self._threads - self._in_flight
        if free <= 0:
            return None
        with self._rooms.store.write() as db:
            claims, look_again = claim_due(self._rooms, db, free, self._rooms.clock.now(), self._threads // 4)
        for index, claim in enumerate(claims):
            if self._stopping.is_set():
                self._release(claims[index:])
                return None
            with self._lock:
                self._in_flight += 1
            self._held.take(claim)
            self._pool.submit(self.send, claim).add_done_callback(partial(self._landed, claim))
        return look_again

    def _release(self, claims: Sequence[Claim]) -> None:
        with self._rooms.store.write() as db:
            release(db, claims)

    def _landed(self, claim: Claim, future: Future[Outcome]) -> None:
        error = future.exception()
        if error is not None:  # an async exception at shutdown: the lease expires and it becomes unconfirmed
            _log.error("send ended without an outcome", error=type(error).__name__)
            self._held.drop([claim])
            with self._lock:
                self._in_flight -= 1
        else:
            self._outcomes.put(future.result())

    def send(self, claim: Claim) -> Outcome:
        """Give one claimed message to its plugin, outside any transaction. Raises nothing on a plugin's account."""
        began = self._rooms.clock.now()
        clock = time.perf_counter()
        with about(message_id=claim.message_id):
            result = self._call_plugin(claim) if self._held.is_ours(claim) else ChannelUnreachable(_LATE)
            took = time.perf_counter() - clock
            outcome = "sent" if isinstance(result, Sent) else result.code
            metrics.sends.labels(claim.channel_type, outcome).inc()
            metrics.send_seconds.labels(claim.channel_type).observe(took)
            _log.info("send", outcome=outcome, channel=claim.channel_key, milliseconds=round(took * 1000))
        return Outcome(claim, began, self._rooms.clock.now(), result)

    def _call_plugin(self, claim: Claim) -> Sent | SendError:
        host, http = self._rooms.host, self._clients.mine()
        try:
            plugin = host.plugin(claim.channel_type)
            self._ask_about_marketing(claim, http)
            return host.call(
                plugin, "send", lambda: _sound(plugin.send(claim.channel, claim.message, http)), Sent,
                subject=claim.message_id,
            )  # fmt: skip
        except ChannelSuspect as error:
            return after_a_look(self._rooms, http, claim.channel_type, claim.channel, error)
        except SendError as error:
            return error
        except PluginAway as error:  # set aside since this was claimed: it was not called
            return ChannelUnreachable(error.text)
        except PluginFailed:
            return SendUncertain("The channel plugin failed in the middle of sending.")
        except CasellaError as error:
            return SendUncertain(error.text)

    def _ask_about_marketing(self, claim: Claim, http: httpx.Client) -> None:
        """A marketing template is not even tried on somebody who has switched marketing off. Raises SendRejected,
        and whatever asking for the templates does."""
        content = claim.message.content
        channel = self._rooms.directory.current.channels.get(claim.channel.id)
        if not isinstance(content, TemplateContent) or channel is None:
            return
        with self._rooms.store.read() as db:
            if not marketing_stopped(db, channel, claim.message.to):
                return
        host, plugin = self._rooms.host, self._rooms.host.plugin(claim.channel_type)
        try:
            known = host.call(plugin, "templates", lambda: plugin.templates(claim.channel, http), (list, tuple))
        except PluginFailed as error:  # nothing was sent yet
            raise ChannelUnreachable(error.text) from error
        same = [one for one in known if (one.name, one.language) == (content.name, content.language)]
        if any(one.category.lower() == MARKETING for one in same):
            raise SendRejected("The contact has stopped marketing messages.", provider_code="marketing_stopped")

    def _record_loop(self) -> None:
        while True:
            batch, last = self._take_outcomes()
            if batch:
                self._record(batch, waits=last)
            if last:
                return

    def _take_outcomes(self) -> tuple[list[Outcome], bool]:
        first = self._outcomes.get()
        if self._in_flight > 1:
            self._stopping.wait(_GATHER)
        batch, last = ([first], False) if first else ([], True)
        while not self._outcomes.empty():
            item = self._outcomes.get()
            if item is None:
                last = True
            else:
                batch.append(item)
        return batch, last

    def _record(self, batch: Sequence[Outcome], *, waits: bool) -> None:
        """Must not be lost while the database is away for a moment: what is not recorded becomes unconfirmed. `waits`
        False: what others hold comes again, and nothing else waits for it."""
        again: Sequence[Outcome] = ()
        try:
            again = self._record_all(batch, waits=waits)
        finally:
            done = [outcome for outcome in batch if outcome not in again]
            with self._lock:
                self._in_flight -= len(done)
            self._held.drop([outcome.claim for outcome in done])
            self._wanted.set()
        if again:
            time.sleep(_GATHER)
        for outcome in again:
            self._outcomes.put(outcome)

    def _record_all(self, batch: Sequence[Outcome], *, waits: bool) -> Sequence[Outcome]:
        """Returns what comes again."""
        again: list[Outcome] = []
        try:
            again += self._record_patiently(batch, waits=waits)
            delivery_events.ring(self._rooms)
            self._rooms.bell.feed()
        except Exception:  # noqa: BLE001 - the recorder must outlive any surprise; leases expire to unconfirmed
            _log.exception("recording stumbled", count=len(batch))
            if len(batch) > 1:  # one outcome must not take its neighbours' along
                for outcome in batch:
                    again += self._record_all([outcome], waits=waits)
        return again

    def _record_patiently(self, batch: Sequence[Outcome], *, waits: bool) -> Sequence[Outcome]:
        deadline = time.monotonic() + _LINGER
        while True:
            try:
                with self._rooms.store.write() as db:
                    again = record_outcomes(self._rooms, db, batch, self._rooms.clock.now(), waits=waits)
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    _log.error("outcomes not recorded; they will show as unconfirmed", count=len(batch))
                    return ()
                time.sleep(0.2)
            else:
                return again


def _sound(sent: object) -> Sent:
    """Raises NotInContract for an answer that is none, or an id of the provider that is none."""
    if not isinstance(sent, Sent):
        raise NotInContract(f"answered {type(sent).__name__}")
    external_id: object = sent.external_id
    if not isinstance(external_id, str) or not 0 < len(external_id) <= _LONGEST_ID:
        raise NotInContract("answered with an external id that is none")
    return Sent(clean_text(external_id))


def settle_expired(rooms: Rooms, *, every: bool = False) -> int:
    """Messages whose sender died in mid-call become `unconfirmed`. Part of the sweep. `every`: see `expire_leases`."""
    with rooms.store.write() as db:
        count = expire_leases(rooms, db, rooms.clock.now(), every=every)
    if count:
        rooms.bell.feed()
    return count
