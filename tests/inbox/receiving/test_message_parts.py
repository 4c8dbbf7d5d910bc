"""Parts of long messages: joined in order, shown with gaps after a minute, never lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from casella.inbox.receiving.incomplete_messages import PATIENCE, show_incomplete
from casella.store.tables import message_parts, messages
from tests.house import ANNA, House


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path) as house:
        house.apply()
        yield house


def part(house: House, number: int, text: str, total: int = 3, group: str = "7", id: str = "") -> dict[str, object]:
    where = {"group": group, "number": number, "total": total}
    return house.says(text, ANNA, part=where, external_id=id or f"p{number}-{text}")


def texts(house: House) -> list[str]:
    return sorted(str(row["text"]) for row in house.rows(messages, direction="in"))


def test_parts_are_joined_in_whatever_order_they_come(house: House) -> None:
    for round_, order in enumerate(permutations((1, 2, 3))):
        for number in order:
            house.receive(part(house, number, "abc"[number - 1], group="same", id=f"{round_}-{number}"))
            assert len(texts(house)) == round_ + (number == order[-1])
    assert texts(house) == ["abc"] * 6
    assert house.rows(message_parts) == []


def test_a_repeated_part_is_one_part(house: House) -> None:
    for _ in range(3):
        house.receive(part(house, 1, "a"))
    assert texts(house) == []
    house.receive(part(house, 3, "c"), part(house, 2, "b"), part(house, 2, "b"))
    assert texts(house) == ["abc"]


def test_what_stays_incomplete_is_shown_with_its_gap(house: House) -> None:
    house.receive(part(house, 1, "a"), part(house, 3, "c"))
    assert show_incomplete(house.rooms) == 0
    house.clock.move(seconds=PATIENCE.total_seconds())
    assert [show_incomplete(house.rooms), show_incomplete(house.rooms)] == [1, 0]
    assert texts(house) == ["a[…]c"]


def test_a_part_that_comes_too_late_is_shown_by_itself(house: House) -> None:
    house.receive(part(house, 1, "a"), part(house, 3, "c"))
    house.clock.move(seconds=PATIENCE.total_seconds())
    show_incomplete(house.rooms)
    house.receive(part(house, 2, "b"))
    assert texts(house) == ["a[…]c", "b"]
    house.clock.move(days=2)
    house.receive(part(house, 1, "x", total=2, group="8"))
    house.clock.move(seconds=PATIENCE.total_seconds())
    show_incomplete(house.rooms)
    assert len(house.rows(message_parts)) == 1, "what was shown is forgotten after a day"
