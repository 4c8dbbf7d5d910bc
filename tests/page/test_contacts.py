"""Who somebody is: numbers that get names, contacts that are found, favourites, first messages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from casella.store.tables import conversations
from tests.page.desk import PageHouse, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def side(page: Page) -> object:
    return page.get_by_role("complementary", name="About the contact")


def test_s60_s65_s70_a08_a_number_gets_a_name_which_replaces_it_everywhere(inbox: PageHouse) -> None:
    inbox.says("Who am I?", "+390555551234")
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    expect(row(bob, "Who am I?")).to_contain_text("+39 055 555 1234")
    open_row(ann, "Who am I?")
    ann.get_by_role("button", name="Give a name").click()
    ann.get_by_role("textbox", name="Name").fill("Wanda Known")
    ann.get_by_role("button", name="Save").click()
    expect(ann.get_by_role("heading", name="Wanda Known")).to_be_visible()
    expect(row(ann, "Who am I?")).to_contain_text("Wanda Known")
    expect(row(bob, "Who am I?")).to_contain_text("Wanda Known")


def test_s66_s102_a_conversation_is_linked_to_a_contact_that_is_known(inbox: PageHouse) -> None:
    inbox.says("From my office", name="Lena Linked")
    conversation = inbox.says("From my own phone")
    page = inbox.signed_in("ann")
    open_row(page, "From my own phone")
    page.get_by_role("button", name="It is somebody known").click()
    page.get_by_role("combobox", name="Find a contact").press_sequentially("lena")
    page.get_by_role("option", name=re.compile("Lena Linked")).click()
    expect(page.get_by_role("heading", name="Lena Linked")).to_be_visible()
    lena = inbox.house.one(conversations, id=conversation)["contact_id"]
    assert len(inbox.house.rows(conversations, contact_id=lena)) == 2


def test_s22_s106_favourites_are_found_at_once(inbox: PageHouse) -> None:
    inbox.says("Remember me", name="Fred Favourite")
    page = inbox.signed_in("ann")
    open_row(page, "Remember me")
    page.get_by_role("button", name="Mark as favourite").click()
    expect(page.get_by_role("button", name="No favourite any more")).to_be_visible()
    page.get_by_role("button", name="Search").click()
    page.get_by_role("region", name="Favourites").get_by_role("button", name=re.compile("Fred Favourite")).click()
    expect(page.locator(".thread")).to_contain_text("Remember me")


def test_s10_s11_s16_s89_a15_a_first_message_to_an_unknown_number(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/i/support/second")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("searchbox").fill("+39 055 777 8899")
    page.get_by_role("button", name=re.compile("Unknown number")).click()
    dialog = page.get_by_role("dialog", name="New conversation")
    expect(dialog.get_by_label("To", exact=True)).to_have_value(re.compile(r"\+390557778899"))
    dialog.get_by_label("First message").fill("Your order is here.")
    dialog.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".thread")).to_contain_text("Your order is here.")
    assert inbox.assignee(inbox.conversation_of("+390557778899")) == "ann"


def test_s63_s84_what_may_be_opened_from_a_conversation_opens_apart(inbox: PageHouse) -> None:
    inbox.says("Please call me", name="Carla Call", sender="+390555099001")
    page = inbox.signed_in("ann")
    open_row(page, "Carla Call")
    side = page.locator(".side")
    expect(side.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+390555099001")
    meeting = side.get_by_role("link", name="Start a meeting")
    expect(meeting).to_have_attribute("href", re.compile(r"^https://meet\.example\.com/[0-9A-Z]{26}$"))
    expect(meeting).to_have_attribute("rel", "noopener noreferrer")
    expect(meeting).to_have_attribute("target", "_blank")


def test_s97_on_a_phone_a_conversation_becomes_a_call(inbox: PageHouse) -> None:
    inbox.says("Call me back", name="Clara Call", sender="+390555099002")
    page = inbox.signed_in("ann", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    open_row(page, "Clara Call")
    page.locator(".who-button").tap()
    expect(page.get_by_role("link", name="Call")).to_have_attribute("href", "tel:+390555099002")


def test_s103_a_new_contact_is_made_first_and_then_linked(inbox: PageHouse) -> None:
    conversation = inbox.says("From a number nobody knows")
    page = inbox.signed_in("ann")
    open_row(page, "From a number nobody knows")
    page.get_by_role("button", name="It is somebody known").click()
    page.get_by_role("combobox", name="Find a contact").press_sequentially("Nadia New")
    page.get_by_role("option", name="“Nadia New” as a new contact").click()
    expect(page.get_by_role("heading", name="Nadia New")).to_be_visible()
    expect(row(page, "From a number nobody knows")).to_contain_text("Nadia New")
    linked = inbox.house.one(conversations, id=conversation)["contact_id"]
    found = inbox.client("bob").get("/contacts", params={"q": "Nadia New"}).json()["items"]  # she is everybody's
    assert [one["id"] for one in found] == [linked]


def test_s98_the_details_say_channel_inbox_type_and_how_long(inbox: PageHouse) -> None:
    inbox.says("How long is this?", name="Dina Details")
    page = inbox.signed_in("ann")
    open_row(page, "Dina Details")
    about = page.locator(".side section", has=page.get_by_role("heading", name="Conversation"))
    for line in ("Inbox Support", "Channel Main number", "Type Acme", "Duration 1 min"):
        term, _, value = line.partition(" ")
        expect(about.locator("dl > div", has=page.get_by_text(term, exact=True))).to_contain_text(value)
