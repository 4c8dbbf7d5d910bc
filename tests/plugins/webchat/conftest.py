"""One shop for all tests that do not change it: each test has visitors of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.webchat.shop import Shop, Visitor, open_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    with open_shop(folder, f"sqlite:///{folder / 'casella.db'}") as running:
        yield running


@pytest.fixture
def ada(shop: Shop) -> Visitor:
    """A visitor with a session."""
    visitor = Visitor(shop)
    assert visitor.begin().status_code == 200
    return visitor
