"""How many statements a batch of a lane is, however many messages it has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import event

from casella.inbox.receiving.lanes import drain_lane
from casella.store import journal
from casella.store.tables import channels
from tests.house import MAIN, House

_READS = 16
"""Lane, journal, desk, addresses and their tags, conversations and theirs, consents, receipts, revisions; at the end
consents again and places; on PostgreSQL the turn to tell besides."""
_OF_NEW = 6
"""Who is new: whether he was erased; whose turn it is, who waits, who can."""


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    engine = house.rooms.store.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def batch(house: House, count: int) -> list[str]:
    """The statements of one batch of lane 0, in which so many contacts write twice."""
    channel = next(row["id"] for row in house.rows(channels) if row["address"] == MAIN)
    lanes = house.rooms.settings.lanes
    of_all = (f"+39055{number:06d}" for number in range(10_000))
    addresses = list(islice((one for one in of_all if journal.lane_of(channel, one, lanes) == 0), count))
    house.post(*(house.webhook(house.says("hello", contact_address=address)) for address in addresses * 2))
    with statements(house) as seen:
        assert drain_lane(house.rooms, 0) == count * 2
    return seen


def reads(seen: list[str]) -> list[str]:
    return [statement for statement in seen if statement.startswith("SELECT")]


def test_a_long_batch_asks_as_many_questions_as_a_short_one(house: House) -> None:
    batch(house, 2)
    short, long = reads(batch(house, 2)), reads(batch(house, 40))
    assert len(short) <= _READS, "\n".join(short)
    assert len(long) <= len(short) + _OF_NEW, "\n".join(long)
    lists = {statement for statement in short if "json_each" in statement or "any(" in statement}
    assert len(lists) >= 7
    assert lists <= set(long), "the same texts, whatever the length of their lists"
