"""One house and one browser per module: booting them is what takes the time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import FLAGS, driver_node
from tests.conftest import ABSENT
from tests.page.desk import PageHouse, open_page_house


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    try:
        node = driver_node()
    except LookupError as missing:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(f"{ABSENT}{missing}", pytrace=False)
        pytest.skip(f"{ABSENT}{missing}")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else list(FLAGS)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=chromium_path, args=flags)
            yield started
            started.close()


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
    """The house; whatever any browser complained of fails the test."""
    module_house.problems.clear()
    yield module_house
    module_house.close_browsers()
    assert module_house.problems == []
