"""The measured processes: nothing is measured before they are there."""

from __future__ import annotations

import pytest
from bench.rig.processes import DidNotStart, Process, ground


def test_a_worker_that_never_begins_is_not_ready() -> None:
    with ground("postgresql+psycopg://nobody@/nothing?host=/nowhere") as place:
        worker = Process(place, "work-0", "work")
        try:
            with pytest.raises(DidNotStart):
                worker.wait_ready()
        finally:
            worker.stop()


@pytest.mark.slow
def test_a_worker_is_ready_once_it_is_at_work() -> None:
    with ground() as place:
        place.furnish(rules=1)
        worker = Process(place, "work-0", "work")
        try:
            worker.wait_ready()
            assert worker.running, "ready, and still there"
        finally:
            notes = worker.stop()
        assert notes, "it had begun, or it could not say what it has spent"
