"""What is told while an answer is under way that was read before it: it is shown all the same."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.page.desk import PageHouse, row
from tests.page.test_chats import begun, says


class Held:
    """The first answer to a GET of such an address, read by the server and not yet given to the page."""

    def __init__(self, page: Page, address: re.Pattern[str]) -> None:
        self._page, self._held = page, list[tuple[Route, APIResponse]]()
        page.route(address, self._take)

    def _take(self, route: Route) -> None:
        if self._held or route.request.method != "GET":
            route.fallback()
        else:
            self._held.append((route, route.fetch()))

    def read(self, what: Callable[[], object]) -> None:
        """The server has answered once this was done."""
        what()
        while not self._held:
            self._page.wait_for_timeout(10)

    def give(self) -> None:
        [(route, response)] = self._held
        route.fulfill(response=response)


def test_a_message_that_comes_while_its_conversation_is_opened(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("First words", number)
    page = inbox.signed_in("ann")
    messages = Held(page, re.compile(r"/conversations/\w+/messages"))
    messages.read(lambda: row(page, "First words").locator(".row-link").click())
    inbox.says("Second words", number)
    expect(row(page, "Second words")).to_be_visible()
    messages.give()
    expect(page.get_by_role("article")).to_contain_text(["First words", "Second words"])


def test_what_becomes_of_a_message_while_its_conversation_is_opened_anew(inbox: PageHouse) -> None:
    conversation = inbox.says("Are you there?")
    inbox.house.reply("I am", conversation)
    page = inbox.signed_in("ann")
    messages = Held(page, re.compile(r"/conversations/\w+/messages"))
    messages.read(lambda: row(page, "I am").locator(".row-link").click())
    inbox.deliver()
    inbox.says("Good", inbox.address_of(conversation))
    expect(row(page, "Good")).to_be_visible()
    messages.give()
    expect(page.get_by_role("article").filter(has_text="I am")).to_contain_text("Sent")


def test_a_conversation_that_comes_while_its_list_is_asked_for(inbox: PageHouse) -> None:
    inbox.says("There before")
    page = inbox.signed_in("ann")
    expect(row(page, "There before")).to_be_visible()
    asked = Held(page, re.compile(r"/api/v1/conversations\?"))
    asked.read(lambda: page.get_by_role("radio", name=re.compile("^Unassigned")).click())
    inbox.says("Come meanwhile")
    page.wait_for_timeout(500)  # the event is told to a page that shows nothing of it yet
    asked.give()
    expect(row(page, "There before")).to_be_visible()
    expect(row(page, "Come meanwhile")).to_be_visible()


def test_what_a_colleague_says_while_the_chat_is_opened(inbox: PageHouse) -> None:
    chat = begun(inbox, "bob", "ann")
    says(inbox, "bob", chat, "Lunch?")
    inbox.wake()
    page = inbox.signed_in("ann", "/app/chats")
    said = Held(page, re.compile(rf"/chats/{chat}/messages"))
    said.read(lambda: page.get_by_role("link", name=re.compile("Lunch")).click())
    says(inbox, "bob", chat, "At one?")
    inbox.wake()
    page.wait_for_timeout(500)  # the event is told to a page that shows nothing of it yet
    said.give()
    expect(page.get_by_role("article").filter(has_text="At one?")).to_be_visible()


def test_nobody_is_made_a_favourite_before_it_is_known_whether_he_is_one(inbox: PageHouse) -> None:
    inbox.says("Do you know me?", name="Fay Unknown")
    page = inbox.signed_in("ann")
    contact = Held(page, re.compile(r"/api/v1/contacts/\w+$"))
    contact.read(lambda: row(page, "Do you know me?").locator(".row-link").click())
    star = page.get_by_role("button", name="Mark as favourite")
    expect(star).to_be_disabled()
    contact.give()
    star.click()
    expect(page.get_by_role("button", name="No favourite any more")).to_be_visible()
