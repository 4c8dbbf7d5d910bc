"""What managers look after on the page: campaigns, settings of inboxes, what customers answered."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from casella.inbox import campaigns
from casella.inbox.commands import surveying
from casella.inbox.surveys import link_of
from casella.store.tables import campaign_recipients, conversations, surveys_sent
from tests.inbox.personal.test_read_marks import member
from tests.page.desk import CANNED, DESK, RULES, PageHouse, open_page_house, open_row, row
from tests.page.test_everybody import PHONE, nothing_spills
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MANAGED = (
    DESK.replace(
        "  csat: {question: how_was_it}\n",
        "  csat: {question: how_was_it}\n  thumbs: {question: good_or_bad, kind: thumbs}\n"
        "  words: {question: what_better, kind: text, by: link}\n",
    )
    .replace("support: {name: Support,", "support: {name: Support, hours: office,")
    .replace(
        "sales: {name: Sales, teams: [sellers], assignment_mode: true, features: [assign]}",
        "sales: {name: Sales, teams: [sellers], face: contact_center}",
    )
    + "hours:\n  office: {week: {monday-friday: 09:00-18:00}}\n"
)
TEXTS = CANNED + "  good_or_bad: {text: Good or bad?}\n  what_better: {text: What could be better?}\n"


@pytest.fixture(scope="module")
def module_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[PageHouse]:
    folder = tmp_path_factory.mktemp("managing")
    shutil.copy(sqlite_template, folder / "casella.db")
    with open_page_house(f"sqlite:///{folder / 'casella.db'}", folder, browser) as opened:
        opened.house.apply(desk=MANAGED, rules=RULES, canned=TEXTS)
        yield opened


def go_on(inbox: PageHouse) -> None:
    """What workers do: a campaign's next people are written to."""
    while campaigns.feed_some(inbox.house.rooms):
        pass
    inbox.deliver()


def begin(page: Page, name: str) -> Locator:
    """A new campaign's form, with a name and a text."""
    page.get_by_role("button", name="New campaign").first.click()
    page.get_by_label("Name, for your team").fill(name)
    page.get_by_label("Text", exact=True).fill("Hello ")
    page.get_by_role("button", name="First name").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Hello {{ contact.first_name | default('') }}")
    return page.locator(".campaign-form")


def figure(page: Page, label: str) -> Locator:
    return page.locator(".big-figure", has=page.get_by_text(label, exact=True)).locator("dd")


