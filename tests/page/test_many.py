"""One thing done to many conversations; every emoji by its name; a computer that others use too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from casella.store.tables import conversation_tags, conversations
from tests.house import until
from tests.page.desk import PageHouse, composer, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def box(page: Page, name: str) -> None:
    row(page, name).locator(".row-pick").hover()
    row(page, name).locator(".row-pick input").click()


def test_several_are_picked_and_closed_at_once(inbox: PageHouse) -> None:
    made = [inbox.says(f"Close me {name}", name=f"Bulk {name}") for name in ("Alf", "Bo", "Cy")]
    kept = inbox.says("Leave me", name="Bulk Dee")
    page = inbox.signed_in("ann")
    box(page, "Bulk Alf")
    row(page, "Bulk Cy").get_by_role("checkbox").click(modifiers=["Shift"])  # and Bo, who stands between them
    bar = page.get_by_role("toolbar", name="Selected conversations")
    expect(bar).to_contain_text("3 selected")
    bar.get_by_role("button", name="Close").click()
    expect(page.get_by_role("region", name="News")).to_contain_text("3 conversations changed")
    expect(bar).to_have_count(0)
    page.mouse.move(900, 400)
    expect(row(page, "Close me")).to_have_count(0)
    expect(row(page, "Leave me")).to_be_visible()
    states = {row["id"]: row["status"] for row in inbox.house.rows(conversations) if row["id"] in {*made, kept}}
    assert states == dict.fromkeys(made, "closed") | {kept: "open"}


def test_what_is_refused_is_said_and_stays_picked(inbox: PageHouse) -> None:
    mine, gone = inbox.says("Tag me", name="Bulk Eva"), inbox.says("Not any more", name="Bulk Fin")
    page = inbox.signed_in("ann")
    box(page, "Bulk Eva")
    box(page, "Bulk Fin")
    inbox.client("mara").post(f"/conversations/{gone}/inbox", json={"inbox": "sales"}).raise_for_status()
    bar = page.get_by_role("toolbar", name="Selected conversations")
    bar.get_by_role("button", name="Add or remove tags").click()
    page.get_by_role("menuitem", name="vip", exact=True).click()
    expect(page.get_by_role("region", name="News")).to_contain_text("1 conversation could not be changed")
    expect(bar).to_contain_text("1 selected")
    until(lambda: [one["tag"] for one in inbox.house.rows(conversation_tags, conversation_id=mine)] == ["vip"])
    assert inbox.house.rows(conversation_tags, conversation_id=gone) == []


def test_by_keyboard_alone_rows_are_picked_taken_and_left(inbox: PageHouse) -> None:
    first = inbox.says("One for me", name="Bulk Gil")
    second = inbox.says("Two for me", name="Bulk Hal")
    page = inbox.signed_in("ann")
    page.keyboard.press("j")
    page.keyboard.press("Home")
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.get_by_role("row", selected=True)).to_have_count(2)
    page.keyboard.press("a")
    until(lambda: {inbox.assignee(first), inbox.assignee(second)} == {"ann"})
    expect(page.get_by_role("toolbar", name="Selected conversations")).to_have_count(0)
    page.keyboard.press("x")
    page.keyboard.press("Escape")
    expect(page.get_by_role("row", selected=True)).to_have_count(0)


def test_on_a_phone_the_menu_begins_the_picking(inbox: PageHouse) -> None:
    inbox.says("Read me", name="Bulk Ivy")
    page = inbox.signed_in("ann", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Filter").tap()
    page.get_by_role("menuitem", name="Select several").tap()
    row(page, "Bulk Ivy").get_by_role("checkbox").tap()
    page.get_by_role("button", name="More for the selected ones").tap()
    page.get_by_role("menuitem", name="Mark as read").tap()
    expect(row(page, "Bulk Ivy").locator(".count")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("locale", "typed", "name", "sign"),
    [("en-GB", "pizza", "pizza", "🍕"), ("it-IT", "cuore ros", "cuore rosso", "❤️")],
)
def test_s58_p18_every_emoji_is_found_by_its_name_and_stands_where_the_caret_was(
    inbox: PageHouse, locale: str, typed: str, name: str, sign: str
) -> None:
    inbox.says("Hungry?", name=f"Emil {sign}")
    page = inbox.signed_in("ann", locale=locale)
    row(page, f"Emil {sign}").locator(".row-link").click()
    composer(page).fill("Hello, friend")
    composer(page).evaluate("box => box.setSelectionRange(5, 5)")
    page.get_by_role("button", name="Emoji", exact=True).click()
    picker = page.get_by_role("group", name="Emoji")
    expect(picker.get_by_role("searchbox")).to_be_focused()
    expect(picker.get_by_role("radio").nth(13)).to_be_attached()  # nine kinds, six tones
    picker.get_by_role("searchbox").fill(typed)
    expect(picker.get_by_role("button", name=name, exact=True)).to_be_visible()
    picker.get_by_role("searchbox").press("Enter")
    expect(composer(page)).to_have_value(f"Hello{sign}, friend")
    expect(composer(page)).to_be_focused()


def test_on_a_shared_computer_nothing_written_is_left_behind(inbox: PageHouse) -> None:
    conversation = inbox.says("A secret, please", name="Shari Shared")
    page = inbox.signed_in("ann")
    open_row(page, "Shari Shared")
    composer(page).fill("Kept at first")
    stored = "async () => (await indexedDB.databases()).length && new Promise(done => {" + (
        "const asked = indexedDB.open('casella'); asked.onsuccess = () => {"
        "const all = asked.result.transaction('drafts').objectStore('drafts').getAll();"
        "all.onsuccess = () => { asked.result.close(); done(JSON.stringify(all.result)); }; }; })"
    )
    until(lambda: "Kept at first" in str(page.evaluate(stored)))
    page.goto(f"{inbox.url}/app/me")  # at once: what was not at the server yet gets there
    page.get_by_role("switch", name=re.compile("Shared computer")).check()
    until(lambda: page.evaluate(stored) in ("[]", 0))
    page.goto(f"{inbox.url}/app/i/support/c/{conversation}")
    expect(composer(page)).to_have_value("Kept at first")  # the server has it
    composer(page).fill("Never kept here")
    page.wait_for_timeout(500)
    assert "Never" not in str(page.evaluate(stored))
