"""Who writes and answers during a run, and who watches: several lines, numbered texts, every one of them timed."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from casella_simulator import Simulator
from tests.faults.account import ARRIVED
from tests.faults.desk import LINES
from tests.faults.movement import Waited
from tests.integration.rig.customers import Agent, Crowd, Customer
from tests.integration.rig.houses import House, account_of
from tests.integration.rig.streams import Seen, Watcher

LaneOf = Callable[[Customer], int]
WATCHERS = ("mara", "ann")
_LEFT = (*ARRIVED, "unconfirmed", "failed", "canceled")


@dataclass(frozen=True)
class Weight:
    """How much is written: so many customers and agents, each pausing for at most so many seconds between two texts.
    Many who write seldom, as people do: one conversation's messages leave one after the other."""

    customers: int = 36
    pause: float = 6.0
    agents: int = 3
    agents_pause: float = 3.0


class Lookout(Watcher):
    """A watcher who keeps of each event what the account needs: a run tells tens of thousands. `judged_from`: the
    place in `events` from which on the version that is judged has told them."""

    judged_from = 0
    reset_at = 0.0
    """When the stream last began anew: whoever is told so loads again what he shows, and sees what was there."""

    def _note(self, event: Seen) -> None:
        if event.kind == "reset":
            self.reset_at = event.at
        message = {
            name: value for name, value in event.message().items() if name in ("id", "direction", "state", "text")
        }
        conversation = event.payload.get("conversation")
        of = conversation.get("id") if isinstance(conversation, dict) else None
        super()._note(replace(event, body={"payload": {"message": message, "conversation_id": of}}))


@dataclass
class Sightings:
    """When any watcher was first told that a text was `shown`, and that a message was `queued` and had `left`; and in
    which conversation each text and each message is. Each event is read once, however often somebody asks."""

    shown: dict[str, float] = field(default_factory=dict)
    queued: dict[str, float] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)
    where: dict[str, object] = field(default_factory=dict)
    _read: Counter[str] = field(default_factory=Counter)

    def read(self, watcher: str, events: Sequence[Seen]) -> None:
        for seen in events[self._read[watcher] :]:
            self._read[watcher] += 1
            message = seen.message()
            self.where[str(message.get("text" if message.get("direction") == "in" else "id"))] = seen.payload.get(
                "conversation_id"
            )
            if message.get("direction") == "in":
                _earliest(self.shown, str(message.get("text")), seen.at)
            elif message:
                _earliest(self.queued, str(message["id"]), seen.at)
                if message["state"] in _LEFT:
                    _earliest(self.left, str(message["id"]), seen.at)


def _earliest(found: dict[str, float], name: str, at: float) -> None:
    found[name] = min(found.get(name, at), at)


@dataclass
class Traffic:
    """From `start` to `stop`. `customers`: everybody who has written, floods too. `flooding`: who did not pause."""

    house: House
    provider: Simulator
    dice: random.Random
    weight: Weight = Weight()
    customers: list[Customer] = field(default_factory=list)
    flooding: list[Customer] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)
    watchers: dict[str, Lookout] = field(default_factory=dict)
    _crowds: list[Crowd] = field(default_factory=list)
    _seen: Sightings = field(default_factory=Sightings)

    def __post_init__(self) -> None:
        self._pause = self.weight.pause

    def start(self) -> None:
        """Returns when people watch and write."""
        for name in ("ann", "bob"):
            with self.house.client(name) as http:
                http.put("/api/v1/me/availability", json={"available": True}).raise_for_status()
        for name in WATCHERS:
            self.watchers[name] = Lookout(self.house.client(name))
            self.watchers[name].start()
        self.agents = [
            Agent(name, self.house, self._dice(), self.weight.agents_pause)
            for name in ("ann", "bob", "mara")[: self.weight.agents]
        ]
        self._begin(Crowd(self._more(self.weight.customers, self.weight.pause), self.agents))

    def flood(self, customers: int, seconds: float) -> None:
        """So many new customers write without a pause; returns when they have stopped."""
        more = self._more(customers, 0.0)
        crowd = Crowd(more, [])
        self.flooding += more
        self._begin(crowd)
        threading.Event().wait(seconds)
        crowd.stop()

    def hurry(self, pause: float) -> None:
        """From now on everybody pauses for at most so many seconds."""
        for customer in self.customers:
            customer.pause = pause

    def slow_down(self) -> None:
        """Everybody writes more seldom: this machine cannot take more."""
        self._pause = min(60.0, self._pause * 1.4)
        self.hurry(self._pause)

    def stop(self) -> None:
        """Nobody begins anything more; what was begun is finished. The watchers stay."""
        for crowd in self._crowds:
            crowd.stop()

    def close(self) -> None:
        for watcher in self.watchers.values():
            watcher.stop()

    @property
    def failed(self) -> bool:
        return any(crowd.failed for crowd in self._crowds)

    @property
    def acknowledged(self) -> int:
        return sum(len(customer.acknowledged) for customer in self.customers)

    @property
    def unseen(self) -> int:
        """How many acknowledged messages nobody was told of yet."""
        return max(0, self.acknowledged - len(self._sightings().shown))

    def inbound(self, lane_of: LaneOf = lambda _: -1) -> list[Waited]:
        """Every acknowledged message, from its acknowledgement until the first watcher was told of it."""
        shown = self._sightings().shown
        return [
            Waited(at, shown.get(text) or self._loaded_again(at), lane_of(customer), text)
            for customer in list(self.customers)
            for text, at in zip(list(customer.acknowledged), list(customer.at), strict=False)
        ]

    def _loaded_again(self, since: float) -> float | None:
        return min((one.reset_at for one in self.watchers.values() if one.reset_at >= since), default=None)

    def outbound(self, *, floods: bool = True) -> list[Waited]:
        """Every message of ours, from when it was told until it has left or people see that nobody knows. `floods`
        False: but those to who flood. They wait for themselves, for as long as a machine takes for so much; whether
        others have to wait for them is the question."""
        seen = self._sightings()
        theirs = () if floods else (text for one in self.flooding for text in one.acknowledged)
        left_out = {seen.where.get(text) for text in theirs}
        return [
            Waited(at, seen.left.get(message_id), name=message_id)
            for message_id, at in seen.queued.items()
            if seen.where[message_id] not in left_out
        ]

    def _sightings(self) -> Sightings:
        for name, watcher in self.watchers.items():
            self._seen.read(name, watcher.events)
        return self._seen

    def _more(self, count: int, pause: float) -> list[Customer]:
        account = account_of(self.house.url, LINES)
        first = len(self.customers)
        made = [
            Customer(
                f"+1202{5570000 + number}", self.provider, account, self._dice(), pause, line=LINES[number % len(LINES)]
            )
            for number in range(first, first + count)
        ]
        self.customers += made
        return made

    def _begin(self, crowd: Crowd) -> None:
        self._crowds.append(crowd)
        crowd.start()

    def _dice(self) -> random.Random:
        return random.Random(self.dice.random())