def sent_off(page: Page) -> None:
    page.get_by_role("button", name="Send …").click()
    page.get_by_role("dialog").get_by_role("button", name="Send now").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_s06_a_campaign_is_written_tried_sent_paused_and_ended(inbox: PageHouse) -> None:
    tag = {"tag": "vip"}
    for name in ("Vera Vip", "Vito Vip"):
        conversation = inbox.says("Hi", name=name)
        contact = inbox.house.one(conversations, id=conversation)["contact_id"]
        inbox.client("mara").post(f"/contacts/{contact}/tags", json=tag).raise_for_status()
    inbox.client("mara").post(f"/conversations/{conversation}/consent/opt-out", json={"reason": "Asked by phone"})
    page = inbox.signed_in("mara", "/app/campaigns")
    form = begin(page, "For the few")
    axe_finds_nothing(page, "a campaign's form")
    form.get_by_label("With one of the tags").select_option("vip")
    expect(form.get_by_role("list", name="With one of the tags: chosen")).to_contain_text("vip")
    form.get_by_role("radio", name="Service").click()
    form.get_by_label("Why it may").fill("They ordered it")
    form.get_by_role("switch", name="At any hour").check()
    form.get_by_label("How many a minute at most").fill("1")
    form.get_by_role("button", name="Save draft").click()
    expect(figure(page, "Get it")).to_have_text("1")  # the dry run: of two, one has opted out
    expect(figure(page, "Left out")).to_have_text("1")
    expect(page.get_by_role("table", name="Left out because")).to_contain_text("Has opted out")
    read = page.get_by_role("region", name="Who reads what")
    expect(read.get_by_role("listitem").filter(has_text="Vera Vip")).to_contain_text("Hello Vera")
    axe_finds_nothing(page, "a campaign's draft")
    sent_off(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".other > .bar")).to_contain_text("Paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".other > .bar")).not_to_contain_text("Paused")
    page.get_by_role("button", name="End it").click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(page.locator(".other > .bar")).to_contain_text("Ended")
    go_on(inbox)
    people = inbox.house.rows(campaign_recipients, campaign_id=page.url.rpartition("/")[2])
    assert not {one["state"] for one in people} & {"queued", "planned"}  # nobody was written to, nobody will be
    page.get_by_role("button", name="Back to the list").click()
    expect(page.get_by_role("link", name=re.compile("For the few"))).to_contain_text("Ended")


def test_s06_a_draft_is_changed_put_off_and_thrown_away_and_a_mistake_is_said(inbox: PageHouse) -> None:
    inbox.says("Hi", name="Dora Draft")
    page = inbox.signed_in("mara", "/app/campaigns/new")
    expect(page.get_by_label("Channel").locator("option")).to_have_text(
        ["Support · Main number", "Support · Second number"]  # S-06: a contact centre has none
    )
    page.get_by_label("Name, for your team").fill("Unready")
    page.get_by_label("Text", exact=True).fill("Hello {{ contact.shoe_size }}")
    page.get_by_role("searchbox", name="And these, named by hand").fill("Dora")
    page.get_by_role("button", name=re.compile("Dora Draft")).click()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("alert")).to_contain_text("contact.shoe_size")
    page.get_by_label("Text", exact=True).fill("Hello")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("table", name="Left out because")).to_contain_text("Has not agreed to marketing")
    page.get_by_role("button", name="Change").click()
    chosen = page.get_by_role("list", name="And these, named by hand: chosen")
    expect(chosen).to_contain_text("Dora Draft")
    page.get_by_label("Name, for your team").fill("Ready")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Ready")).to_be_visible()
    page.get_by_role("button", name="Send …").click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("radio", name="At a time").click()
    expect(asked.get_by_role("button", name="Schedule")).to_be_disabled()
    asked.get_by_label("Begins").fill("2001-01-01T09:00")
    asked.get_by_role("button", name="Schedule").click()
    expect(asked.get_by_role("alert")).to_contain_text("begins at a time to come")
    asked.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Throw away").click()
    page.get_by_role("dialog").get_by_role("button", name="Throw away").click()
    expect(page).to_have_url(re.compile("/app/campaigns$"))
    expect(page.get_by_role("link", name=re.compile("Ready"))).to_have_count(0)


def test_s19_who_answers_a_campaign_is_an_ordinary_conversation_and_in_its_report(inbox: PageHouse) -> None:
    number = inbox.somebody()
    conversation = inbox.says("Hi", number, name="Rita Reply")
    contact = inbox.house.one(conversations, id=conversation)["contact_id"]
    inbox.client("mara").post(f"/conversations/{conversation}/close").raise_for_status()
    wish = {
        "name": "Autumn", "channel": "main", "text": "The autumn sale begins.", "contact_ids": [contact],
        "purpose": "service", "reason": "They ordered it", "quiet_hours": None,
    }  # fmt: skip
    made = inbox.client("mara").post("/campaigns", json=wish).json()
    page = inbox.signed_in("mara", f"/app/campaigns/{made['id']}")
    sent_off(page)
    go_on(inbox)
    expect(figure(page, "Written to")).to_have_text("1")  # by the event stream
    inbox.says("Until when?", number)
    agent = inbox.signed_in("ann")
    expect(row(agent, "Until when?")).to_contain_text("Rita Reply")
    open_row(agent, "Until when?")
    expect(agent.get_by_role("log")).to_contain_text("Until when?")
    page.reload()
    expect(figure(page, "Answered")).to_have_text("1")
    people = page.get_by_role("region", name="Its people")
    expect(people.get_by_role("listitem")).to_contain_text("answered")
    with page.expect_download() as table:
        page.get_by_role("link", name="Everybody, as a table (CSV)").click()
    assert "Rita Reply" in Path(table.value.path()).read_text(encoding="utf-8")
    axe_finds_nothing(page, "a campaign's report")
    people.get_by_role("link", name="Rita Reply").click()
    expect(page.get_by_role("log")).to_contain_text("The autumn sale begins.")


