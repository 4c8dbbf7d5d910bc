"""What users of other inboxes have complained of after a day of it: every tab rings, the keyboard covers the box, each
screen counts differently, the memory grows (P-15, P-17, P-21, P-24, P-27)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.page.desk import PageHouse, composer, open_row, row
from tests.page.hearing import listens_for_sound

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
WITH_KEYBOARD = {"width": 390, "height": 430}


def test_p15_of_many_tabs_one_rings_and_none_of_who_wants_peace(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/me")
    page.get_by_role("checkbox", name="Sound: Conversations that wait for somebody").check()
    page.goto(f"{inbox.url}/app/i/support")
    tabs = [page, *(page.context.new_page() for _ in range(3))]
    for tab in tabs[1:]:
        tab.goto(f"{inbox.url}/app/i/support")
        expect(tab.locator(".rows, .nothing").first).to_be_visible()
    for tab in tabs[1:3]:  # browsers let only those sound that somebody has touched
        tab.get_by_role("heading", level=1).click()
    rung: list[str] = []
    sessions = [listens_for_sound(tab, rung) for tab in tabs]
    inbox.says("Ring once", name="Pia Fifteen")
    for tab in tabs:
        expect(row(tab, "Ring once")).to_be_visible()
    assert len(rung) == 1, rung
    for tab in tabs:
        tab.reload()  # what has sounded has its tone at hand, and would not ask for another
        expect(row(tab, "Ring once")).to_be_visible()
        tab.get_by_role("heading", level=1).click()
    tabs[0].get_by_role("button", name="My menu").click()
    tabs[0].get_by_role("menuitemradio", name="Do not disturb").click()
    for tab in tabs:  # it is said in one of them, and heard in all
        expect(tab.get_by_role("switch")).to_have_text("Do not disturb")
    rung.clear()
    inbox.says("Do not ring", name="Pia Peace")
    for tab in tabs:
        expect(row(tab, "Do not ring")).to_be_visible()
    assert rung == []
    for session in sessions:
        session.detach()
    inbox.client("ann").put("/me/availability", json={"available": False, "do_not_disturb": False})


def test_p17_with_the_keyboard_open_the_box_and_the_newest_message_are_seen(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("Before the keyboard", number, name="Pia Seventeen")
    for count in range(12):
        inbox.says(f"line {count}", number)
    page = inbox.signed_in("ann", **PHONE)
    open_row(page, "Pia Seventeen")
    thread = page.get_by_role("log")
    thread.evaluate("(box) => { box.scrollTop = box.scrollHeight; }")  # from the line where the new ones begin
    composer(page).tap()
    page.set_viewport_size(WITH_KEYBOARD)  # type: ignore[arg-type]  # a mapping is what it takes
    for seen in (composer(page), page.get_by_role("button", name="Send", exact=True)):
        expect(seen).to_be_in_viewport(ratio=1)
    expect(page.locator(".thread").get_by_text("line 11", exact=True)).to_be_in_viewport()
    composer(page).fill("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Pia Seventeen")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1"), "the page itself does not scroll"
    assert composer(page).evaluate("(box) => parseFloat(getComputedStyle(box).fontSize)") >= 16  # else iOS zooms in


@pytest.mark.parametrize("text", ["Sì, (123) שלום!", "שלום (123) OK?", "مرحبا: https://example.com/أهلا"])
def test_p21_what_is_written_in_either_direction_is_sent_letter_by_letter(inbox: PageHouse, text: str) -> None:
    conversation = inbox.says("In either direction", name=f"Pia {text[:4]}")
    page = inbox.signed_in("ann", f"/app/i/support/c/{conversation}")
    composer(page).press_sequentially(text)
    expect(composer(page)).to_have_value(text)
    expect(composer(page)).to_have_css("direction", "ltr" if text[0] == "S" else "rtl")
    composer(page).press("Enter")
    expect(page.get_by_role("article").filter(has_text=text)).to_be_visible()
    expect(page.locator(".message.pending")).to_have_count(0)
    items = inbox.client("ann").get(f"/conversations/{conversation}/messages").json()["items"]
    assert items[-1]["text"] == text


def test_p24_desk_and_phone_count_a_message_as_the_server_does(inbox: PageHouse) -> None:
    conversation = inbox.says("How long?", name="Pia Twentyfour")
    for text in ("x" * 450, "è" * 440 + "👩🏽‍💻", "€" * 499, "y" * 505):
        found = inbox.client("ann").post(f"/conversations/{conversation}/messages/preview", json={"text": text}).json()
        expected = f"{found['characters_left']} left" if found["can_send"]["allowed"] else found["can_send"]["text"]
        for options in ({}, PHONE):
            page = inbox.signed_in("ann", f"/app/i/support/c/{conversation}", **options)
            composer(page).fill(text)
            expect(page.locator(".composer-tools [role=status]")).to_have_text(expected)
            composer(page).fill("")
            page.context.close()


def held(session: CDPSession) -> Mapping[str, float]:
    """What the page holds once everything that nobody holds has gone."""
    session.send("HeapProfiler.enable")
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


def test_p27_a_day_of_opening_and_closing_leaves_nothing_behind(inbox: PageHouse) -> None:
    """Elements and listeners are counted, which no load of the machine changes; the heap grows by what was said."""
    number = [inbox.somebody() for _ in range(8)]
    for n in range(8):
        inbox.says(f"from {n}", number[n], name=f"Pia Day {n}")
    page = inbox.signed_in("ann")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def day() -> None:
        for n in range(8):
            row(page, f"Pia Day {n}").locator(".row-link").click()
            expect(page.get_by_role("heading", name=f"Pia Day {n}")).to_be_visible()
            expect(page.get_by_role("article").first).to_be_visible()
        page.keyboard.press("Control+k")
        expect(page.get_by_role("combobox")).to_be_focused()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()
        page.go_back()

    day()
    before = held(session)
    for _ in range(3):
        day()
    inbox.house.receive(*(inbox.house.says("again", number[n % 8]) for n in range(60)))
    inbox.wake()
    expect(row(page, "again").first).to_be_visible()
    day()
    after = held(session)
    for what in ("Nodes", "JSEventListeners", "Documents"):
        assert after[what] <= 1.5 * before[what] + 50, (what, before[what], after[what])
    assert after["JSHeapUsedSize"] < 1.5 * before["JSHeapUsedSize"]
