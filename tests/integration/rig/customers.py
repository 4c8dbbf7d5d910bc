"""Customers who write numbered texts, one after the other, each sent again until it was taken; and agents who answer.

What a customer has in `acknowledged` was answered with 2xx: it must be there once and in this order.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

import httpx

from casella_simulator import Simulator, TwilioAccount
from casella_simulator.network.journal import Delivery
from casella_simulator.twilio.webhooks import signer
from tests import loopback
from tests.integration.rig.houses import NUMBER, House
from tests.integration.rig.programs import PATIENCE


def pause_after(refusals: int, dice: random.Random) -> float:
    """Seconds until what was refused so often is sent again: who asks ten times a second a house that is just starting
    keeps the processor from it, on a busy machine for minutes."""
    return dice.uniform(0.05, 0.3) * min(refusals, 5)


class NeverTaken(AssertionError):
    """A webhook or a reply was refused for so long that something must be broken for good."""


@dataclass
class Customer:
    """One phone. The provider repeats nothing by itself after a 5xx; here the test does, until it is taken."""

    phone: str
    provider: Simulator
    account: TwilioAccount
    dice: random.Random
    pause: float
    acknowledged: list[str] = field(default_factory=list)
    resent: int = 0
    line: str = NUMBER
    at: list[float] = field(default_factory=list)
    """When each was acknowledged, by the monotonic clock."""

    def run(self, stopping: threading.Event) -> None:
        number = len(self.acknowledged)
        with loopback.Client(timeout=15) as http:
            while not stopping.is_set():
                number += 1
                self._write(f"{number:05} from {self.phone[-4:]}", http)
                stopping.wait(self.dice.uniform(0, self.pause))

    def _write(self, text: str, http: httpx.Client) -> None:
        arrival = self.provider.text_from(self.phone, text, to=self.line)
        if not any(delivery.accepted for delivery in arrival.deliveries):
            self._send_again(arrival.deliveries[0], http)
        elif self.dice.random() < 0.05:
            self._post(arrival.deliveries[0], http)  # once more although it was taken: providers do
        self.at.append(time.monotonic())
        self.acknowledged.append(text)

    def _send_again(self, delivery: Delivery, http: httpx.Client) -> None:
        deadline = time.monotonic() + PATIENCE
        for refusals in itertools.count(1):
            self.resent += 1
            status = self._post(delivery, http)
            if status is not None and status < 300:
                return
            if status is not None and status < 500:
                raise NeverTaken(f"a signed webhook was answered with {status}")
            if time.monotonic() > deadline:
                raise NeverTaken(f"not taken for {PATIENCE} s, at last: {status}")
            time.sleep(pause_after(refusals, self.dice))

    def _post(self, delivery: Delivery, http: httpx.Client) -> int | None:
        """The very same message, signed anew. None when nobody answered."""
        request = signer(self.account)(delivery.url, delivery.form, True)
        try:
            return http.post(request.url, content=request.content, headers=dict(request.headers)).status_code
        except httpx.HTTPError:
            return None


@dataclass
class Agent:
    """Answers open conversations with numbered texts, each with a key of its own, repeated until it is taken."""

    name: str
    house: House
    dice: random.Random
    pause: float
    answered: list[tuple[str, str]] = field(default_factory=list)
    """(message id, text) of every reply that was answered with 201."""
    repeated: int = 0

    def run(self, stopping: threading.Event) -> None:
        number = 0
        with self.house.client(self.name) as http:
            while not stopping.wait(self.dice.uniform(0, self.pause)):
                conversation = self._some_conversation(http)
                if conversation is not None:
                    number += 1
                    self._answer(conversation, f"{self.name} says {number:05}", http)

    def _some_conversation(self, http: httpx.Client) -> str | None:
        try:
            answer = http.get("/api/v1/conversations", params={"limit": 50})
        except httpx.HTTPError:
            return None
        items = answer.json()["items"] if answer.status_code == 200 else []
        return str(self.dice.choice(items)["id"]) if items else None

    def _answer(self, conversation: str, text: str, http: httpx.Client) -> None:
        key = uuid.uuid4().hex
        path = f"/api/v1/conversations/{conversation}/messages"
        deadline = time.monotonic() + PATIENCE
        for refusals in itertools.count(1):
            try:
                answer = http.post(path, json={"text": text}, headers={"Idempotency-Key": key})
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 201:
                self.answered.append((str(answer.json()["id"]), text))
                return
            if answer is not None and answer.status_code < 500 and answer.json()["code"] != "in_progress":
                raise NeverTaken(f"a reply was answered with {answer.status_code}: {answer.text}")
            if time.monotonic() > deadline:
                raise NeverTaken(f"reply not taken for {PATIENCE} s")
            self.repeated += 1
            time.sleep(pause_after(refusals, self.dice))


class Crowd:
    """Runs customers and agents in threads, from `start` to `stop`, and hands on what went wrong in any."""

    def __init__(self, customers: list[Customer], agents: list[Agent]) -> None:
        self.customers = customers
        self.agents = agents
        self._stopping = threading.Event()
        self._failures: list[Exception] = []
        self._threads = [
            threading.Thread(target=self._run, args=(person,), name=f"crowd-{index}")
            for index, person in enumerate([*customers, *agents])
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Everybody finishes what he has begun: the last text is sent again until it is taken, too."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    @property
    def acknowledged(self) -> int:
        return sum(len(customer.acknowledged) for customer in self.customers)

    @property
    def failed(self) -> bool:
        return bool(self._failures)

    def _run(self, person: Customer | Agent) -> None:
        try:
            person.run(self._stopping)
        except Exception as error:  # noqa: BLE001 - `stop` raises it in the test's own thread
            self._failures.append(error)
