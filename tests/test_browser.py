"""The browser that the page's tests stand on is real: it lays out, clicks and runs scripts."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

LETTER_BOX = """
<title>Casella</title>
<button onclick="this.textContent = 'una lettera \N{OPEN MAILBOX WITH RAISED FLAG}'">vuota</button>
"""


def test_a_click_runs_the_pages_script(page: Page) -> None:
    page.set_content(LETTER_BOX)
    page.get_by_role("button").click()
    expect(page.get_by_role("button")).to_have_text("una lettera \N{OPEN MAILBOX WITH RAISED FLAG}")


def test_each_test_gets_a_browser_that_remembers_nothing(page: Page) -> None:
    assert page.url == "about:blank"
    assert page.context.cookies() == []


def test_the_browser_is_a_program_of_this_machine(chromium_path: Path) -> None:
    assert os.access(chromium_path, os.X_OK)