def test_s08_settings_of_an_inbox_are_changed_named_and_put_back(inbox: PageHouse) -> None:
    page = inbox.signed_in("mara", "/app/inboxes/support")
    switches = page.get_by_role("region", name="Switches")
    changed = page.get_by_role("list", name="Changed by hand")
    expect(page.get_by_text("Everything is as the desk’s folder says.")).to_be_visible()
    switches.get_by_role("switch", name="Assigning").uncheck()
    expect(changed).to_contain_text(re.compile("Assigning.*by Mara Marini.*the desk says: on"))
    switches.get_by_label("When a closed conversation goes on").select_option("within")
    expect(changed).to_contain_text("the desk says: never")
    dates = page.get_by_role("region", name="Dates with other hours")
    dates.get_by_label("Date", exact=True).fill("2026-12-24")
    dates.get_by_label("Open from – to").fill("nine to five")
    dates.get_by_role("button", name="Add").click()
    expect(page.get_by_role("region", name="News")).to_contain_text("desk")  # the desk says what it does not take
    dates.get_by_label("Open from – to").fill("09:00-13:00")
    dates.get_by_role("button", name="Add").click()
    expect(dates.get_by_role("listitem")).to_contain_text("24 December 2026")
    canned = page.get_by_role("region", name="Canned messages")
    canned.get_by_role("button", name="Change greeting").click()
    canned.get_by_label("Text (en)").fill("Good day!")
    canned.get_by_role("button", name="Save").click()
    expect(canned).to_contain_text("Good day!")
    tags = page.get_by_role("region", name="Tags")
    tags.get_by_label("New tag").fill("spring")
    tags.get_by_role("button", name="Add").click()
    expect(tags).to_contain_text("spring")
    axe_finds_nothing(page, "settings of an inbox")
    page.reload()  # it is the server's
    expect(changed.get_by_role("listitem")).to_have_count(5)
    for left in reversed(range(5)):
        changed.get_by_role("button", name="Put back").first.click()
        expect(changed.get_by_role("listitem")).to_have_count(left)
    expect(switches.get_by_role("switch", name="Assigning")).to_be_checked()
    expect(canned).to_contain_text("Hello {{ contact.first_name")


def test_s46_a02_without_assignment_mode_nobody_assigns_and_everybody_keeps_what_he_has(inbox: PageHouse) -> None:
    bobs, mine = inbox.says("Bob’s", name="Basil Bob"), inbox.says("Nobody’s", name="Nils Nobody")
    inbox.house.assign(bobs, "bob")
    agent, manager = inbox.signed_in("ann", f"/app/i/support/c/{mine}"), inbox.signed_in("mara", "/app/inboxes/support")
    bar = agent.locator(".conversation-bar")
    expect(bar.get_by_role("button", name="Assign to me")).to_be_visible()
    support = next(one["id"] for one in inbox.client("ann").get("/inboxes").json() if one["key"] == "support")
    someone = inbox.house.agent("bob").id
    refused = inbox.client("ann").post(f"/conversations/{mine}/assign", json={"assignee": someone, "expected": None})
    assert refused.status_code == 403  # a team member gives nothing to somebody else
    try:
        manager.get_by_role("switch", name="Assigning").uncheck()
        expect(bar.get_by_role("button", name="Assign to me")).to_have_count(0)  # it is heard by the event stream
        expect(row(agent, "Basil Bob").locator(".mini")).to_have_text(re.compile("Bob Brown"))
        expect(row(agent, "Nils Nobody").get_by_role("button", name="Assign to me")).to_have_count(0)
        wish = {"assignee": inbox.house.agent("ann").id, "expected": None}
        assert inbox.client("ann").post(f"/conversations/{mine}/assign", json=wish).json()["code"] == "assignment_off"
        assert inbox.assignee(bobs) == "bob"
    finally:
        inbox.client("mara").delete(f"/inboxes/{support}/settings/assignment_mode").raise_for_status()
    expect(bar.get_by_role("button", name="Assign to me")).to_be_visible()


def ask(inbox: PageHouse, conversation: str, survey: str) -> str:
    """The survey's id, once it has been sent."""
    rooms = inbox.house.rooms
    with rooms.store.write() as db:
        surveying.send(db, rooms, member(inbox.house, "ann"), conversation, survey, rooms.clock.now())
    inbox.deliver()
    return str(inbox.house.one(surveys_sent, conversation_id=conversation, survey=survey)["id"])


