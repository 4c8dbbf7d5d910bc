"""Several things at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable


def together(*acts: Callable[[], object]) -> None:
    """All of them begin at the same moment; one that fails fails the test."""
    failed: list[BaseException] = []
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait(60)
            act()
        except BaseException as error:  # noqa: BLE001 - a thread's failure must fail the test
            failed.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed, failed
