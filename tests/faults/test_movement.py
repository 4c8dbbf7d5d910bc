"""A wait longer than its bound is found, and only in its own window."""

from __future__ import annotations

from tests.faults.movement import Bounds, Waited, Window, longest


def window(**changed: object) -> Window:
    given: dict[str, object] = {
        "fault": "stopped", "bounds": Bounds(2, 10, 20), "began": 100.0, "counted": 100.0, "ended": 112.0
    }  # fmt: skip
    return Window(**{**given, **changed})  # type: ignore[arg-type]  # what each test changes


def test_who_waits_no_longer_than_the_bound_breaks_nothing() -> None:
    seen = window()
    seen.judge([Waited(101, 102.9)], [Waited(101, 119)])
    assert (round(seen.shown, 1), seen.left, seen.broken) == (1.9, 18, [])


def test_a_longer_wait_is_found() -> None:
    seen = window()
    seen.judge([Waited(101, 103.5)], [])
    assert seen.broken == ["stopped: shown after 2.5 s; the bound is 2 s"]


def test_who_has_patience_waits_longer_but_not_for_ever() -> None:
    patient = window(bounds=Bounds(2, 10, 20).times(3))
    patient.judge([Waited(101, 106.9)], [Waited(101, 160)])
    assert patient.broken == []
    patient.judge([Waited(101, None)], [])
    assert len(patient.broken) == 1


def test_what_never_came_is_found() -> None:
    seen = window()
    seen.judge([Waited(101, None)], [Waited(101, None)])
    assert len(seen.broken) == 2


def test_the_lanes_of_the_stopped_process_have_a_bound_of_their_own() -> None:
    seen = window(held=frozenset({3}))
    seen.judge([Waited(101, 110, lane=3), Waited(101, 102, lane=1)], [])
    assert (seen.held_shown, seen.shown, seen.broken) == (9, 1, [])
    late = window(held=frozenset({3}))
    late.judge([Waited(101, 112, lane=3)], [])
    assert late.broken == ["stopped: shown in a lane that is held after 11.0 s; the bound is 10 s"]


def test_what_could_not_move_is_counted_from_the_end_of_the_fault() -> None:
    seen = window(counted=112.0)
    seen.judge([Waited(101, 113)], [])
    assert (seen.shown, seen.broken) == (1, [])


def test_what_was_written_before_or_long_after_does_not_count() -> None:
    seen = window()
    seen.judge([Waited(99, 150), Waited(120, 150)], [])
    assert seen.broken == []


def test_what_the_machine_takes_in_quiet_is_not_the_faults() -> None:
    seen = window(quiet=1.0)
    seen.judge([Waited(101, 103.5)], [])
    assert seen.broken == []


def test_the_longest_wait_of_a_time_is_of_who_waits_at_its_end_too() -> None:
    assert longest([Waited(70, 91), Waited(95, 98), Waited(99, 120), Waited(101, 130)], 90, 100) == 3
    assert longest([Waited(95, 98), Waited(94, 120)], 90, 100) == 6
    assert longest([Waited(95, 98), Waited(92, None)], 90, 100) == 8
    assert longest([], 90, 100) == 0