def test_s53_surveys_of_every_kind_are_asked_answered_and_counted(inbox: PageHouse) -> None:
    number = inbox.somebody()
    conversation = inbox.says("Thank you", number, name="Sara Survey")
    page = inbox.signed_in("mara", f"/app/i/support/c/{conversation}")
    button = page.get_by_role("button", name="Send a survey")
    button.click()
    expect(page.get_by_role("menuitem", name=re.compile("What could be better"))).to_contain_text("by link")
    page.get_by_role("menuitem", name=re.compile("How was it")).click()
    expect(page.get_by_role("article").filter(has_text="How was it? 1 to 5")).to_be_visible()
    inbox.deliver()
    inbox.says("4", number)
    ask(inbox, conversation, "thumbs")
    inbox.says("👍", number)
    link = link_of(inbox.house.rooms, ask(inbox, conversation, "words"))
    customer = inbox.page()
    customer.goto(inbox.url + urlsplit(link).path)
    customer.get_by_role("textbox").fill("Shorter queues")
    customer.get_by_role("button").click()
    expect(customer.get_by_role("status")).to_contain_text("your answer has arrived")
    button.click()
    menu = page.get_by_role("menu", name="Send a survey")
    expect(menu.get_by_role("menuitem", name=re.compile("How was it"))).to_contain_text("4/5")
    expect(menu.get_by_role("menuitem", name=re.compile("Good or bad"))).to_contain_text("👍")
    expect(menu.get_by_role("menuitem", name=re.compile("What could"))).to_contain_text("answered")
    expect(page.locator(".survey-said")).to_have_text("“Shorter queues”")
    page.keyboard.press("Escape")
    page.get_by_role("navigation").get_by_role("link", name="Surveys").click()
    scale = page.get_by_role("region", name="How was it? 1 to 5")
    expect(scale.get_by_role("row", name=re.compile("^4"))).to_contain_text("1")
    expect(scale).to_contain_text("4.0 of 5")
    expect(page.get_by_role("region", name="Good or bad?")).to_contain_text("100%")
    newest = page.get_by_role("region", name="The newest answers")
    expect(newest.get_by_role("listitem").filter(has_text="Shorter queues")).to_contain_text("Sara Survey")
    axe_finds_nothing(page, "surveys")
    newest.get_by_role("link", name="Sara Survey").first.click()
    expect(page.get_by_role("log")).to_contain_text("Thank you")


def test_what_managers_look_after_in_italian_in_the_dark_on_a_phone(inbox: PageHouse) -> None:
    wish = {"name": "Saldi " + "lunghissimi " * 9, "channel": "main", "text": "Ciao", "filter": {"everyone": True}}
    made = inbox.client("mara").post("/campaigns", json=wish).json()
    page = inbox.signed_in("mara", "/app/me", **{**PHONE, "locale": "it-IT", "color_scheme": "dark"})
    links = page.get_by_role("navigation", name="Gestione")
    links.get_by_role("link", name="Campagne").tap()
    expect(page.get_by_role("link", name=re.compile("Saldi"))).to_contain_text("Bozza")
    nothing_spills(page, "campaigns")
    for path, shown in (
        (f"campaigns/{made['id']}", "Che cosa succederebbe"), ("campaigns/new", "Per chi"),
        ("inboxes/support", "Interruttori"), ("surveys", "Sondaggi"),
    ):  # fmt: skip
        page.goto(f"{inbox.url}/app/{path}")
        expect(page.get_by_role("heading", name=shown)).to_be_visible()
        page.set_viewport_size({"width": 320, "height": 640})
        nothing_spills(page, path)
        axe_finds_nothing(page, path)


def test_agents_have_no_campaigns_surveys_and_settings_of_inboxes(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann")
    rail = page.get_by_role("navigation", name="Channels")
    expect(rail.get_by_role("link", name="Settings")).to_be_visible()
    for name in ("Campaigns", "Surveys", "Inbox settings"):
        expect(rail.get_by_role("link", name=name)).to_have_count(0)
    page.goto(f"{inbox.url}/app/campaigns")  # by its address: the server's refusal is said
    expect(page.get_by_role("alert")).to_contain_text("ask a manager")
