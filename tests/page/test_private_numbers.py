"""Numbers that belong to one agent: written from, answered and read by him alone, until one comes into an inbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from casella.store.tables import conversations
from tests.page.desk import CANNED, DESK, RULES, PageHouse, composer, open_row, row
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HERS = "+15550009"
OWN = DESK.replace(
    "  shop:", f'  anns: {{connection: acme, owner: ann, address: "{HERS}", name: Ann’s mobile}}\n  shop:'
)
SHARED = OWN.replace("owner: ann", "inbox: support")
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def house(inbox: PageHouse) -> PageHouse:
    """Ann has a number of her own, and nothing is open or unread there that other scenarios wrote."""
    inbox.house.apply(desk=OWN, rules=RULES, canned=CANNED)
    ann = inbox.client("ann")
    for status in ("open", "closed"):
        unread = ann.get("/conversations", params={"world": "private", "unread": "true", "status": status})
        for one in unread.raise_for_status().json()["items"]:
            ann.post(f"/conversations/{one['id']}/read", json={}).raise_for_status()
    for one in ann.get("/conversations", params={"world": "private"}).raise_for_status().json()["items"]:
        ann.post(f"/conversations/{one['id']}/close").raise_for_status()
    return inbox


def test_s13_s16_s21_a_message_to_a_private_contact_and_its_answer_are_hers_alone(house: PageHouse) -> None:
    number = house.somebody()
    page = house.signed_in("ann", "/app/p")
    expect(page.locator(".list-body")).to_contain_text("nobody else sees it")
    page.keyboard.press("c")
    new = page.get_by_role("dialog", name="New text message")  # begun where one is (S-16)
    expect(new.get_by_role("radio", name="Text message")).to_be_checked()
    new.get_by_label("To", exact=True).fill(number)
    new.get_by_label("Message").fill("Dinner at eight?")
    new.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile(r"/app/p/c/\w+"))
    expect(page.get_by_role("article")).to_contain_text("Dinner at eight?")
    house.deliver()
    others = house.signed_in("mara")
    house.says("With pleasure", number, to=HERS)
    expect(page.get_by_role("article").last).to_contain_text("With pleasure")
    expect(row(page, "With pleasure")).to_be_visible()
    page.get_by_role("link", name="All channels").first.click()
    expect(row(page, "With pleasure")).to_have_count(0)
    expect(row(others, "With pleasure")).to_have_count(0)
    expect(others.get_by_role("region", name="My numbers")).to_have_count(0)
    stored = house.house.one(conversations, id=house.last)
    assert (stored["world"], stored["assignee_id"]) == ("private", None)


def test_s21_what_belongs_to_working_together_is_not_there(house: PageHouse) -> None:
    house.says("Between us", to=HERS)
    page = house.signed_in("ann", "/app/p")
    expect(page.get_by_role("tab")).to_have_text([re.compile("Open"), re.compile("Closed")])
    expect(page.get_by_role("radiogroup", name="Whose")).to_have_count(0)
    open_row(page, "Between us")
    expect(page.locator(".composer")).to_contain_text("Only you see this")
    expect(page.get_by_role("radio", name="Note")).to_have_count(0)
    axe_finds_nothing(page, "a conversation of one's own")
    for absent in (
        "Assign to me",
        "Snooze",
        "Canned message",
        "Message Assistant",
        "Send a survey",
        "Add or remove tags",
    ):
        expect(page.get_by_role("button", name=absent)).to_have_count(0)
    page.keyboard.press("n")  # no note, and nothing is assigned
    page.keyboard.press("a")
    composer(page).fill("Yes, between us")
    composer(page).press("Enter")
    expect(page.get_by_role("article").filter(has_text="Yes, between us")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    page.get_by_role("tab", name="Closed").click()
    expect(row(page, "Yes, between us")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    expected = [re.compile(text) for text in ("About the contact", "Mark as unread", "Archive")]
    expect(page.get_by_role("menuitem")).to_have_text(expected)


def test_what_a_screen_reader_hears_of_ones_own_numbers(house: PageHouse) -> None:
    house.says("Only for your ears", to=HERS)
    page = house.signed_in("ann", "/app/p")
    open_row(page, "Only for your ears")
    expect(page.get_by_role("navigation").get_by_role("region", name="My numbers")).to_match_aria_snapshot("""
      - region "My numbers":
        - heading "My numbers" [level=2]
        - link /Ann’s mobile/
    """)
    expect(page.get_by_role("form", name="Write")).to_match_aria_snapshot("""
      - form "Write":
        - radiogroup "Write":
          - radio "Reply" [checked]
        - text: /Only you see this/
        - textbox /Reply to/
        - button "Attach files"
        - button "Emoji"
        - button "Send" [disabled]
    """)


def test_s21_a14_what_is_unread_there_is_counted_and_stands_in_the_title(house: PageHouse) -> None:
    page = house.signed_in("ann")
    before = page.title()
    house.says("Are you there?", to=HERS)
    expect(page.get_by_role("region", name="My numbers").locator(".badge")).to_contain_text("1")
    expect(page).not_to_have_title(before)
    page.get_by_role("link", name=re.compile("Ann’s mobile")).click()
    open_row(page, "Are you there?")
    expect(page.get_by_role("region", name="My numbers").locator(".badge")).to_have_count(0)


def bar_link(page: Page, name: str) -> Locator:
    """One of the bar below, on a phone."""
    return page.get_by_role("navigation", name="Main menu").get_by_role("link", name=name)


def test_s88_on_a_phone_a_new_message_goes_to_a_number(house: PageHouse) -> None:
    number = house.somebody()
    page = house.signed_in("ann", "/app/p", **PHONE)
    page.get_by_role("button", name="New", exact=True).tap()
    new = page.get_by_role("dialog", name="New text message")
    new.get_by_label("To", exact=True).fill(number)
    new.get_by_label("Message").fill("From my phone")
    new.get_by_role("button", name="Send").tap()
    expect(page.get_by_role("article").filter(has_text="From my phone")).to_be_visible()


def test_s90_on_a_phone_the_inbox_has_what_is_shared_and_nothing_else(house: PageHouse) -> None:
    house.says("To the shop", name="Sven Shared")
    house.says("To Ann", to=HERS)
    page = house.signed_in("ann", **PHONE)
    expect(bar_link(page, "Inbox")).to_have_attribute("aria-current", "page")
    expect(row(page, "To the shop")).to_be_visible()
    expect(row(page, "To Ann")).to_have_count(0)


def test_s91_on_a_phone_what_is_ones_own_stands_beside_it(house: PageHouse) -> None:
    house.says("To the other shop", name="Selma Shared")
    house.says("To Ann herself", to=HERS)
    page = house.signed_in("ann", **PHONE)
    bar_link(page, "Private").tap()
    expect(row(page, "To Ann herself")).to_be_visible()
    expect(row(page, "To the other shop")).to_have_count(0)
    axe_finds_nothing(page, "one's own numbers on a phone")


def test_s92_on_a_phone_one_goes_from_inbox_to_inbox(house: PageHouse) -> None:
    house.says("To Ann alone", to=HERS)
    page = house.signed_in("ann", **PHONE)
    for name in ("Quiet", "My numbers"):
        page.get_by_role("button", name="Inbox and channel").tap()
        page.get_by_role("menuitemradio", name=name).tap()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(row(page, "To Ann alone")).to_be_visible()


def test_s41_s43_s45_a04_what_came_before_the_move_is_in_the_archived_tab_and_stays_as_it_is(house: PageHouse) -> None:
    number = house.somebody()
    house.says("Before the move", number, to=HERS)
    page = house.signed_in("ann", "/app/p")
    open_row(page, "Before the move")
    others = house.signed_in("bob")
    expect(others.get_by_role("tab", name="Archived")).to_have_count(0)
    house.house.apply(desk=SHARED, rules=RULES, canned=CANNED)
    house.wake()
    expect(page.get_by_text("Written on Ann’s mobile before it came into Support")).to_be_visible()
    expect(composer(page)).to_have_count(0)
    expect(page.get_by_role("region", name="My numbers")).to_have_count(0)
    house.says("After the move", number, to=HERS)
    expect(row(others, "After the move")).to_be_visible()
    others.get_by_role("tab", name="Archived").click()
    expect(others).to_have_url(re.compile("tab=history"))
    expect(row(others, "After the move")).to_have_count(0)
    row(others, "Before the move").locator(".row-link").click()
    expect(others.get_by_text("nothing can be added to it")).to_be_visible()
    expect(others.get_by_role("button", name="Reopen")).to_have_count(0)
    axe_finds_nothing(others, "the past of a number")
    expect(others.locator("#history")).to_contain_text("After the move")
