"""The model of the queues keeps the laws of a queue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from casella.inbox.history.waiting import Arrivals, Server, modelled
from casella_rules import OfficeHours, TimeRange
from tests.budget import tries

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
TEAM = frozenset({"team a"})
NINE_TO_FIVE = OfficeHours("UTC", tuple((TimeRange(540, 1020),) if day < 5 else () for day in range(7)), {}, None, None)


def arrivals(*given: tuple[float, float, str]) -> Arrivals:
    """(minutes after Monday ten o'clock, minutes taken, priority)"""
    found = Arrivals()
    for at, took, priority in given:
        found.add(MONDAY + timedelta(minutes=at), took * 60, 0, priority)
    return found


def minutes(came: Arrivals, *servers: Server) -> tuple[int, float, float, int]:
    line = modelled(came, ["team a"], servers)["team a"]
    return line.conversations, line.median / 60, line.nine_in_ten / 60, line.never


def test_whoever_has_room_takes_at_once() -> None:
    came = arrivals((0, 30, "normal"), (1, 30, "normal"))
    assert minutes(came, Server(TEAM, 2, None)) == (2, 0, 0, 0)
    assert minutes(came, Server(TEAM, None, None)) == (2, 0, 0, 0)


def test_the_second_waits_until_the_first_is_done() -> None:
    assert minutes(arrivals((0, 30, "normal"), (10, 30, "normal")), Server(TEAM, 1, None)) == (2, 10, 20, 0)


def test_the_urgent_one_goes_first_then_the_oldest() -> None:
    came = arrivals((0, 60, "normal"), (1, 10, "low"), (2, 10, "urgent"), (3, 10, "low"))
    # 0 at once; urgent at 60 (58), first low at 70 (69), second low at 80 (77)
    assert minutes(came, Server(TEAM, 1, None)) == (4, (58 + 69) / 2, 77, 0)


def test_nobody_works_outside_office_hours() -> None:
    """Friday 18:00 waits until Monday nine."""
    came = Arrivals()
    friday = datetime(2026, 11, 27, 18, tzinfo=UTC)
    came.add(friday, 60, 0, "normal")
    assert minutes(came, Server(TEAM, 1, NINE_TO_FIVE)) == (1, 63 * 60, 63 * 60, 0)


def test_where_nobody_ever_has_room_it_is_said() -> None:
    assert minutes(arrivals((0, 5, "normal")), Server(TEAM, 0, None)) == (1, 0, 0, 1)
    assert minutes(arrivals((0, 5, "normal")), Server(frozenset({"team b"}), 5, None)) == (1, 0, 0, 1)


def test_an_unknown_length_is_the_usual_one() -> None:
    assert minutes(arrivals((0, 40, "normal"), (50, -1, "normal"), (51, 40, "normal")), Server(TEAM, 1, None)) == (
        3, 0, 39, 0
    )  # fmt: skip


ARRIVALS = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 300), st.sampled_from(["low", "normal", "urgent"])),
    min_size=1,
    max_size=40,
)


@given(ARRIVALS, st.integers(1, 3))
@settings(max_examples=tries(60), deadline=None)
def test_everybody_is_served_and_more_agents_never_make_it_slower_in_the_middle(
    came: list[tuple[int, int, str]], room: int
) -> None:
    one = minutes(arrivals(*came), Server(TEAM, room, None))
    assert one[0] == len(came)
    assert one[3] == 0
    everybody = minutes(arrivals(*came), *[Server(TEAM, len(came), None)] * 2)
    assert everybody[1:] == (0, 0, 0)
    closed = minutes(arrivals(*came), Server(TEAM, room, NINE_TO_FIVE))
    assert closed[3] == 0
    assert closed[0] == len(came)
