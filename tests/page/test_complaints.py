"""What users of other inboxes have complained of (the P-numbers), tried here."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from casella.store.tables import messages
from tests.house import until
from tests.page.desk import SECOND, PageHouse, composer, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_p03_shift_enter_breaks_the_line_and_a_setting_lets_only_control_enter_send(inbox: PageHouse) -> None:
    inbox.says("Two lines?", name="Pia Three")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Three")
    composer(page).press_sequentially("uno")
    composer(page).press("Shift+Enter")
    composer(page).press_sequentially("due")
    expect(composer(page)).to_have_value("uno\ndue")
    page.evaluate("localStorage.setItem('casella.enter', 'off')")
    page.reload()
    composer(page).press("End")
    composer(page).press("Enter")
    expect(page.get_by_role("article").filter(has_text="due")).to_have_count(0)
    composer(page).press("Control+Enter")
    expect(page.get_by_role("article").filter(has_text="due")).to_be_visible()


def test_p05_a_note_does_not_overwrite_the_reply_that_was_begun(inbox: PageHouse) -> None:
    inbox.says("Both at once", name="Pia Five")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Five")
    composer(page).fill("The reply")
    page.get_by_role("radio", name="Note").click()
    expect(composer(page)).to_have_value("")
    composer(page).fill("The note")
    composer(page).press("Enter")
    expect(page.get_by_role("article").filter(has_text="The note")).to_be_visible()
    page.get_by_role("radio", name="Reply").click()
    expect(composer(page)).to_have_value("The reply")


def test_p07_what_came_while_the_line_was_cut_is_there_once_and_in_order(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("first", number, name="Pia Seven")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Seven")
    page.context.set_offline(True)
    for text in ("second", "third", "fourth"):
        inbox.says(text, number)
    page.context.set_offline(False)
    said = page.locator(".message.theirs .bubble")
    expect(said).to_have_text(["first", "second", "third", "fourth"], timeout=20_000)


def test_p09_a_list_of_more_than_a_page_goes_on_to_its_end(inbox: PageHouse) -> None:
    for count in range(60):
        inbox.says(f"line {count}", to=SECOND)
    page = inbox.signed_in("ann", "/app/i/support/second")
    total = page.get_by_role("tab", name="Open").locator(".tab-count")
    grid = page.get_by_role("grid")
    grid.focus()
    for _ in range(60):
        grid.evaluate("box => { box.scrollTop = box.scrollHeight; }")
        if grid.get_attribute("aria-rowcount") == total.inner_text():
            break
        page.wait_for_timeout(50)
    expect(grid).to_have_attribute("aria-rowcount", total.inner_text())
    oldest = page.locator(f'.row[aria-rowindex="{total.inner_text()}"]')
    grid.evaluate("box => { box.scrollTop = box.scrollHeight; }")
    expect(oldest).to_be_visible()


def test_p10_filters_and_order_of_each_inbox_are_remembered_and_stay_apart(inbox: PageHouse) -> None:
    inbox.says("Sorted", name="Pia Ten")
    page = inbox.signed_in("mara", "/app/i/support")
    page.get_by_role("button", name=re.compile("^Sort")).click()
    page.get_by_role("menuitemradio", name="Oldest messages").click()
    page.get_by_role("radio", name=re.compile("^Unassigned")).click()
    page.goto(f"{inbox.url}/app/")
    expect(page.get_by_role("button", name="Sort: Oldest messages")).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("^Unassigned"))).to_be_checked()
    page.goto(f"{inbox.url}/app/i/sales")
    expect(page.get_by_role("button", name="Sort: Recent messages")).to_be_visible()


def first_in_view(page: Page) -> tuple[str, float]:
    found = page.evaluate("""() => {
      const box = document.querySelector(".thread"), top = box.getBoundingClientRect().top;
      const one = [...document.querySelectorAll(".message")].find((it) => it.getBoundingClientRect().bottom > top + 40);
      return [one.id, one.getBoundingClientRect().top];
    }""")
    return str(found[0]), float(found[1])


def test_p11_p12_a_long_conversation_does_not_jump_when_older_or_newer_messages_come(inbox: PageHouse) -> None:
    number = inbox.somebody()
    for count in range(130):
        inbox.says(
            f"message {count} " + "word " * (count % 30), number, **({"name": "Pia Eleven"} if not count else {})
        )
    page = inbox.signed_in("ann")
    open_row(page, "Pia Eleven")
    thread = page.locator(".thread")
    expect(page.locator(".thread").get_by_text(re.compile("^message 129"))).to_be_visible()
    assert page.locator(".message").count() <= 60  # no more is laid out than is near
    expect(page.locator(".message.late").first).to_be_attached()  # above, a moment later, by a layout that can wait
    assert page.locator(".message:not(.late)").count() <= 20
    count = page.locator(".message").count()
    thread.evaluate("box => { box.scrollTop = 300; }")
    known, before = first_in_view(page)
    until(lambda: page.locator(".message").count() > count)
    page.wait_for_timeout(200)
    after = page.locator(f"#{known}").bounding_box()
    assert after
    assert abs(before - after["y"]) < 2
    where = first_in_view(page)
    inbox.says("a new one below", number)
    expect(row(page, "a new one below")).to_be_visible()
    page.wait_for_timeout(100)
    now = first_in_view(page)
    assert now[0] == where[0]
    assert abs(now[1] - where[1]) < 2


def test_p13_what_is_marked_unread_stays_unread_until_it_is_opened_again(inbox: PageHouse) -> None:
    inbox.says("Look at me later", name="Pia Thirteen")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Thirteen")
    expect(row(page, "Pia Thirteen").locator(".count")).to_have_count(0)
    with page.expect_response("**/unread"):  # it is sent when the mark of having read it has arrived
        page.keyboard.press("u")
    expect(row(page, "Pia Thirteen").locator(".count")).to_have_text(re.compile("^1"))
    page.keyboard.press("Escape")
    page.goto(f"{inbox.url}/app/i/support?show=unread")
    expect(row(page, "Pia Thirteen").locator(".count")).to_have_text(re.compile("^1"))


def test_p14_a_message_that_waits_stands_in_the_title(inbox: PageHouse) -> None:
    page = inbox.signed_in("bob", "/app/me")
    before = int(re.sub(r"\D", "", page.title()) or 0)
    inbox.says("Nobody looks", name="Pia Fourteen")
    expect(page).to_have_title(f"({before + 1}) Casella")


def test_p16_two_who_are_about_to_answer_see_each_other(inbox: PageHouse) -> None:
    inbox.says("Who answers?", name="Pia Sixteen")
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    open_row(ann, "Pia Sixteen")
    open_row(bob, "Pia Sixteen")
    composer(bob).press_sequentially("I will")
    expect(ann.get_by_text(re.compile("Bob Brown (is writing|writes)"))).to_be_visible()


def test_p19_an_upload_that_fails_is_said_and_tried_again_with_its_file(inbox: PageHouse) -> None:
    inbox.says("Send it", name="Pia Nineteen")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Nineteen")
    page.route("**/api/v1/attachments", lambda route: route.abort())
    page.get_by_label("Attach files").set_input_files(
        {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 bill"}
    )
    files = page.get_by_role("list", name="Attached files")
    expect(files.get_by_role("button", name=re.compile("again", re.IGNORECASE))).to_be_visible()
    page.unroute("**/api/v1/attachments")
    files.get_by_role("button", name=re.compile("again", re.IGNORECASE)).click()
    expect(files.get_by_role("button", name=re.compile("again", re.IGNORECASE))).to_have_count(0)
    expect(files).to_contain_text("bill.pdf")


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_p20_the_hour_is_the_reader_s_own(inbox: PageHouse, zone: str) -> None:
    inbox.says("What time is it?", name="Pia Twenty")
    page = inbox.signed_in("ann", timezone_id=zone)
    row(page, "Pia Twenty").first.locator(".row-link").click()
    when = page.locator(".message time").last
    moment = when.get_attribute("datetime")
    wanted = page.evaluate(
        "([at, timeZone]) => new Date(at).toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit', timeZone})",
        [moment, zone],
    )
    expect(when).to_have_text(wanted)
    when.hover()
    expect(when).to_have_attribute("title", re.compile("UTC$"))


def test_p22_one_voice_tells_what_is_new_and_nothing_that_was_there(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("Said before", number, name="Pia Twentytwo")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Twentytwo")
    voice = page.locator("[aria-live=polite]")
    expect(voice).not_to_contain_text("Said before")
    inbox.says("Said just now", number)
    expect(voice).to_have_text("Pia Twentytwo: Said just now")
    assert page.get_by_role("log").get_attribute("aria-live") == "off"


def test_p25_many_events_make_few_requests(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("The beginning", number, name="Pia Twentyfive")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Twentyfive")
    heard: list[str] = []

    def hear(request: Request) -> None:
        if "/api/" in request.url:
            heard.append(request.url)

    page.on("request", hear)
    for count in range(40):
        inbox.says(f"storm {count}", number)
    expect(page.locator(".thread").get_by_text("storm 39", exact=True)).to_be_visible()
    assert len(heard) <= 12, heard


def test_p26_an_old_page_whose_files_are_gone_says_so_and_keeps_the_draft(inbox: PageHouse) -> None:
    inbox.says("Update!", name="Pia Twentysix")
    page = inbox.signed_in("ann")
    page.route("**/app/assets/chunk-all-*", lambda route: route.fulfill(status=404))
    page.reload()
    open_row(page, "Pia Twentysix")
    composer(page).fill("Half a sentence")
    page.get_by_role("button", name="Emoji", exact=True).click()
    news = page.get_by_role("region", name="News")
    expect(news.get_by_role("button", name="Reload")).to_be_visible()
    page.unroute("**/app/assets/chunk-all-*")
    news.get_by_role("button", name="Reload").click()
    expect(composer(page)).to_have_value("Half a sentence")
    assert inbox.house.rows(messages, text="Half a sentence") == []


def test_p12_of_what_a_day_has_brought_nothing_is_left_out_when_one_goes_back_in_it(inbox: PageHouse) -> None:
    """The page holds two hundred messages of a conversation; what it has dropped comes back in its place."""
    number = inbox.somebody()

    def receive(first: int, last: int) -> None:
        inbox.house.receive(*(inbox.house.says(f"line {n:03}", number) for n in range(first, last)))
        inbox.wake()

    inbox.says("line 000", number, name="Dora Day")
    receive(1, 60)
    page = inbox.signed_in("ann")
    open_row(page, "Dora Day")
    expect(page.get_by_role("article").filter(has_text="line 059")).to_be_in_viewport()
    receive(60, 270)
    expect(page.get_by_role("article").filter(has_text="line 269")).to_be_in_viewport()
    thread = page.get_by_role("log")
    for _ in range(20):
        thread.evaluate("(box) => { box.scrollTop = 0; }")
        if page.get_by_role("article").filter(has_text="line 000").count():
            break
        page.wait_for_timeout(100)
    lines = thread.locator(".bubble").all_text_contents()
    assert lines == [f"line {n:03}" for n in range(270)]
