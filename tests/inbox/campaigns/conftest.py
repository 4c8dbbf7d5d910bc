"""`house` is everybody's: built on both databases, and looked at afterwards for what it should not have decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """For what asks the database nothing of its own."""
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built
