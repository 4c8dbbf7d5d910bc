"""Assignment, whatever people and messages do at once: conversations come, agents take and give, go and come, close and
reopen, with several workers on one database: independent engines in threads, and processes of their own. The laws
stand in `ledger`."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from casella.errors import CasellaError
from casella.inbox.background.queues import serve_queues
from casella.inbox.commands.assigning import recount
from casella.store.tables import agents, conversations, messages, timers
from tests.budget import tries
from tests.house import House, until
from tests.laws.ledger import (
    ALWAYS_THERE,
    COMING_AND_GOING,
    DESK,
    PEOPLE,
    RULES,
    WORKER,
    Ledger,
    begin_ledger,
    called,
)
from tests.laws.worker import RealTime, WorkerProcess, drain_apart
from tests.together import together

NUMBERS = count(1)
#: Which of what there is: how many there are depends on the threads, so it is never drawn from.
WHICH = st.integers(0, 99)
TEXTS = st.sampled_from(["hello", "bill", "rimborso"])


class AssignmentMachine(RuleBasedStateMachine):
    house: House
    workers: Sequence[House]
    ledger: Ledger

    @initialize()
    def begin(self) -> None:
        for row in self.house.rows(conversations):
            if row["status"] != "closed":
                self.house.close_conversation(row["id"])
        self._present({"dan", "eve"})

    @rule(texts=st.lists(TEXTS, min_size=1, max_size=6))
    def messages_come(self, texts: list[str]) -> None:
        """All at once; drained by two workers while a third serves the queues."""
        self.house.clock.move(seconds=1)
        events = [self.house.says(text, sender=f"+3906{next(NUMBERS):08}") for text in texts]
        self.house.post(*(self.house.webhook(event) for event in events))
        first, second, third = self.workers
        together(
            lambda: drain_apart(first), lambda: drain_apart(second), lambda: serve_queues(third.rooms)
        )  # fmt: skip

    @rule()
    def many_come_for_one_place(self) -> None:
        """In lanes of their own, drained at once, and nobody waits yet."""
        for row in self._open():
            self.house.close_conversation(row["id"])
        self._present({"fay"})
        events = [self.house.says("bill", sender=f"+3906{next(NUMBERS):08}") for _ in range(6)]
        self.house.post(*(self.house.webhook(event) for event in events))
        together(*(lambda house=worker: drain_apart(house) for worker in self.workers))
        assert sum(row["assignee_id"] is not None for row in self._open()) == 1

    @rule(which=WHICH, to=st.sampled_from(["ann", "eve", "fay", None]))
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

        together(take("ann"), take("bob"))
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
            holder = self.house.one(conversations, id=row["id"])["assignee_id"]
            assert holder is None or self.house.one(agents, id=holder)["available"]

    @rule(present=st.sets(st.sampled_from(COMING_AND_GOING)))
    def agents_come_and_go(self, present: set[str]) -> None:
        self._present(present)

    @rule()
    def the_queues_are_served(self) -> None:
        together(*(lambda house=worker: serve_queues(house.rooms) for worker in self.workers))

    @invariant()
    def the_ledger_is_lawful(self) -> None:
        self.ledger.read()
        with self.house.rooms.store.write() as db:
            assert recount(db) == 0, "the counts are true"

    def _present(self, keys: set[str]) -> None:
        self.house.available(*ALWAYS_THERE, *keys)

    def _assign(self, conversation_id: str, to: str | None, expected: str | None) -> bool:
        try:
            self.house.assign(conversation_id, to, expected=expected)
        except CasellaError:
            return False
        return True

    def _open(self) -> list[dict[str, Any]]:
        return [row for row in self.house.rows(conversations) if row["status"] == "open"]

    def _name(self, agent_id: object) -> str | None:
        return self.house.rooms.directory.current.key_of(str(agent_id))


@pytest.fixture
def lawful(pg_url: str, tmp_path: Path) -> Iterator[House]:
    """People's own engine, on a PostgreSQL that keeps the ledger."""
    with House(called(pg_url, PEOPLE), tmp_path, desk=None, clock=RealTime()) as house:
        house.apply(desk=DESK, rules=RULES)
        begin_ledger(house)
        yield house


@pytest.mark.slow
def test_several_engines_keep_every_law(pg_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        house = stack.enter_context(House(called(pg_url, PEOPLE), tmp_path, desk=DESK))
        house.apply(desk=DESK, rules=RULES)
        begin_ledger(house)
        workers = [
            stack.enter_context(House(called(pg_url, f"{WORKER}-{n}"), tmp_path / str(n), desk=None, clock=house.clock))
            for n in range(3)
        ]
        house.available(*ALWAYS_THERE)
        machine = type(
            "BoundMachine", (AssignmentMachine,), {"house": house, "workers": workers, "ledger": Ledger(house)}
        )
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=tries(30), stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )


