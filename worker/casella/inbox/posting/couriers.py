"""Kinds of posts, and taking what is due of one: first for whom, then a few for each, so that nobody's long queue
stands before somebody else's only letter."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import httpx
from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.store.rows import TableRow

LEASE = timedelta(minutes=2)
"""How long what was taken is its taker's: longer than all of `EACH` take to time out."""
EACH = 4


class Courier(Protocol):
    """One kind of posts. Receivers are told apart by texts of its own."""

    @property
    def name(self) -> str: ...

    def waiting(self, db: Connection, now: datetime) -> Sequence[str]:
        """The receivers for whom something is due, without those who pause."""

    def claim(self, db: Connection, receiver: str, token: str, now: datetime, limit: int) -> Sequence[TableRow]:
        """What is due for one, in order; held until `now + LEASE` under the token."""

    def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
        """Post one, and note what came of it if the token still holds it."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one receiver gets at a time."""

    courier: Courier
    receiver: str
    rows: Sequence[TableRow]
    token: str

    def carry(self, rooms: Rooms, http: httpx.Client) -> None:
        for row in self.rows:
            self.courier.carry(rooms, http, row, self.token)


def receivers_waiting(rooms: Rooms, courier: Courier) -> Sequence[str]:
    with rooms.store.read() as db:
        return courier.waiting(db, rooms.clock.now())


def take(rooms: Rooms, courier: Courier, receivers: Collection[str], each: int = EACH) -> list[Load]:
    """What these receivers get now."""
    now, token = rooms.clock.now(), secrets.token_hex(8)
    with rooms.store.write() as db:
        loads = [Load(courier, one, courier.claim(db, one, token, now, each), token) for one in receivers]
    return [load for load in loads if load.rows]


class CarryDue(Protocol):
    def __call__(self, rooms: Rooms, http: httpx.Client, each: int = EACH) -> int: ...


def carry_due(courier: Courier) -> CarryDue:
    """Carry what is due of one kind, `each` for a receiver, one after the other. Returns how many were tried; 0 means
    nothing waits."""

    def due(rooms: Rooms, http: httpx.Client, each: int = EACH) -> int:
        waiting = receivers_waiting(rooms, courier)
        loads = take(rooms, courier, waiting, each) if waiting else []
        for load in loads:
            load.carry(rooms, http)
        return sum(len(load.rows) for load in loads)

    return due
