"""Lanes, whatever the interleaving: webhooks come, and again, lanes are drained in any order, in batches of any size,
workers die in the middle (their transaction is rolled back).

    every event is applied exactly once, and each contact's in the order received
"""

from __future__ import annotations

from contextlib import nullcontext
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from casella.inbox.receiving.lanes import apply_rows, drain_lane
from casella.plugin import Webhook
from casella.store import journal
from casella.store.tables import contact_addresses, conversations, messages
from tests.budget import tries
from tests.house import House

RUNS = count(1)


class WorkerDied(Exception):
    """Thrown before the commit: the database must not keep anything of it."""


WHICH = st.integers(0, 99)
"""Of what there is then: contacts are new in every run, so how much there is differs from run to run."""


class LaneMachine(RuleBasedStateMachine):
    house: House

    @initialize()
    def begin(self) -> None:
        self.run = next(RUNS)
        self.sent: dict[str, list[str]] = {}
        self.webhooks: list[Webhook] = []
        self.number = 0

    def _contact(self, index: int) -> str:
        return f"+39{self.run:05}{index:04}"

    @rule(people=st.lists(st.integers(0, 3), min_size=1, max_size=5))
    def webhook(self, people: list[int]) -> None:
        """One request with events of several contacts, several of one among them."""
        events = []
        for index in people:
            self.number += 1
            text = f"{self.run}-{self.number}"
            self.sent.setdefault(self._contact(index), []).append(text)
            events.append(self.house.says(text, sender=self._contact(index), external_id=f"x-{text}"))
        self.webhooks.append(self.house.webhook(*events))
        assert [answer.status for answer in self.house.post(self.webhooks[-1])] == [200]

    @rule(which=WHICH)
    def the_same_again(self, which: int) -> None:
        if self.webhooks:
            again = self.webhooks[which % len(self.webhooks)]
            assert [answer.status for answer in self.house.post(again, again)] == [200, 200]

    @rule(size=st.integers(1, 3), which=WHICH)
    def a_worker_takes_some(self, size: int, which: int) -> None:
        self._batch(which, size, dies=False)

    @rule(size=st.integers(1, 5), which=WHICH)
    def a_worker_dies(self, size: int, which: int) -> None:
        with pytest.raises(WorkerDied) if self.house.waiting_lanes() else nullcontext():
            self._batch(which, size, dies=True)

    def _batch(self, which: int, size: int, *, dies: bool) -> None:
        if not (lanes := self.house.waiting_lanes()):
            return
        lane = sorted(lanes)[which % len(lanes)]
        with self.house.rooms.store.write() as db:
            journal.hold_lane(db, lane)
            rows = journal.pending(db, lane, size)
            apply_rows(self.house.rooms, db, rows, self.house.clock.now())
            if dies:
                raise WorkerDied
            journal.finish(db, [row.id for row in rows])

    @rule(which=WHICH)
    def a_lane_is_drained(self, which: int) -> None:
        if lanes := self.house.waiting_lanes():
            drain_lane(self.house.rooms, sorted(lanes)[which % len(lanes)])

    @invariant()
    def applied_is_a_beginning_of_what_was_sent(self) -> None:
        for contact, texts in getattr(self, "sent", {}).items():
            applied = self._applied(contact)
            assert applied == texts[: len(applied)]

    def teardown(self) -> None:
        if hasattr(self, "sent"):
            self.house.drain()
            for contact, texts in self.sent.items():
                assert self._applied(contact) == texts

    def _applied(self, contact: str) -> list[str]:
        """The texts of the contact's one conversation, as people see them."""
        query = (
            select(messages.c.text)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
            .where(contact_addresses.c.address == contact, messages.c.direction == "in")
            .order_by(messages.c.sequence)
        )
        counted = select(func.count(func.distinct(conversations.c.id))).select_from(conversations).join(
            contact_addresses, contact_addresses.c.id == conversations.c.address_id
        ).where(contact_addresses.c.address == contact)  # fmt: skip
        with self.house.rooms.store.read() as db:
            assert db.execute(counted).scalar_one() <= 1
            return list(db.execute(query).scalars())


@pytest.mark.slow
def test_every_event_is_applied_once_and_in_order(house: House) -> None:
    machine = type("BoundMachine", (LaneMachine,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=tries(30), stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
