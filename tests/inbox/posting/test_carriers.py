"""One set of threads for all receivers: whoever answers slowly holds up only what is for him."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import httpx
from sqlalchemy import Connection, literal, select

from casella.inbox.house import Rooms
from casella.inbox.posting.carriers import Carriers
from casella.inbox.posting.couriers import EACH, carry_due
from casella.store.rows import TableRow
from tests.house import House, until


@dataclass
class Courier:
    """Posts that are numbers, and receivers that take as long as the test lets them."""

    queues: dict[str, list[int]]
    name: str = "test"
    slow: frozenset[str] = frozenset()
    let_go: threading.Event = field(default_factory=threading.Event)
    carried: list[tuple[str, int]] = field(default_factory=list)
    at_once: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def waiting(self, db: Connection, now: datetime) -> Sequence[str]:
        with self.guard:
            return [receiver for receiver, queue in self.queues.items() if queue]

    def claim(self, db: Connection, receiver: str, token: str, now: datetime, limit: int) -> Sequence[TableRow]:
        with self.guard:
            queue = self.queues[receiver]
            taken, self.queues[receiver] = queue[:limit], queue[limit:]
        return [
            cast(TableRow, db.execute(select(literal(receiver).label("to"), literal(n).label("n"))).one())
            for n in taken
        ]

    def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
        with self.guard:
            self.at_once[row.to] = self.at_once.get(row.to, 0) + 1
            self.most_at_once = max(self.most_at_once, self.at_once[row.to])
        if row.to in self.slow:
            assert self.let_go.wait(20)
        with self.guard:
            self.at_once[row.to] -= 1
            self.carried.append((row.to, row.n))

    def of(self, receiver: str) -> list[int]:
        with self.guard:
            return [n for to, n in self.carried if to == receiver]


def pumped(carriers: Carriers, over: threading.Event) -> threading.Thread:
    def run() -> None:
        while not over.is_set():
            if not carriers.step():
                over.wait(0.01)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_who_is_slow_holds_up_only_himself(house: House) -> None:
    everybody = {f"slow-{n}": list(range(10)) for n in range(20)} | {"quick": list(range(30))}
    courier = Courier(everybody, slow=frozenset(f"slow-{n}" for n in range(20)))
    carriers = Carriers(house.rooms, house.http, [courier], threads=8)
    carriers._slow |= {("test", one) for one in courier.slow}  # as they were the last time
    over = threading.Event()
    thread = pumped(carriers, over)
    try:
        until(lambda: len(courier.of("quick")) == 30, "the quick one to have everything")
        assert not any(to.startswith("slow") for to, _ in courier.carried)
        with courier.guard:
            busy = [to for to, count in courier.at_once.items() if count]
        assert len(busy) == 4, "half of the threads, for all that are slow together"
        courier.let_go.set()
        until(lambda: len(courier.carried) == 230, "everybody to have everything")
    finally:
        courier.let_go.set()
        over.set()
        thread.join(5)
    assert courier.most_at_once == 1
    assert all(courier.of(one) == sorted(courier.of(one)) for one in everybody)


def test_nobodys_long_queue_stands_before_anothers_only_post(house: House) -> None:
    courier = Courier({"long": list(range(100)), "short": [1]})
    due = carry_due(courier)
    assert due(house.rooms, house.http) == EACH + 1
    assert courier.of("short") == [1]
    while due(house.rooms, house.http):
        pass
    assert courier.of("long") == list(range(100))


def test_a_post_that_breaks_off_leaves_the_others_alone(house: House) -> None:
    class Breaking(Courier):
        def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
            if row.to == "broken":
                raise RuntimeError("broken")
            super().carry(rooms, http, row, token)

    courier = Breaking({"broken": [1, 2], "well": [1, 2]})
    carriers = Carriers(house.rooms, house.http, [courier], threads=2)
    until(lambda: (carriers.step(), courier.of("well") == [1, 2])[1], "the other one to be served")
    until(lambda: not carriers.step(), "all threads to be free again")
