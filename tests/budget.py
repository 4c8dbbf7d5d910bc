"""How much random trying a run can afford.

`make test` is run before every commit and is over in minutes; `make test-long` tries the same laws twenty times as
often, at night. Each test says how often it would be tried if time were no matter of ours; both runs try every law,
and no example a run has failed with is forgotten (`.hypothesis`).
"""

from __future__ import annotations

import os

LONG = os.environ.get("CASELLA_TEST_BUDGET") == "long"


def tries(wanted: int) -> int:
    """How often this run tries what should be tried `wanted` times: a quarter of it, in a long run five times it."""
    return wanted * 5 if LONG else min(wanted, max(10, wanted // 4))
