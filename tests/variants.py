"""Which tests say the same again, in another variant, and are therefore left to the second part of the suite.

`make test` says everything once: every law, every kind of fault, on both databases and in both sizes, though not every
test on both. `make test-again` is the rest, `make test-long` and a run of pytest by itself are all of it; `.ci/run`
runs both parts before anything lands. What has no sibling in the first part is never left out of it.
"""

from __future__ import annotations

import re
import time
import zlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

AGAIN = pytest.mark.again
"""For a parameter set whose sibling says as much: `pytest.param("phone", marks=AGAIN)`. Another test of the same file
that says as much is named: `@AGAIN("test_of_that_name")`."""

COLLECTED = pytest.StashKey[tuple[pytest.Item, ...]]()
"""All that was found, whatever part of it is run."""
DATABASES = ("sqlite", "postgres")
BOTH = (Path("tests/store"), Path("tests/laws"))
"""Where the two databases are what is tested: these say everything on both, always."""


def share_out_databases(items: Iterable[pytest.Item], root: Path) -> None:
    """Mark of each test that runs on both databases one as said again: by its name, so always the same one."""
    pairs: defaultdict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        if not any(item.path.is_relative_to(root / folder) for folder in BOTH):
            name, bracket, variant = item.nodeid.partition("[")
            parts = variant.removesuffix("]").split("-")
            for database in set(DATABASES).intersection(parts):
                other = "-".join("either" if part == database else part for part in parts)
                pairs[f"{name}{bracket}{other}"][database] = item
    for name, pair in pairs.items():
        if len(pair) == len(DATABASES) and not any(item.get_closest_marker("again") for item in pair.values()):
            pair[DATABASES[zlib.crc32(name.encode()) % len(DATABASES)]].add_marker(AGAIN)


def names_of_the_moment(items: Iterable[pytest.Item]) -> list[str]:
    """The tests whose names hold a moment of today or a place in memory: two processes would not agree on them, and
    then none of xdist's runs anything."""
    now = time.time()

    def passes(name: str) -> bool:
        moments = any(abs(int(number) - now) < 86_400 for number in re.findall(r"(?<!\d)\d{10}(?!\d)", name))
        return moments or re.search(r" at 0x[0-9a-f]{8,}", name) is not None

    return [item.nodeid for item in items if passes(item.nodeid)]


def only_said_again(items: Iterable[pytest.Item]) -> list[str]:
    """The tests whose every variant is marked as said again: that nothing would say in the first part."""
    said: set[str] = set()
    again: dict[str, str] = {}
    for item in items:
        name = item.nodeid.partition("[")[0]
        if mark := item.get_closest_marker("again"):
            again[name] = f"{name.rpartition('::')[0]}::{mark.args[0]}" if mark.args else name
        else:
            said.add(name)
    return sorted(name for name, sibling in again.items() if said.isdisjoint((name, sibling)))
