"""Every state of a screen: loading, empty, broken, cut off, signed out, gone, refused. Each is said, offers what can be
done, is left again, and has nothing that an automated check of accessibility finds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, Route, TimeoutError, expect

from tests.page.desk import PageHouse, composer
from tests.page.test_shell import axe_finds_nothing
from tests.variants import AGAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EVERY = [
    pytest.param(device, scheme, marks=() if (device, scheme) == ("desk", "light") else AGAIN)
    for device in ("desk", "phone")
    for scheme in ("light", "dark")
]
BROKEN = {
    "title": "It broke", "detail": "The database is busy.", "code": "unavailable", "status": 503,
    "request_id": "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E",
}  # fmt: skip
LIST = re.compile(r"/api/v1/conversations\?")


def breaks(route: Route) -> None:
    route.fulfill(status=503, json=BROKEN)


class Screen:
    """A page on one device, in one colour scheme."""

    def __init__(self, inbox: PageHouse, device: str, scheme: str) -> None:
        self._inbox, self._where = inbox, f"{device} {scheme}"
        self.page: Page = inbox.signed_in("ann", color_scheme=scheme, **(PHONE if device == "phone" else {}))

    def go(self, path: str) -> None:
        self.page.goto(f"{self._inbox.url}/app/{path}")

    def stands(self, what: str) -> None:
        axe_finds_nothing(self.page, f"{what}, {self._where}")
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what


@pytest.mark.parametrize(("device", "scheme"), EVERY)
def test_every_state_is_said_offers_what_can_be_done_and_is_left(inbox: PageHouse, device: str, scheme: str) -> None:
    conversation = inbox.says("Where is my parcel?", name="Stella States")
    at = f"i/support/c/{conversation}"
    screen = Screen(inbox, device, scheme)
    page = screen.page
    _lists(screen)
    _one_conversation(screen, at)
    ann = inbox.client("ann")
    ann.post(f"/conversations/{conversation}/consent/opt-out", json={"reason": "He asked"}).raise_for_status()
    expect(page.get_by_role("note")).to_contain_text("opted out")  # what was open says so by itself
    composer(page).fill("All the same")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    screen.stands("refused")
    ann.post(f"/conversations/{conversation}/consent/opt-in", json={"reason": "He asked"}).raise_for_status()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_enabled()
    page.context.set_offline(True)
    expect(page.get_by_text("No connection")).to_be_visible()
    expect(page.locator(".conversation-bar").get_by_role("button", name="Close")).to_be_disabled()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.pending")).to_contain_text("Waits for the connection")
    screen.stands("cut off")
    page.context.set_offline(False)
    expect(page.locator(".message.pending")).to_have_count(0)
    expect(page.get_by_text("No connection")).to_have_count(0)
    page.context.clear_cookies()
    with suppress(TimeoutError):  # the stream may have asked for it before
        page.get_by_role("button", name="Mark as favourite").or_(page.get_by_role("button", name="Close")).last.click(
            timeout=2_000
        )
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    screen.stands("signed out")


def _lists(screen: Screen) -> None:
    page = screen.page
    held: list[Route] = []
    page.route(LIST, lambda route: held.append(route))
    page.get_by_role("tab", name="Closed").click()
    expect(page.locator(".skeletons")).to_be_visible()
    screen.stands("a list that loads")
    for route in held:
        breaks(route)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(str(BROKEN["request_id"]))
    screen.stands("a list that broke")
    page.unroute(LIST)
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Nothing is closed yet").or_(page.locator(".rows")).first).to_be_visible()
    screen.go("i/quiet")
    expect(page.get_by_text("No channel yet")).to_be_visible()
    screen.stands("no channel")
    screen.go("i/support?tag=order")
    page.locator(".list-body").get_by_role("button", name="Clear filters").click()
    expect(page.locator(".rows")).to_be_visible()
    page.route("**/api/v1/start*", breaks)
    screen.go("i/support")
    expect(page.get_by_role("alert")).to_contain_text("The database is busy")
    screen.stands("a beginning that broke")
    page.unroute("**/api/v1/start*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".rows")).to_be_visible()


def _one_conversation(screen: Screen, at: str) -> None:
    page = screen.page
    screen.go("i/support/c/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E")
    expect(page.get_by_text("You cannot see this conversation any more")).to_be_visible()
    screen.stands("gone")
    page.get_by_role("button", name="Back to the list").last.click()
    expect(page.locator(".rows")).to_be_visible()
    path = f"**/{at.removeprefix('i/support/c/')}/messages*"
    page.route(path, breaks)
    screen.go(at)
    column = page.get_by_role("region", name="Conversation")
    expect(column.get_by_role("alert")).to_contain_text("The database is busy")
    screen.stands("a conversation that broke")
    page.unroute(path)
    column.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("article").first).to_be_visible()
