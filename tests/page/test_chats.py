"""What colleagues write to each other on the page: direct chats, and those of their teams."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from casella.store.tables import chat_marks, chat_members, chat_messages, chats
from tests.page.desk import CANNED, DESK, RULES, PageHouse, composer
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture(autouse=True)
def no_chat_yet(inbox: PageHouse) -> None:
    """The house is the module's; what is unread is counted, whichever test came before."""
    with inbox.house.rooms.store.write() as db:
        for table in (chat_marks, chat_messages, chat_members, chats):
            db.execute(delete(table))


def begun(inbox: PageHouse, of: str, *people: str) -> str:
    """The chat of these people, or of the team of this name."""
    wanted: dict[str, Any] = (
        {"with_agents": [inbox.house.agent(one).id for one in people]} if people else {"team": "front"}
    )
    answer = inbox.client(of).post("/chats", json=wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def says(inbox: PageHouse, who: str, chat: str, text: str) -> None:
    inbox.client(who).post(
        f"/chats/{chat}/messages", json={"text": text}, headers={"Idempotency-Key": uuid4().hex}
    ).raise_for_status()


def said(page: Page, text: str) -> Any:
    return page.get_by_role("article").filter(has_text=text)


def test_s10_s14_s23_a_direct_chat_is_begun_and_answered_while_both_look(inbox: PageHouse) -> None:
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    ann.get_by_role("button", name="New", exact=True).click()
    new = ann.get_by_role("dialog")
    new.get_by_role("radio", name="Direct chat").click()
    expect(ann.get_by_role("dialog", name="New direct chat")).to_be_visible()
    new.get_by_role("searchbox").fill("bob")
    expect(new.get_by_role("checkbox")).to_have_count(1)
    axe_finds_nothing(ann, "beginning a chat")
    new.get_by_role("checkbox", name="Bob Brown").check()
    new.get_by_role("button", name="Begin").click()
    expect(ann.get_by_role("heading", name="Bob Brown")).to_be_visible()
    composer(ann).fill("Lunch at one? https://example.com/menu")
    composer(ann).press("Enter")
    expect(said(ann, "Lunch at one?").get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    direct = bob.get_by_role("link", name=re.compile("Direct chats"))
    expect(direct.locator(".badge")).to_contain_text("1")
    expect(bob).to_have_title(re.compile(r"\(\d+\)"))
    direct.click()
    bob.get_by_role("link", name=re.compile("Lunch at one")).click()
    expect(said(bob, "Lunch at one?")).to_contain_text("Ann Abbott")
    expect(direct.locator(".badge")).to_have_count(0)
    composer(bob).fill("With pleasure")
    composer(bob).press("Enter")
    expect(said(ann, "With pleasure")).to_be_visible()
    axe_finds_nothing(ann, "a chat")
    cleo = inbox.signed_in("cleo", "/app/chats")
    expect(cleo.get_by_text("No chat yet")).to_be_visible()


def test_s15_s24_a_teams_chat_is_the_teams_and_who_leaves_loses_it(inbox: PageHouse) -> None:
    page = inbox.signed_in("bob", "/app/chats?chats=team")
    page.get_by_role("button", name="New chat").first.click()
    new = page.get_by_role("dialog", name="New team chat")
    expect(new.get_by_role("radio", name=re.compile("Front desk"))).to_be_checked()
    new.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Front desk")).to_be_visible()
    says(inbox, "ann", begun(inbox, "ann"), "The printer works again")
    expect(said(page, "The printer works again")).to_contain_text("Ann Abbott")
    left = DESK.replace(
        "name: Bob Brown, email: bob@desk.example, teams: [front]",
        "name: Bob Brown, email: bob@desk.example, teams: [sellers]",
    )
    inbox.house.apply(desk=left, rules=RULES, canned=CANNED)
    inbox.wake()
    expect(page.get_by_text("You are not in this chat")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("The printer"))).to_have_count(0)
    inbox.house.apply(desk=DESK, rules=RULES, canned=CANNED)


def test_what_a_screen_reader_hears_of_chats(inbox: PageHouse) -> None:
    chat = begun(inbox, "ann", "bob")
    says(inbox, "bob", chat, "Are you in tomorrow?")
    page = inbox.signed_in("ann", "/app/chats")
    page.get_by_role("link", name=re.compile("Are you in tomorrow")).click()
    expect(page.get_by_role("log")).to_be_visible()
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - region "Your chats":
          - heading "Chats" [level=1]
          - button "New chat"
          - radiogroup "Filter":
            - radio "All" [checked]
            - radio "Direct chats"
            - radio "Team chats"
          - list "Chats":
            - listitem:
              - link /Bob Brown .* Are you in tomorrow/
        - region "Conversation":
          - heading "Bob Brown" [level=1]
          - text: Only you two see this
          - log "Messages":
            - heading "Today" [level=2]
            - paragraph: New
            - article "Bob Brown":
              - paragraph: Are you in tomorrow?
              - time
          - form "Write":
            - textbox "Write to Bob Brown"
            - button "Emoji"
            - button "Send" [disabled]
    """)


def test_p02_p05_what_is_begun_in_a_chat_stays_and_one_press_offline_makes_one_message(inbox: PageHouse) -> None:
    chat = begun(inbox, "ann", "mara")
    page = inbox.signed_in("ann", f"/app/chats/{chat}")
    composer(page).fill("Half a sent")
    page.wait_for_timeout(300)  # it is kept a moment after the last letter
    page.reload()
    expect(composer(page)).to_have_value("Half a sent")
    expect(page.get_by_role("log")).to_be_visible()
    page.context.set_offline(True)
    composer(page).fill("Once and whole")
    composer(page).press("Enter")
    composer(page).press("Enter")
    expect(said(page, "Once and whole")).to_be_visible()
    expect(composer(page)).to_have_value("")
    page.context.set_offline(False)
    expect(page.locator(".message.pending")).to_have_count(0)
    expect(said(page, "Once and whole")).to_have_count(1)
    assert [row["text"] for row in inbox.house.rows(chat_messages, chat_id=chat)] == ["Once and whole"]


def test_p11_a_long_chat_goes_back_to_its_beginning_and_does_not_jump(inbox: PageHouse) -> None:
    chat = begun(inbox, "ann", "cleo")
    for number in range(120):
        says(inbox, "cleo", chat, f"line {number:03}")
    page = inbox.signed_in("ann", f"/app/chats/{chat}")
    expect(said(page, "line 119")).to_be_in_viewport()
    thread = page.get_by_role("log")
    for number in (20, 0):
        thread.evaluate("(box) => { box.scrollTop = 0; }")
        expect(said(page, f"line {number:03}")).to_have_count(1)
        assert thread.evaluate("(box) => box.scrollTop") > 300, "what was looked at is still there"
    expect(page.get_by_role("article")).to_have_count(120)


def test_a_chat_on_a_phone_by_touch_alone(inbox: PageHouse) -> None:
    chat = begun(inbox, "bob", "mara")
    says(inbox, "mara", chat, "On your way?")
    page = inbox.signed_in("bob", **PHONE)
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Chats").tap()
    page.get_by_role("link", name=re.compile("On your way")).tap()
    expect(said(page, "On your way?")).to_be_visible()
    axe_finds_nothing(page, "a chat on a phone")
    composer(page).tap()
    composer(page).fill("Nearly there")
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(said(page, "Nearly there")).to_be_visible()
    page.get_by_role("button", name="Back to the list").tap()
    expect(page.get_by_role("link", name=re.compile("Nearly there"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)> {{ 7*7 }}", "\u202egnp.exe\u202c W" + "w" * 900])
def test_p28_a_hostile_colleague_writes_text_and_nothing_else(inbox: PageHouse, name: str) -> None:
    chat = begun(inbox, "ann", "bob", "cleo")
    says(inbox, "cleo", chat, name)
    page = inbox.signed_in("ann", f"/app/chats/{chat}")
    page.on("dialog", lambda dialog: inbox.problems.append(dialog.message))
    expect(said(page, name[:20])).to_be_visible()
    assert page.locator(".bubble img, .chat-line img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(said(page, name[:20])).to_contain_text("Cleo Conti")  # whose it is, is said by the page
