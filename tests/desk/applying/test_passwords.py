"""Passwords of a desk: salted hashes, which are what they were found to be."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from sqlalchemy import Connection, event

from casella.desk.applying.passwords import hashed, verifies
from casella.store.tables import agents
from tests.house import DESK, ENVIRONMENT, House


class _Hashing:
    """How often argon2 is asked while a transaction that writes is open, and how often otherwise."""

    def __init__(self, house: House) -> None:
        self.within = self.outside = 0
        self._open = False
        engine = house.rooms.store.engine
        event.listen(engine, "begin", self._begun)
        event.listen(engine, "commit", self._ended)
        event.listen(engine, "rollback", self._ended)

    def _begun(self, db: Connection) -> None:
        self._open = bool(db.get_execution_options().get("casella_writes"))

    def _ended(self, _db: Connection) -> None:
        self._open = False

    @contextmanager
    def counted(self) -> Iterator[None]:
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(None)

    def _called(self, frame: FrameType, what: str, _argument: object) -> None:
        code = frame.f_code
        if what == "call" and "argon2" in code.co_filename and code.co_name in ("hash", "verify"):
            self.within += self._open
            self.outside += not self._open


def test_a_hash_is_its_passwords_and_nobody_elses_however_often_one_asks() -> None:
    made, again = hashed("a long password"), hashed("a long password")
    assert made != again
    for _ in range(2):
        assert verifies(made, "a long password")
        assert verifies(again, "a long password")
        assert not verifies(made, "another password")
        assert not verifies("no hash at all", "a long password")


@pytest.mark.parametrize(
    ("known", "wanted", "same"), [(None, None, True), ("hash", None, False), (None, "word", False)]
)
def test_no_password_is_only_no_password(known: str | None, wanted: str | None, same: bool) -> None:
    assert verifies(known, wanted) is same


def test_a_desk_is_applied_without_hashing_while_others_wait(house: House) -> None:
    """Neither for the first time nor again nor with another password, under another key or address."""
    desk = DESK.replace("email: ann@desk.example,", 'email: ann@desk.example, password: "${PASSWORD}",')
    hashing = _Hashing(house)
    for written, password in (
        (desk, "a long password"),
        (desk, "a long password"),
        (desk, "another password"),
        (desk.replace("ann@desk.example", "anna@desk.example"), "another password"),
        (desk.replace("  ann: {", "  anna: {"), "another password"),
    ):
        with hashing.counted():
            house.apply(desk=written, environment={**ENVIRONMENT, "PASSWORD": password})
        assert hashing.within == 0
        [ann] = [one for one in house.rows(agents, removed_at=None) if one["name"] == "Ann"]
        assert verifies(ann["password_hash"], password)
    assert hashing.outside >= 2
    with hashing.counted(), house.rooms.store.write():
        hashed("a third password")
    assert hashing.within == 1, "it is counted"
