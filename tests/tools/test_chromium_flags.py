"""A browser for tests shows the pages that it is asked for, and loads no page of its own beside them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser


@pytest.mark.browser
def test_nothing_is_loaded_that_nobody_asked_for(browser: Browser) -> None:
    with browser.new_context() as context:
        context.new_page().goto("data:text/html,<input>")
        targets = browser.new_browser_cdp_session().send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    assert [one["url"] for one in targets if one["url"].startswith("chrome")] == []
