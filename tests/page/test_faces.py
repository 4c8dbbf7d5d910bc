"""What an inbox's face and plan make of the page: a contact centre (S-71 to S-83), the Message Assistant (S-50 to
S-52), and a channel on which only the contact may begin (S-12)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from casella.plugin import Channel, Refusal, Registration
from casella.store.tables import messages
from tests.fakes import AcmeChannel, AcmeSettings
from tests.page.desk import CANNED, DESK, RULES, SHOP, PageHouse, composer, open_page_house, open_row, row
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOUT = "+15550007"
WAITS = "+15550010"
MINE = "+15550011"
FACES = DESK.replace(
    "sales: {name: Sales, teams: [sellers], assignment_mode: true, features: [assign]}",
    "sales: {name: Sales, teams: [sellers], assignment_mode: true, face: contact_center}",
).replace(
    "channels:\n",
    f'  shouter: {{type: shout, settings: {{secret: "${{ACME_SECRET}}"}}}}\nchannels:\n'
    f'  loud: {{connection: shouter, inbox: support, address: "{SHOUT}", name: Shout number}}\n'
    f'  waits: {{connection: unknown, inbox: support, address: "{WAITS}", name: New number}}\n'
    f'  cleos: {{connection: acme, owner: cleo, address: "{MINE}", name: Cleo’s mobile}}\n',
).replace(
    "connections:\n", 'connections:\n  unknown: {type: texts, settings: {secret: "${ACME_SECRET}"}}\n'
).replace(
    "links:\n",
    "links:\n  share:\n    label: Look together\n    kind: co_browse\n"
    '    url: "https://share.example.com/{{ conversation.id }}"\n',
) + "assistant: {order: [offline]}\n"  # fmt: skip


class Unregistered(AcmeChannel):
    """Its numbers are still to be registered with the carriers."""

    def refusal(self, channel: Channel[AcmeSettings], to: str) -> Refusal | None:
        return Refusal("number_not_registered", "This number is not registered to write to the United States.")

    def registration(self, channel: Channel[AcmeSettings]) -> Registration | None:
        return Registration("unregistered", "Not registered with the carriers.", blocks=True)


@pytest.fixture(scope="module")
def module_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[PageHouse]:
    folder = tmp_path_factory.mktemp("faces")
    shutil.copy(sqlite_template, folder / "casella.db")
    plugins = [AcmeChannel(), AcmeChannel("shout", business_may_start=False), Unregistered("texts")]
    with open_page_house(f"sqlite:///{folder / 'casella.db'}", folder, browser, plugins=plugins) as opened:
        opened.house.apply(desk=FACES, rules=RULES, canned=CANNED)
        yield opened


def menu(page: Page, button: str) -> list[str]:
    page.get_by_role("button", name=button).click()
    found = page.get_by_role("menuitemradio").or_(page.get_by_role("menuitem")).all_inner_texts()
    page.keyboard.press("Escape")
    return found


def test_s03_s71_s72_s73_s77_s78_s79_s80_s83_a_contact_centre_has_what_is_its_own(inbox: PageHouse) -> None:
    inbox.says("Do you sell cups?", to=SHOP, name="Cora Centre")
    page = inbox.signed_in("cleo")
    channels = page.get_by_role("region", name="Sales")
    expect(channels.get_by_role("link")).to_have_text([re.compile("All channels"), re.compile("Shop number")])
    expect(page.get_by_role("radiogroup", name="Whose").get_by_role("radio")).to_have_text(
        [re.compile("All"), re.compile("Me"), re.compile("Unassigned")]
    )
    expect(page.get_by_role("tab")).to_have_text([re.compile("Open"), re.compile("Snoozed"), re.compile("Closed")])
    shown = menu(page, "Filter")
    assert any("Unread" in one for one in shown)
    assert not any("Archived" in one for one in shown)
    page.get_by_role("button", name="New", exact=True).click()
    new = page.get_by_role("dialog")
    expect(new).to_be_visible()
    expect(new.get_by_role("radio", name="Conversation")).to_have_count(0)
    page.keyboard.press("Escape")
    open_row(page, "Cora Centre")
    for name in ("Canned message", "Send a survey", "Attach files"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect(page.get_by_role("button", name="Message Assistant")).to_have_count(0)
    axe_finds_nothing(page, "a contact centre")


def test_s01_from_a_number_that_is_not_registered_nothing_is_sent_and_it_is_said(inbox: PageHouse) -> None:
    page = inbox.signed_in("mara", "/app/desk")
    expect(page.get_by_role("row").filter(has_text="New number")).to_contain_text("Not registered with the carriers")
    page.get_by_role("button", name="New", exact=True).click()
    new = page.get_by_role("dialog")
    new.get_by_label("Channel").select_option(label="Support · New number")
    new.get_by_label("To", exact=True).fill("+12025550101")
    new.get_by_label("Message").fill("Your parcel is here")
    with page.expect_response("**/api/v1/conversations") as answered:
        new.get_by_role("button", name="Send", exact=True).click()
    assert answered.value.json()["code"] == "number_not_registered"
    expect(new.get_by_role("alert")).to_contain_text("not registered to write to the United States")


def test_s74_a_contact_centre_has_favourites_direct_chats_and_team_chats(inbox: PageHouse) -> None:
    inbox.says("Do you ship?", to=SHOP, name="Fay Favourite")
    page = inbox.signed_in("cleo")
    open_row(page, "Fay Favourite")
    page.get_by_role("button", name="Mark as favourite").click()
    expect(page.get_by_role("button", name="No favourite any more")).to_be_visible()
    chats = page.get_by_role("navigation").get_by_role("region", name="Chats")
    expect(chats.get_by_role("link")).to_have_text([re.compile("Direct chats"), re.compile("Team chats")])
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("region", name="Favourites")).to_contain_text("Fay Favourite")


def test_s75_in_a_contact_centre_answers_to_ones_own_number_go_there(inbox: PageHouse) -> None:
    number = inbox.somebody()
    page = inbox.signed_in("cleo")
    page.get_by_role("button", name="New", exact=True).click()
    new = page.get_by_role("dialog", name="New text message")
    new.get_by_label("To", exact=True).fill(number)
    new.get_by_label("Message").fill("Are you free?")
    new.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/app/p/c/"))
    inbox.deliver()
    inbox.says("At five", number, to=MINE)
    expect(page.get_by_role("article").last).to_contain_text("At five")
    page.get_by_role("region", name="Sales").get_by_role("link", name="All channels").click()
    expect(row(page, "At five")).to_have_count(0)


def test_s85_an_agent_looks_at_the_customers_screen_together_with_him(inbox: PageHouse) -> None:
    conversation = inbox.says("I cannot find the button", to=SHOP, name="Coby Browse")
    page = inbox.signed_in("cleo", f"/app/i/sales/c/{conversation}")
    share = page.locator(".side").get_by_role("link", name="Look together")
    expect(share).to_have_attribute("href", f"https://share.example.com/{conversation}")
    expect(share).to_have_attribute("target", "_blank")


def test_s81_s82_s86_in_a_contact_centre_one_takes_gives_back_closes_and_looks_back(inbox: PageHouse) -> None:
    conversation = inbox.says("Where are you?", to=SHOP, name="Carl Centre")
    page, manager = inbox.signed_in("cleo"), inbox.signed_in("mara", f"/app/i/sales/c/{conversation}")
    bar = manager.locator(".conversation-bar")
    expect(bar.get_by_role("button", name="Close")).to_be_visible()
    open_row(page, "Carl Centre")
    page.locator(".conversation-bar").get_by_role("button", name="Assign to me").click()
    expect(page.locator(".conversation-bar")).to_contain_text("Yours")
    expect(bar.get_by_role("button", name=re.compile("^Assign"))).to_have_count(0)  # nobody gives it to somebody there
    page.get_by_role("button", name="Yours").or_(page.get_by_title("Give it back")).first.click()
    expect(page.locator(".conversation-bar").get_by_role("button", name="Assign to me")).to_be_visible()
    page.locator(".conversation-bar").get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(page.get_by_role("complementary").get_by_role("heading", name="History")).to_be_visible()


def test_s12_a03_where_only_the_contact_may_begin_it_is_said_and_another_channel_is_offered(inbox: PageHouse) -> None:
    number = inbox.somebody()
    inbox.says("I have written by text before", number, name="Stella Start")
    page = inbox.signed_in("ann", "/app/i/support")
    page.get_by_role("button", name="New", exact=True).click()
    new = page.get_by_role("dialog")
    new.get_by_label("Channel").select_option(label="Support · Shout number")
    expect(new).to_contain_text("On Shout number only the contact may begin")
    new.get_by_label("To", exact=True).fill(number)
    new.get_by_label("Message").fill("Your parcel is here")
    new.get_by_role("button", name="Send", exact=True).click()
    new.get_by_role("alert").get_by_role("button", name=re.compile("instead")).click()
    expect(page.get_by_role("article").filter(has_text="Your parcel is here")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("Main number")


def test_s50_s51_s52_a09_the_assistant_reads_what_it_may_and_never_sends(inbox: PageHouse) -> None:
    conversation = inbox.says("My card is 4111 and that is secret", name="Asa Assist")
    inbox.says("When do you open?", inbox.address_of(conversation))
    agent = inbox.signed_in("ann")
    open_row(agent, "Asa Assist")
    agent.get_by_role("button", name="Message Assistant").click()
    assistant = agent.get_by_role("region", name="Message Assistant")
    expect(assistant).to_contain_text("A manager accepts its terms")
    expect(assistant.get_by_role("button", name=re.compile("terms"))).to_have_count(0)
    manager = inbox.signed_in("mara", f"/app/i/support/c/{conversation}")
    manager.get_by_role("button", name="Message Assistant").click()
    manager.get_by_role("button", name="Accept its terms").click()
    expect(manager.get_by_role("button", name="Propose")).to_be_visible()
    agent.get_by_role("button", name="Message Assistant").click()
    agent.get_by_role("button", name="Message Assistant").click()
    assistant.get_by_text("It may read 2 messages").click()
    assistant.get_by_role("checkbox", name=re.compile("4111")).uncheck()
    expect(assistant).to_contain_text("It may read 1 message")
    axe_finds_nothing(agent, "the assistant")
    with agent.expect_request("**/assistant/suggest") as asked:
        assistant.get_by_role("button", name="Propose").click()
    [secret] = [one["id"] for one in inbox.house.rows(messages, conversation_id=conversation) if "4111" in one["text"]]
    assert json.loads(asked.value.post_data or "")["exclude"] == [secret]
    expect(assistant.get_by_role("button", name="Use it").first).to_be_visible()
    assistant.get_by_role("radio", name="Write for me").click()
    assistant.get_by_label("What do you want to say?").fill("we open at nine")
    assistant.get_by_label("Tone").select_option(index=1)
    assistant.get_by_role("button", name="Propose").click()
    assistant.get_by_role("button", name="Use it").first.click()
    expect(composer(agent)).to_have_value(re.compile("we open at nine", re.IGNORECASE))
    assert not [one for one in inbox.house.rows(messages, conversation_id=conversation) if one["direction"] == "out"]
    expect(row(agent, "Asa Assist")).to_contain_text("draft")
