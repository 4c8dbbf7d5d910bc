"""How the page begins: with how little, and with whose things."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.page.desk import PageHouse, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BUDGET = 5


def asked(page: Page) -> list[str]:
    """What the page asks for from now on; the icon is the browser's own wish."""
    heard: list[str] = []

    def hear(request: Request) -> None:
        if not request.url.endswith("icon.svg"):
            heard.append(request.url)

    page.on("request", hear)
    return heard


def test_the_list_is_there_after_five_requests(inbox: PageHouse) -> None:
    inbox.says("Here at once", name="Fay First")
    page = inbox.signed_in("ann")
    heard = asked(page)
    page.reload()
    expect(row(page, "Here at once")).to_be_visible()
    expect(page.get_by_role("tab", name="Open").locator(".tab-count")).not_to_be_empty()
    for _ in range(100):  # the event stream is the last of all
        if heard[-1].endswith("/events"):
            break
        page.wait_for_timeout(50)
    assert len(heard) == BUDGET + 1, heard
    assert "/app/i/support" in heard[0]
    assert not [one for one in heard if "/conversations" in one or "/drafts" in one or "/notices" in one]


def test_an_address_of_something_that_is_gone_still_begins(inbox: PageHouse) -> None:
    inbox.says("In spite of all", name="Gus Gone")
    page = inbox.signed_in("ann", "/app/i/nowhere/nothing")
    expect(row(page, "In spite of all")).to_be_visible()
    page.goto(f"{inbox.url}/app/i/support?tag=nosuchtag")
    expect(page.get_by_role("heading", name="Support", level=1)).to_be_visible()


def test_signing_out_leaves_nothing_and_signing_in_again_begins_anew(inbox: PageHouse) -> None:
    inbox.has_password("bob", "correct horse battery")
    inbox.says("Seen by both", name="Bea Both")
    page = inbox.signed_in("ann")
    open_row(page, "Bea Both")
    page.get_by_role("button", name="My menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_text("Seen by both")).to_have_count(0)
    page.get_by_label("E-mail").fill("bob@desk.example")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(row(page, "Seen by both")).to_be_visible()
