"""Around the list and the conversation: signing in, languages, keys alone, touch alone, no connection, no finding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from casella.store.tables import conversations
from tests.house import until
from tests.page.desk import PageHouse, composer, open_row, row
from tests.variants import AGAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def axe_finds_nothing(page: Page, where: str) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


def test_s04_p06_signing_in_and_again_when_a_session_has_ended(inbox: PageHouse) -> None:
    inbox.has_password("ann", "correct horse battery")
    page = inbox.page()
    page.goto(f"{inbox.url}/app/")
    page.get_by_label("E-mail").fill("ann@desk.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    axe_finds_nothing(page, "sign in")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Support", level=1)).to_be_visible()
    inbox.says("Still here?", name="Sam Session")
    open_row(page, "Sam Session")
    composer(page).fill("What I was writing")
    page.context.clear_cookies()
    composer(page).press("Enter")
    again = page.get_by_role("dialog", name="Sign in again")
    expect(again.get_by_label("E-mail")).to_have_value("ann@desk.example")
    again.get_by_label("Password").fill("correct horse battery")
    again.get_by_role("button", name="Sign in").click()
    expect(again).to_have_count(0)
    sent = page.get_by_role("article").filter(has_text="What I was writing")
    expect(sent).to_contain_text("Waiting to leave")


def test_everything_speaks_italian(inbox: PageHouse) -> None:
    inbox.says("Buongiorno", name="Ivo Italiano")
    page = inbox.signed_in("mara", locale="it-IT")
    expect(page.get_by_role("tab", name="Aperte")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "it"
    open_row(page, "Ivo Italiano")
    words = page.locator("body").inner_text() + " ".join(
        found for found in page.locator("[aria-label]").evaluate_all("all => all.map(one => one.ariaLabel)") if found
    )
    for english in ("Unassigned", "Reply", "Search", "Settings", "Opt out", "Contact since", "Today", "Send", "More"):
        assert not re.search(rf"\b{english}\b", words), english


def test_the_main_job_by_keyboard_alone(inbox: PageHouse) -> None:
    conversation = inbox.says("Keys only, please", name="Kit Keys")
    page = inbox.signed_in("ann")
    expect(row(page, "Kit Keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Home")
    expect(row(page, "Kit Keys").locator(".row-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Kit Keys")).to_be_visible()
    page.keyboard.press("a")
    until(lambda: inbox.assignee(conversation) == "ann")
    expect(page.locator(".composer-box")).to_be_visible()
    page.keyboard.press("r")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("Here you are")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article").filter(has_text="Here you are")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    until(lambda: inbox.house.one(conversations, id=conversation)["status"] == "closed")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("settings")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_p04_single_keys_never_fire_in_text_and_can_be_switched_off(inbox: PageHouse) -> None:
    conversation = inbox.says("Do not close me", name="Tess Text")
    page = inbox.signed_in("ann")
    open_row(page, "Tess Text")
    composer(page).press_sequentially("e a u 1 c")
    expect(composer(page)).to_have_value("e a u 1 c")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("switch", name=re.compile("Single keys")).uncheck()
    page.go_back()
    expect(page.get_by_role("heading", name="Tess Text")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator(".conversation-bar").get_by_role("button", name="Close")).to_be_visible()
    assert inbox.house.one(conversations, id=conversation)["status"] == "open"


def test_p04_what_is_typed_right_behind_a_key_belongs_to_the_text_it_leads_to(inbox: PageHouse) -> None:
    """Nobody waits until the text is there, and no letter of it may close, assign or tag anything."""
    conversation = inbox.says("I type fast", name="Fay Fast")
    page = inbox.signed_in("ann")
    row(page, "Fay Fast").locator(".row-link").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("rHere it is, at once")  # the conversation is not even loaded
    expect(composer(page)).to_have_value("Here it is, at once")
    page.keyboard.press("Escape")
    page.keyboard.type("nAsk Eve about it")
    expect(composer(page)).to_have_value("Ask Eve about it")
    page.keyboard.press("Escape")
    page.keyboard.type("/fast refunds are nice")
    expect(page.get_by_role("searchbox")).to_have_value("fast refunds are nice")
    stored = inbox.house.one(conversations, id=conversation)
    assert (stored["status"], stored["assignee_id"], stored["snoozed_until"]) == ("open", None, None)


def test_s07_s95_s96_the_main_job_by_touch_alone_on_a_phone(inbox: PageHouse) -> None:
    conversation = inbox.says("From my phone", name="Tina Touch")
    page = inbox.signed_in("ann", **PHONE)
    row(page, "Tina Touch").locator(".row-link").tap()
    expect(page.get_by_role("heading", name="Tina Touch")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_hidden()
    composer(page).tap()
    composer(page).fill("One line")
    composer(page).press("Enter")  # breaks the line there
    expect(composer(page)).to_have_value("One line\n")
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(page.get_by_role("article").filter(has_text="One line")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).tap()
    page.get_by_role("menuitem", name="Assign to me").tap()
    until(lambda: inbox.assignee(conversation) == "ann")
    page.locator(".who-button").tap()
    expect(page.get_by_role("complementary")).to_contain_text("History")
    page.get_by_role("button", name="Back to the conversation").tap()
    page.get_by_role("button", name="Back to the list").tap()
    expect(page.get_by_role("grid")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_s93_s94_s101_s104_s105_on_a_phone_it_is_taken_named_given_back_closed_and_found_again(
    inbox: PageHouse,
) -> None:
    conversation = inbox.says("By touch from beginning to end")
    page = inbox.signed_in("ann", **PHONE)
    row(page, "By touch").locator(".row-link").tap()

    def choose(deed: str) -> None:
        page.get_by_role("button", name="More", exact=True).tap()
        page.get_by_role("menuitem", name=deed).tap()

    choose("Assign to me")
    until(lambda: inbox.assignee(conversation) == "ann")
    page.locator(".who-button").tap()
    page.get_by_role("button", name="Give a name").tap()
    page.get_by_role("textbox", name="Name").fill("Toby Touch")
    page.get_by_role("button", name="Save").tap()
    page.get_by_role("button", name="Back to the conversation").tap()
    expect(page.get_by_role("heading", name="Toby Touch")).to_be_visible()
    choose("Give it back")
    until(lambda: inbox.assignee(conversation) is None)
    page.get_by_role("button", name="Close", exact=True).tap()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    page.get_by_role("button", name="Back to the list").tap()
    expect(row(page, "Toby Touch")).to_have_count(0)
    page.get_by_role("tab", name="Closed").tap()
    expect(row(page, "Toby Touch")).to_be_visible()


def test_without_a_connection_one_reads_on_and_nothing_is_missing_afterwards(inbox: PageHouse) -> None:
    inbox.says("Before the cut", name="Olaf Offline")
    page = inbox.signed_in("ann")
    open_row(page, "Olaf Offline")
    number = inbox.address_of(inbox.last)
    page.context.set_offline(True)
    expect(page.get_by_text(re.compile("No connection"))).to_be_visible(timeout=15_000)
    expect(page.locator(".thread")).to_contain_text("Before the cut")
    inbox.says("While it was away", number)
    page.context.set_offline(False)
    expect(page.locator(".thread")).to_contain_text("While it was away")
    expect(page.get_by_text(re.compile("No connection"))).to_have_count(0)


def test_p23_a_hit_of_a_search_opens_where_it_is(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("the needle is here", number, name="Ned Needle")
    for count in range(70):
        inbox.says(f"hay {count}", number)
    inbox.index()
    page = inbox.signed_in("ann")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("searchbox").fill("needle")
    page.get_by_role("link", name=re.compile("the needle is here")).click()
    expect(page.locator(".message.found")).to_contain_text("the needle is here")
    expect(page.locator(".message.found")).to_be_in_viewport()
    page.get_by_role("button", name="To the newest").click()
    expect(page.locator(".thread").get_by_text("hay 69", exact=True)).to_be_in_viewport()


SCREENS = ("/app/i/support", "/app/chats", "/app/search", "/app/notices", "/app/me", "/app/desk")


@pytest.mark.parametrize(
    ("device", "scheme"),
    [
        ("desk", "light"),
        pytest.param("desk", "dark", marks=AGAIN),
        pytest.param("phone", "light", marks=AGAIN),
        ("phone", "dark"),
    ],
)
def test_axe_finds_nothing_on_any_screen(inbox: PageHouse, device: str, scheme: str) -> None:
    conversation = inbox.says("Look at me: https://example.com", name="Axel Axe")
    inbox.house.reply("Looked at", conversation)
    inbox.deliver()
    options: Mapping[str, Any] = PHONE if device == "phone" else {}
    page = inbox.signed_in("mara", color_scheme=scheme, **options)
    for path in SCREENS:
        page.goto(inbox.url + path)
        expect(page.locator(".bar h1, .bar input").first).to_be_visible()
        axe_finds_nothing(page, f"{path} {scheme} {device}")
    page.goto(f"{inbox.url}/app/i/support/c/{conversation}")
    expect(page.get_by_role("article").first).to_be_visible()
    axe_finds_nothing(page, f"a conversation {scheme} {device}")
    page.get_by_role("button", name="More", exact=True).click()
    axe_finds_nothing(page, f"a menu {scheme} {device}")
    page.keyboard.press("Escape")
    if device == "desk":
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        axe_finds_nothing(page, f"keys {scheme}")
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        expect(page.get_by_role("dialog", name="New conversation")).to_be_visible()
        axe_finds_nothing(page, f"create {scheme}")
