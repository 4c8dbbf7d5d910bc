"""A conversation: reading, answering, noting, and what is done to it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from casella.plugin import DeliveryProblem
from casella.store.tables import conversations, messages
from tests.house import until
from tests.page.desk import SHOP, PageHouse, composer, open_row, row

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def bubble(page: Page, text: str) -> object:
    return page.get_by_role("article").filter(has_text=text)


def answer(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def test_s02_s99_an_answer_is_shown_at_once_and_tells_how_it_fares(inbox: PageHouse) -> None:
    conversation = inbox.says("Is it ready?", name="Adam Asks")
    page = inbox.signed_in("ann")
    open_row(page, "Adam Asks")
    answer(page, "Yes, it is ready.")
    mine = page.get_by_role("article").filter(has_text="Yes, it is ready.")
    expect(mine).to_have_count(1)
    expect(composer(page)).to_have_value("")
    expect(mine).to_contain_text("Waiting to leave")
    inbox.deliver()
    expect(mine).to_contain_text(re.compile("Sent|Delivered"))
    sent = inbox.house.rows(messages, conversation_id=conversation, direction="out")
    assert [one["text"] for one in sent] == ["Yes, it is ready."]


def test_p02_two_presses_of_enter_and_a_cut_line_make_one_message(inbox: PageHouse) -> None:
    conversation = inbox.says("Write me once", name="Olga Once")
    page = inbox.signed_in("ann")
    open_row(page, "Olga Once")
    page.context.set_offline(True)
    composer(page).fill("Written in a tunnel")
    composer(page).press("Enter")
    composer(page).press("Enter")
    waiting = page.get_by_role("article").filter(has_text="Written in a tunnel")
    expect(waiting).to_have_count(1)
    page.context.set_offline(False)
    until(lambda: len(inbox.house.rows(messages, conversation_id=conversation, direction="out")) == 1, "the message")
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Waiting to leave")


def test_p05_a_draft_stays_with_its_conversation_and_its_kind_also_after_a_reload(inbox: PageHouse) -> None:
    inbox.says("First draft", name="Fay First")
    inbox.says("Second draft", name="Sue Second")
    page = inbox.signed_in("ann")
    open_row(page, "Fay First")
    composer(page).fill("Dear Fay,")
    page.get_by_role("radio", name="Note").click()
    expect(composer(page)).to_have_value("")
    composer(page).fill("Fay is new")
    open_row(page, "Sue Second")
    expect(composer(page)).to_have_value("")
    expect(row(page, "Fay First")).to_contain_text("draft")
    page.wait_for_timeout(400)  # it is kept a fifth of a second after the last key
    page.reload()
    open_row(page, "Fay First")
    expect(composer(page)).to_have_value("Dear Fay,")
    page.get_by_role("radio", name="Note").click()
    expect(composer(page)).to_have_value("Fay is new")


def test_p01_enter_that_confirms_a_word_of_an_input_method_sends_nothing(inbox: PageHouse) -> None:
    inbox.says("こんにちは", name="Ken Kanji")
    page = inbox.signed_in("ann")
    open_row(page, "Ken Kanji")
    composer(page).fill("にほん")
    composer(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    composer(page).dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    expect(composer(page)).to_have_value("にほん")


def test_notes_are_for_colleagues_and_name_them(inbox: PageHouse) -> None:
    inbox.says("Look at this", name="Nina Note")
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    open_row(ann, "Nina Note")
    ann.get_by_role("radio", name="Note").click()
    composer(ann).press_sequentially("Please look @")
    ann.get_by_role("option", name="Bob Brown").click()
    expect(composer(ann)).to_have_value("Please look @Bob Brown ")
    composer(ann).press("Enter")
    expect(ann.locator(".message.note")).to_contain_text("Please look @Bob Brown")
    expect(bob.get_by_role("region", name="News")).to_contain_text("Ann Abbott named you")
    bob.get_by_role("link", name=re.compile("Notices")).click()
    bob.get_by_role("link", name=re.compile("Ann Abbott named you")).click()
    expect(bob.locator(".message.note.found")).to_contain_text("Please look")


def test_s47_s48_a_team_member_takes_it_a_manager_gives_it_to_anybody(inbox: PageHouse) -> None:
    conversation = inbox.says("Give me away", name="Gil Given")
    ann, mara = inbox.signed_in("ann"), inbox.signed_in("mara")
    open_row(ann, "Gil Given")
    ann.locator(".conversation-bar").get_by_role("button", name="Assign to me").click()
    expect(ann.locator(".conversation-bar")).to_contain_text("Yours")
    open_row(mara, "Gil Given")
    mara.get_by_role("button", name="Assigned to Ann Abbott").click()
    mara.get_by_role("option", name="Bob Brown").click()
    expect(mara.get_by_role("button", name="Assigned to Bob Brown")).to_be_visible()
    until(lambda: inbox.assignee(conversation) == "bob")
    expect(ann.get_by_role("region", name="News")).to_contain_text("Mara Marini took over")


def test_s49_s59_closing_snoozing_and_tagging(inbox: PageHouse) -> None:
    conversation = inbox.says("Do things to me", name="Dora Done")
    page = inbox.signed_in("ann")
    open_row(page, "Dora Done")
    page.locator(".side").get_by_role("button", name="Add or remove tags").click()
    page.get_by_role("option", name="vip").click()
    expect(page.locator(".side .pills").first).to_contain_text("vip")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Snooze").click()
    page.get_by_role("option").first.click()
    until(lambda: inbox.house.one(conversations, id=conversation)["status"] == "snoozed")
    page.get_by_role("button", name="Bring back").click()
    page.locator(".conversation-bar").get_by_role("button", name="Close").click()
    expect(page.locator(".thread")).to_contain_text("closed it")
    until(lambda: inbox.house.one(conversations, id=conversation)["status"] == "closed")


def test_s54_s55_s56_canned_messages_fill_the_box_by_list_and_by_phrase(inbox: PageHouse) -> None:
    inbox.says("Hi", name="Carl Canned")
    page = inbox.signed_in("ann")
    open_row(page, "Carl Canned")
    composer(page).press("/")
    page.get_by_role("combobox", name="Find a canned message").press_sequentially("order")
    page.keyboard.press("Enter")
    expect(composer(page)).to_have_value("Could you send us your order number?")
    composer(page).fill("hello")
    expect(page.get_by_text("fills in the message")).to_be_visible()
    composer(page).press("Tab")
    expect(composer(page)).to_have_value(re.compile("^Hello (Carl|there)!$"))


def test_who_chooses_before_the_list_is_there_gets_what_he_typed(inbox: PageHouse) -> None:
    inbox.says("Hi", name="Quinn Quick")
    page = inbox.signed_in("ann")
    held: list[Route] = []
    opened: list[bool] = []
    page.route(re.compile(r"/canned"), lambda route: route.continue_() if opened else held.append(route))
    open_row(page, "Quinn Quick")
    composer(page).press("/")
    find = page.get_by_role("combobox", name="Find a canned message")
    find.press_sequentially("order")
    find.press("Enter")
    until(lambda: held)
    opened.append(True)
    for one in held:
        one.continue_()
    expect(composer(page)).to_have_value("Could you send us your order number?")


def test_s53_a_survey_is_sent_from_the_conversation(inbox: PageHouse) -> None:
    inbox.says("Thanks for your help", name="Susi Survey")
    page = inbox.signed_in("ann")
    open_row(page, "Susi Survey")
    page.get_by_role("button", name="Send a survey").click()
    page.get_by_role("menuitem", name=re.compile("How was it")).click()
    expect(page.get_by_role("article").filter(has_text="How was it? 1 to 5")).to_be_visible()


def test_s09_what_is_not_in_the_plan_is_absent(inbox: PageHouse) -> None:
    inbox.says("Do you sell cups?", to=SHOP)
    page = inbox.signed_in("cleo")
    open_row(page, "Do you sell cups?")
    expect(page.get_by_role("button", name="Emoji")).to_be_visible()
    for name in ("Send a survey", "Canned message", "Message Assistant"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_s57_s58_files_and_emoji(inbox: PageHouse) -> None:
    inbox.says("Send me a picture", name="Pia Picture")
    page = inbox.signed_in("ann")
    open_row(page, "Pia Picture")
    from tests.simulator.test_page import png  # the smallest real picture there is

    page.get_by_label("Attach files").set_input_files({"name": "cup.png", "mimeType": "image/png", "buffer": png()})
    expect(page.get_by_role("list", name="Attached files")).to_contain_text("cup.png")
    page.get_by_role("button", name="Emoji").click()
    page.get_by_role("searchbox", name="Find an emoji").fill("party")
    page.get_by_role("button", name="party popper").click()
    expect(composer(page)).to_have_value("🎉")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.get_by_role("article").filter(has_text="🎉")
    expect(sent.get_by_role("link", name="Open cup.png")).to_be_visible()


def test_s64_s67_a07_opting_out_refuses_with_a_reason_and_back(inbox: PageHouse) -> None:
    inbox.says("Leave me alone", name="Lea Left")
    page = inbox.signed_in("ann")
    open_row(page, "Lea Left")
    page.get_by_role("button", name="Opt out").click()
    expect(row(page, "Lea Left")).to_contain_text("opted out")
    expect(page.locator(".blocked")).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Opt in").click()
    expect(page.locator(".blocked")).to_have_count(0)


def test_s61_s62_s68_s69_the_side_panel_has_the_contact_and_his_history(inbox: PageHouse) -> None:
    number = inbox.somebody()
    first = inbox.says("The first time", number, name="Hal History")
    inbox.house.close_conversation(first)
    inbox.says("The second time", number, to="+15550002")
    page = inbox.signed_in("ann")
    open_row(page, "The second time")
    side = page.get_by_role("complementary", name="About the contact")
    expect(side).to_contain_text("Hal History")
    side.get_by_role("link", name=re.compile("The first time")).click()
    expect(page.locator(".thread")).to_contain_text("The first time")
    page.keyboard.press("i")
    expect(side).to_be_hidden()


def test_s69_the_side_panel_is_there_for_a_conversation_that_no_list_on_the_page_holds(inbox: PageHouse) -> None:
    number = inbox.somebody()
    closed = inbox.says("It is over", number, name="Lena Link")
    inbox.house.close_conversation(closed)
    page = inbox.signed_in("ann", f"/app/i/support/c/{closed}")  # as a link from a colleague leads there
    expect(page.locator(".thread")).to_contain_text("It is over")
    expect(page.get_by_role("complementary", name="About the contact")).to_contain_text("Lena Link")


def test_what_the_side_panel_cannot_load_is_said_and_tried_again(inbox: PageHouse) -> None:
    inbox.says("Who am I", name="Nora Nowhere")
    page = inbox.signed_in("ann")
    page.route("**/api/v1/contacts/*", lambda route: route.abort())
    open_row(page, "Nora Nowhere")
    side = page.get_by_role("complementary", name="About the contact")
    expect(side.get_by_role("status")).to_contain_text("could not be loaded")
    expect(side).to_contain_text("Nora Nowhere")
    page.unroute("**/api/v1/contacts/*")
    side.get_by_role("button", name="Try again").click()
    expect(side).to_contain_text("Contact since")
    expect(side.get_by_role("status")).to_have_count(0)


def test_a_failed_message_says_why_and_can_be_sent_again(inbox: PageHouse) -> None:
    conversation = inbox.says("It will fail", name="Flo Fail")
    page = inbox.signed_in("ann")
    open_row(page, "Flo Fail")
    answer(page, "Never arrives")
    mine = page.get_by_role("article").filter(has_text="Never arrives")
    expect(mine).to_contain_text("Waiting to leave")
    inbox.deliver()
    [sent] = inbox.house.rows(messages, conversation_id=conversation, direction="out")
    [contact] = {one["contact_id"] for one in inbox.house.rows(conversations, id=conversation)}
    assert contact
    problem = DeliveryProblem(code="blocked", text="The phone is switched off.", retryable=True)
    number = inbox.address_of(conversation)
    event = inbox.house.receipt(sent["external_id"], "failed", contact_address=number, problem=problem.model_dump())
    inbox.house.receive(event)
    inbox.wake()
    expect(mine.first).to_contain_text("Not sent")
    mine.first.get_by_role("button", name="Send again").click()
    expect(mine).to_have_count(2)


def test_managers_see_why(inbox: PageHouse) -> None:
    inbox.says("I want a refund", name="Will Why")
    page = inbox.signed_in("mara")
    open_row(page, "Will Why")
    why = page.locator("#why")
    why.get_by_text("Refunds are tagged").first.click()
    expect(why.locator(".why-list")).to_contain_text("Refunds are tagged")
    page.get_by_role("link", name="Desk and rules").click()
    expect(page.get_by_role("table").first).to_contain_text("Refunds are tagged")


def test_managers_are_told_why_in_their_language(inbox: PageHouse) -> None:
    conversation = inbox.says("Dov’è il pacco?", name="Piero Perché")
    page = inbox.signed_in("mara", f"/app/i/support/c/{conversation}", locale="it-IT")
    why = page.locator("#why")
    why.locator("summary").first.click()
    expect(why.locator(".why-list")).to_contain_text(re.compile("contains_word 'refund': no, è 'Dov’è il pacco"))


def test_hostile_words_names_and_links_are_text(inbox: PageHouse) -> None:
    inbox.says("<img src=x onerror=alert(1)> javascript:alert(1) https://example.com/a", name="<b>Eve</b> \u202eevil")
    page = inbox.signed_in("ann")
    open_row(page, "<b>Eve</b>")
    thread = page.locator(".thread")
    expect(thread).to_contain_text("<img src=x onerror=alert(1)>")
    expect(thread.get_by_role("link")).to_have_count(1)
    expect(thread.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator(".thread b, .thread img")).to_have_count(0)