@pytest.mark.slow
def test_several_processes_keep_every_law(lawful: House, pg_url: str, tmp_path: Path) -> None:
    house, ledger, dice = lawful, Ledger(lawful), random.Random(7)
    house.available(*ALWAYS_THERE, *COMING_AND_GOING)
    with ExitStack() as stack:
        workers = [
            stack.enter_context(WorkerProcess(called(pg_url, f"{WORKER}-{n}"), tmp_path / str(n))) for n in range(3)
        ]
        until(lambda: all(worker.ready() for worker in workers), "all of them are at work")
        for _ in range(12):
            texts = dice.choices(["hello", "bill", "rimborso"], k=10)
            house.post(
                *(house.webhook(house.says(each, sender=f"+3907{next(NUMBERS):08}")) for each in texts)
            )  # fmt: skip
            house.available(*ALWAYS_THERE, *dice.sample(COMING_AND_GOING, dice.randint(0, 4)))
            mine = [row["id"] for row in house.rows(conversations, status="open") if row["assignee_id"]]
            for id in dice.sample(mine, min(4, len(mine))):
                house.close_conversation(id)
        house.available(*ALWAYS_THERE, *COMING_AND_GOING)
        until(lambda: _all_served(house), "everybody who waits is served as agents close")
        for worker in workers:
            worker.finish()
    ledger.read()
    assert sum(ledger.given.values()) == 120, "each was given, and once"
    assert set(ledger.given) == {*ALWAYS_THERE, *COMING_AND_GOING}
    with house.rooms.store.write() as db:
        assert recount(db) == 0


@pytest.mark.slow
def test_processes_people_and_time_keep_every_law(lawful: House, pg_url: str, tmp_path: Path) -> None:
    """Nobody answers billing's in time, while managers give and take, agents claim, close and reopen."""
    house, ledger = lawful, Ledger(lawful, in_order=False)
    house.apply(desk=DESK.replace("strategy: least_busy}", "strategy: least_busy, reassign_after: 1s}"), rules=RULES)
    house.available(*ALWAYS_THERE, *COMING_AND_GOING)
    with ExitStack() as stack:
        workers = [
            stack.enter_context(WorkerProcess(called(pg_url, f"{WORKER}-{n}"), tmp_path / str(n))) for n in range(2)
        ]
        until(lambda: all(worker.ready() for worker in workers), "all of them are at work")
        over = threading.Event()
        stack.callback(over.set)
        people = [threading.Thread(target=_meddle, args=(house, random.Random(seed), over)) for seed in range(3)]
        for person in people:
            person.start()
        for _ in range(8):
            texts = [*["bill"] * 3, "rimborso", "hello"]
            house.post(*(house.webhook(house.says(each, sender=f"+3908{next(NUMBERS):08}")) for each in texts))
            until(lambda: not house.waiting_lanes())
        until(lambda: len(_let_go(house)) >= 5, "billing has let some go")
        over.set()
        for person in people:
            person.join(60)
        for worker in workers:
            worker.finish()
    ledger.read()
    with house.rooms.store.write() as db:
        assert recount(db) == 0
    assert house.rows(timers, state="failed") == []


def _meddle(house: House, dice: random.Random, over: threading.Event) -> None:
    """What people do, one thing after the other; who comes too late is told so. They give to those who may have any
    number: people may overfill the others, and the ledger could not tell who came first."""
    while not over.wait(dice.uniform(0.05, 0.4)):
        if rows := house.rows(conversations):
            row = dice.choice(rows)
            with suppress(CasellaError):
                _do(house, dice.choice(["give", "claim", "close", "reopen"]), row, dice.choice(["mara", None]))


def _do(house: House, what: str, row: dict[str, object], to: str | None) -> None:
    id = str(row["id"])
    holder = house.rooms.directory.current.key_of(str(row["assignee_id"])) if row["assignee_id"] else None
    if what == "close":
        house.close_conversation(id)
    elif what == "reopen":
        house.reopen(id)
    else:
        house.assign(id, "cleo" if what == "claim" else to, expected=holder, by="cleo" if what == "claim" else "mara")


def _let_go(house: House) -> list[dict[str, object]]:
    """Notes that somebody has not answered."""
    return house.rows(messages, direction="note")


def _all_served(house: House) -> bool:
    """Agents close what they have until nobody waits."""
    rows = house.rows(conversations, status="open")
    for row in rows:
        if row["assignee_id"]:
            house.close_conversation(row["id"])
    return not rows and not house.waiting_lanes()
