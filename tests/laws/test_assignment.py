"""Assignment, whatever people and messages do at once: conversations come, agents take and give, go and come, close and
reopen, with two workers on one database.

    one agent has it; the counts are true; rules and queues never go over a capacity; the oldest waiting goes first
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from casella.errors import CasellaError
from casella.inbox.assignment import recount
from casella.inbox.queues import serve_queues
from casella.store.tables import agents, conversations
from tests.house import House

NUMBERS = count(1)
#: Which of what there is: how many there are depends on the threads, so it is never drawn from.
WHICH = st.integers(0, 99)
AGENTS = ("ann", "bob", "cleo")
RULES = """
rules:
  - name: Billing words
    when: conversation_opened
    if: {text: bill}
    then: [{assign: {team: billing}}]
  - name: The rest
    when: conversation_opened
    if: always
    then: [{assign: {team: front}}]
"""


class AssignmentMachine(RuleBasedStateMachine):
    house: House

    @initialize()
    def begin(self) -> None:
        for row in self.house.rows(conversations):
            if row["status"] != "closed":
                self.house.close_conversation(row["id"])
        self.house.available(*AGENTS, capacity=2)
        self.by_hand: set[str] = set()

    @rule(billing=st.lists(st.booleans(), min_size=1, max_size=3))
    def messages_come(self, billing: list[bool]) -> None:
        """All at once, drained by two workers."""
        self.house.clock.move(seconds=1)
        events = [
            self.house.says("bill" if each else "hello", sender=f"+3906{next(NUMBERS):08}") for each in billing
        ]  # fmt: skip
        self.house.post(*(self.house.webhook(event) for event in events))
        self._together(self.house.drain, self.house.drain)

    @rule(which=WHICH, to=st.sampled_from([*AGENTS, None]))
    def a_manager_gives(self, which: int, to: str | None) -> None:
        if rows := self._open():
            row = rows[which % len(rows)]
            self._assign(row["id"], to, self._name(row["assignee_id"]))

    @rule(which=WHICH)
    def two_take_at_once(self, which: int) -> None:
        rows = self._open()
        if not rows:
            return
        row = rows[which % len(rows)]
        expected = self._name(row["assignee_id"])
        won: list[str] = []

        def take(key: str) -> Callable[[], None]:
            def act() -> None:
                if self._assign(row["id"], key, expected):
                    won.append(key)

            return act

        self._together(take("ann"), take("bob"))
        holder = self._name(self.house.one(conversations, id=row["id"])["assignee_id"])
        assert len(won) == 1 or expected in ("ann", "bob"), "exactly one wins"
        assert holder in won

    @rule(which=WHICH)
    def one_is_closed(self, which: int) -> None:
        if rows := self._open():
            self.house.close_conversation(rows[which % len(rows)]["id"])

    @rule(which=WHICH)
    def one_is_reopened(self, which: int) -> None:
        closed = [row for row in self.house.rows(conversations) if row["status"] == "closed"][-5:]
        if closed:
            row = closed[which % len(closed)]
            self.house.reopen(row["id"])
            self.by_hand.add(row["id"])
            after = self.house.one(conversations, id=row["id"])
            assert after["assignee_id"] is None or self._is_available(after["assignee_id"])

    @rule(present=st.sets(st.sampled_from(AGENTS)))
    def agents_come_and_go(self, present: set[str]) -> None:
        self.house.available(*present)

    @rule()
    def the_queues_are_served(self) -> None:
        waiting = {team: self._waiting(team) for team in ("billing", "front")}
        self._together(lambda: serve_queues(self.house.rooms), lambda: serve_queues(self.house.rooms))
        for before in waiting.values():
            left = {row["id"] for row in self._open() if row["assignee_id"] is None}
            still = [id for id in before if id in left]
            assert still == before[len(before) - len(still) :], "somebody overtook one who waited longer"

    @invariant()
    def counts_are_true(self) -> None:
        with self.house.rooms.store.write() as db:
            assert recount(db) == 0

    @invariant()
    def nothing_automatic_goes_over_a_capacity(self) -> None:
        if not hasattr(self, "by_hand"):
            return
        for row in self.house.rows(agents):
            own = [each for each in self._open() if each["assignee_id"] == row["id"] and each["id"] not in self.by_hand]
            assert row["capacity"] is None or len(own) <= row["capacity"]

    def _assign(self, conversation_id: str, to: str | None, expected: str | None) -> bool:
        try:
            self.house.assign(conversation_id, to, expected=expected)
        except CasellaError:
            return False
        self.by_hand.add(conversation_id)
        return True

    def _open(self) -> list[dict[str, object]]:
        return [row for row in self.house.rows(conversations) if row["status"] == "open"]

    def _waiting(self, team: str) -> list[object]:
        team_id = next(entry.id for entry in self.house.rooms.directory.current.teams.values() if entry.key == team)
        rows = [row for row in self._open() if row["assignee_id"] is None and row["queued_at"] is not None]
        mine = [row for row in rows if row["team_id"] == team_id]
        return [row["id"] for row in sorted(mine, key=lambda row: (row["queued_at"], row["id"]))]

    def _name(self, agent_id: object) -> str | None:
        return next((a.key for a in self.house.rooms.directory.current.agents.values() if a.id == agent_id), None)

    def _is_available(self, agent_id: object) -> bool:
        return bool(self.house.one(agents, id=agent_id)["available"])

    def _together(self, *acts: Callable[[], object]) -> None:
        failed: list[BaseException] = []

        def run(act: Callable[[], object]) -> None:
            try:
                act()
            except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the example
                failed.append(error)

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failed, failed


@pytest.mark.slow
def test_one_has_it_counts_are_true_and_nobody_is_overloaded(house: House) -> None:
    house.apply(rules=RULES)
    machine = type("BoundMachine", (AssignmentMachine,), {"house": house})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
