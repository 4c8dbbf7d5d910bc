"""One house per module, as there is one browser: booting them is what takes the time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import delete

from casella.store.tables import agent_settings
from tests.page.desk import PageHouse, open_page_house


@pytest.fixture(scope="module")
def module_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[PageHouse]:
    folder = tmp_path_factory.mktemp("page")
    shutil.copy(sqlite_template, folder / "casella.db")
    with open_page_house(f"sqlite:///{folder / 'casella.db'}", folder, browser) as opened:
        yield opened


@pytest.fixture
def inbox(module_house: PageHouse) -> Iterator[PageHouse]:
    """The house; whatever any browser complained of fails the test. Nobody has chosen anything for himself: what a
    scenario has switched off is on again for the next."""
    module_house.problems.clear()
    with module_house.house.rooms.store.write() as db:
        db.execute(delete(agent_settings))
    yield module_house
    module_house.close_browsers()
    assert module_house.problems == []
