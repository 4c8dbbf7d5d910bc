"""One contact is written to no faster than his provider allows, and nobody else waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from casella.clock import ManualClock
from casella.inbox.sending import pacing
from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.pacing import PaceBook
from casella.plugin import ContactPace
from casella.store.tables import contact_paces, conversations, outbox
from casella.store.tables.base import metadata
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, House

PACE = ContactPace(seconds=6, burst=3)


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    acme = AcmeChannel(contact_pace=PACE, sends_per_second=1000.0)
    with House(migrated_sqlite_url, tmp_path, plugins=[acme]) as built:
        yield built


def write(house: House, sender: str, count: int) -> None:
    ids = {row["id"]: row for row in house.rows(conversations)}
    house.receive(house.says(sender=sender))
    [mine] = [row["id"] for row in house.rows(conversations) if row["id"] not in ids]
    for number in range(count):
        house.reply(f"{number}", mine)


def test_a_burst_leaves_at_once_and_the_rest_one_by_one(house: House) -> None:
    write(house, ANNA, 6)
    assert house.deliver() == 3
    house.clock.move(seconds=5)
    assert house.deliver() == 0
    house.clock.move(seconds=1)
    assert house.deliver() == 1
    house.clock.move(seconds=12)
    assert house.deliver() == 2
    assert house.acme.provider.texts(ANNA) == [str(number) for number in range(6)], "in order"


def test_nobody_else_waits(house: House) -> None:
    write(house, ANNA, 5)
    house.deliver()
    write(house, BERT, 2)
    with house.rooms.store.write() as db:
        claims, look_again = claim_due(house.rooms, db, 1, house.clock.now())
    assert [claim.message.to for claim in claims] == [BERT]
    assert look_again is not None
    assert look_again < 7


def test_who_is_held_back_is_looked_at_again_in_time(house: House) -> None:
    write(house, ANNA, 4)
    house.deliver()
    with house.rooms.store.write() as db:
        _, look_again = claim_due(house.rooms, db, 10, house.clock.now())
    assert look_again == pytest.approx(6)
    assert [row["due_at"] - house.clock.now() for row in house.rows(outbox)] == [timedelta(seconds=6)]


def test_what_is_paid_is_forgotten(house: House) -> None:
    write(house, ANNA, 1)
    house.deliver()
    assert len(house.rows(contact_paces)) == 1
    with house.rooms.store.write() as db:
        pacing.prune(db, house.clock.now() + timedelta(seconds=7))
    assert house.rows(contact_paces) == []


@given(st.lists(st.floats(0, 30), max_size=40))
def test_never_more_than_a_burst_and_what_time_has_paid(gaps: list[float]) -> None:
    """In any stretch of time a contact gets at most the burst and one message for every six seconds of it."""
    engine, clock = create_engine("sqlite://"), ManualClock()
    metadata.create_all(engine, tables=[contact_paces])
    left = []
    with engine.begin() as db:
        for gap in gaps:
            clock.move(seconds=gap)
            book = PaceBook(db, "c", PACE, {ANNA}, clock.now())
            if book.waits_until(ANNA) is None:
                book.spend(ANNA)
                book.write()
                left.append(clock.now())
    engine.dispose()
    for first, begin in enumerate(left):
        for last in range(first, len(left)):
            paid = (left[last] - begin).total_seconds() / PACE.seconds
            assert last - first + 1 <= PACE.burst + paid + 1e-6
