"""Growth is judged by the process that grew most, and only after an hour's messages."""

from __future__ import annotations

from tests.faults.memory import HOUR, Growth


def test_a_process_that_grew_by_more_than_a_tenth_is_named() -> None:
    grown = Growth({"up": 100.0, "work": 200.0}, {"up": 112.0, "work": 201.0}, HOUR)
    assert grown.broken() == ["memory grew by 12% with 3600 messages: up 100 to 112 MB, work 200 to 201 MB"]


def test_a_tenth_is_allowed_and_a_short_run_is_not_judged() -> None:
    assert Growth({"up": 100.0}, {"up": 110.0}, HOUR).broken() == []
    assert Growth({"up": 100.0}, {"up": 150.0}, 100).broken() == []
    assert Growth().broken() == []
