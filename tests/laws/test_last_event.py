"""Two transactions change the same conversation at once, in whatever order they take their ids, get the locks, and
commit: what is told last of a row is the row."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from casella.api.endpoints import models
from casella.inbox.commands import prioritizing, tagging
from casella.inbox.house import Rooms
from casella.inbox.reading import Filters, find_member, lists, presence
from casella.inbox.receiving.events import EventApplier
from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.outcomes import Outcome, record_outcomes
from casella.inbox.views import labelled
from casella.plugin import MessageStatusChanged, Sent
from casella.plugin.events import DeliveryStatus
from casella.store import feed_order
from tests.budget import tries
from tests.house import House, until

NUMBERS = count(1)
DEEDS = ("sent", "delivered", "read", "high", "low", "vip", "types")
Deed = Callable[[Connection], object]
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest.fixture
def house(migrated_pg_url: str, tmp_path: Path) -> Iterator[House]:
    """On PostgreSQL only: SQLite has one writer at a time."""
    with House(migrated_pg_url, tmp_path) as built:
        yield built


class Hand(threading.Thread):
    """One transaction with a connection of its own, in four steps: `begin` it, with an id at once or with the first
    write; `act`; `commit`."""

    def __init__(self, rooms: Rooms, deed: Deed, *, early: bool) -> None:
        super().__init__(daemon=True)
        self._rooms, self._deed, self._early = rooms, deed, early
        self._orders: queue.SimpleQueue[None] = queue.SimpleQueue()
        self.ordered = self.done = 0
        self.failed: BaseException | None = None

    def order(self) -> None:
        """Take the next step, when the one before it is done."""
        self.ordered += 1
        self._orders.put(None)

    def rests(self) -> bool:
        """Whether it has done as ordered, or waits for a lock."""
        if self.done == self.ordered or self.failed is not None:
            return True
        with self._rooms.store.read() as db:
            return bool(db.execute(_WAITING).scalar_one())

    def run(self) -> None:
        try:
            self._orders.get()
            with self._rooms.store.write() as db:
                db.execute(text("SELECT pg_current_xact_id()" if self._early else "SELECT 1"))
                self._step()
                self._deed(db)
                self._step()
            self.done += 1
        except BaseException as error:  # noqa: BLE001 - shown by the test
            self.failed = error

    def _step(self) -> None:
        self.done += 1
        self._orders.get()


class Scene:
    """A conversation with a message of ours that is being sent."""

    def __init__(self, house: House) -> None:
        self.house, self.rooms, number = house, house.rooms, next(NUMBERS)
        contact = f"+39056{number:07}"
        self.external = f"out-{number}"
        self.before = house.newest()
        house.receive(house.says("Hello", sender=contact))
        with self.rooms.store.read() as db:
            member = find_member(db, house.agent("mara").id)
            assert member is not None
            self.member = member
            page = lists.list_conversations(db, member, Filters(status="all"), None, 100)
        self.conversation = next(view.id for view in page.items if view.contact.address == contact)
        self.message = house.reply("Answer", self.conversation)
        with self.rooms.store.write() as db:
            claims, _ = claim_due(self.rooms, db, 10_000, house.clock.now())
        self.claim = next(claim for claim in claims if claim.message_id == self.message)

    def deeds(self) -> dict[str, Deed]:
        at, by = self.house.clock.now(), self.house.agent("ann").id

        def sent(db: Connection) -> None:
            record_outcomes(self.rooms, db, [Outcome(self.claim, at, at, Sent(self.external))], at)

        def receipt(status: DeliveryStatus) -> Deed:
            def seen(db: Connection) -> None:
                channel = self.house.channel()
                event = MessageStatusChanged(
                    channel_address=channel.address, contact_address="", external_id=self.external, status=status,
                    message_id=self.message,
                )  # fmt: skip
                applier = EventApplier(self.rooms, db, at)
                applier.load([(channel, event)])
                applier.apply("unused", at, channel, event)
                applier.write()

            return seen

        rooms, id = self.rooms, self.conversation
        deeds: list[Deed] = [
            sent,
            receipt("delivered"),
            receipt("read"),
            lambda db: prioritizing.set_priority(db, rooms, id, "high", by=by, at=at),
            lambda db: prioritizing.set_priority(db, rooms, id, "low", by=by, at=at),
            lambda db: tagging.add_tag(db, rooms, id, "vip", by=by, at=at),
            lambda db: presence.agent_types(db, rooms, id, by=by, at=at),
        ]
        return dict(zip(DEEDS, deeds, strict=True))

    def shown(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The conversation and the message as the API gives them out."""
        with self.rooms.store.read() as db:
            page = lists.list_conversations(db, self.member, Filters(status="all"), None, 100)
            [view] = labelled(db, self.rooms, [view for view in page.items if view.id == self.conversation])
            [message] = [
                m for m in lists.list_messages(db, self.member, self.conversation, 100).items if m.id == self.message
            ]
        return (
            models.ConversationSummary.model_validate(view).model_dump(mode="json"),
            models.Message.model_validate(message).model_dump(mode="json")
            | ({"state": "queued"} if message.state == "sending" else {}),  # that a send has begun is not told
        )

    def told_last(self) -> tuple[dict[str, Any], dict[str, Any]]:
        mine = [e["payload"] for e in self.house.told("mara", self.before) if e["conversation_id"] == self.conversation]
        messages = [e["message"] for e in mine if e.get("message", {}).get("id") == self.message]
        return mine[-1]["conversation"], messages[-1]


@settings(
    max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # six steps are short enough
)  # fmt: skip
@given(data=st.data())
def test_what_is_told_last_of_a_row_is_the_row(house: House, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(DEEDS), min_size=2, max_size=2, unique=True), "deeds")
    early = data.draw(st.tuples(st.booleans(), st.booleans()), "ids at once")
    steps = data.draw(st.permutations([0, 0, 0, 1, 1, 1]), "whose step")
    scene = Scene(house)
    hands = [Hand(scene.rooms, scene.deeds()[name], early=at_once) for name, at_once in zip(names, early, strict=True)]
    for hand in hands:
        hand.start()
    for index in steps:
        hands[index].order()
        until(hands[index].rests, "a step")
    for hand in hands:
        hand.join(30)
        assert hand.failed is None, hand.failed

    assert scene.told_last() == scene.shown()


def test_who_tells_of_a_conversation_reads_it_after_whoever_tells_of_it_before(house: House) -> None:
    """Otherwise he may read it before a change, and tell of that after the change was told."""
    scene = Scene(house)
    hand = Hand(scene.rooms, scene.deeds()["types"], early=False)
    hand.start()
    with scene.rooms.store.write() as db:
        scene.deeds()["high"](db)
        feed_order.begin(db, {scene.conversation})
        for _ in range(3):
            hand.order()
        until(lambda: hand.ordered == 3 and hand.rests(), "it tells, or waits")
        assert hand.done == 2, "it waits for its turn"
    hand.join(30)

    assert hand.failed is None, hand.failed
    assert scene.told_last()[0]["priority"] == scene.shown()[0]["priority"] == "high"
