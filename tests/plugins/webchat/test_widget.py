"""The widget in a real browser, on a page of another origin under a strict content security policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, FilePayload, Locator, Page, expect
from pydantic import SecretStr

from casella_simulator import Simulator, SimulatorConfig, Website
from tests import loopback
from tests.house import until
from tests.plugins.webchat.shop import Shop, Visitor, open_shop
from tests.plugins.webchat.test_conformance import IDENTITY_SECRET
from tests.simulator.test_page import png

pytestmark = pytest.mark.browser
WIDGETS = ("shop", "blog")


class Site:
    """The website and the shop behind its widget."""

    def __init__(self, shop: Shop, url: str) -> None:
        self.shop, self.url = shop, url

    def visit(self, page: Page, widget: str = "shop", query: str = "") -> Locator:
        """Opens the page. Whatever the browser complains of fails the test."""
        page.on("pageerror", lambda error: pytest.fail(f"the widget failed: {error}"))
        page.on("console", _no_policy_broken)
        page.goto(f"{self.url}/webchat/{widget}{query}")
        return page.locator("casella-webchat")

    def open(self, page: Page, widget: str = "shop", query: str = "") -> Locator:
        chat = self.visit(page, widget, query)
        chat.get_by_role("button", name=re.compile("Open chat|Apri la chat")).click()
        return chat


def _no_policy_broken(message: ConsoleMessage) -> None:
    if "Content Security Policy" in message.text or "Trusted" in message.text:
        pytest.fail(message.text)


@pytest.fixture(scope="module")
def website(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("website")
    (folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{folder / 'casella.db'}"
    with Simulator(SimulatorConfig()) as simulator, open_shop(folder, url, origins=(simulator.url,)) as shop:
        for widget in WIDGETS:
            script = f"{shop.url}/channels/webchat/widget.js"
            simulator.embed(Website(script=script, widget=widget, identity_secret=SecretStr(IDENTITY_SECRET)))
        yield Site(shop, simulator.url)


def write(chat: Locator, text: str) -> None:
    chat.get_by_role("textbox", name=re.compile("Your message|Il tuo messaggio")).fill(text)
    chat.get_by_role("button", name=re.compile("Send|Invia")).click()


def lines(chat: Locator) -> Locator:
    return chat.get_by_role("listitem")


def axe_finds_nothing(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


def test_a_visitor_writes_an_agent_answers_and_both_survive_reload_restart_and_lost_connection(
    page: Page, website: Site
) -> None:
    shop = website.shop
    chat = website.open(page)
    expect(chat.get_by_role("dialog")).to_have_accessible_name("Ask the shop")
    expect(chat.get_by_role("textbox")).to_be_focused()
    write(chat, "Is the red one in stock?")
    expect(lines(chat).nth(1)).to_contain_text("Hello there!")  # the rule
    conversation = shop.conversation_with("Is the red one in stock?")
    shop.answer(conversation, "Yes! See https://shop.example/red <b>now</b>")
    answer = lines(chat).filter(has_text="Yes!")
    expect(answer).to_contain_text("Ann ·")
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://shop.example/red")
    expect(answer).to_contain_text("<b>now</b>")
    until(lambda: shop.messages(conversation)[-1]["state"] == "read")
    axe_finds_nothing(page)

    page.reload()  # it stays open, and remembers
    expect(lines(chat)).to_have_count(3)

    page.context.set_offline(True)
    write(chat, "Written in a tunnel")
    expect(lines(chat).filter(has_text="tunnel")).to_contain_text("Will be sent when you are back online")
    page.context.set_offline(False)
    until(lambda: [m["text"] for m in shop.messages(conversation)].count("Written in a tunnel") == 1)
    expect(lines(chat).filter(has_text="tunnel")).to_have_count(1)

    shop.stop()
    expect(chat.get_by_role("status").first).to_contain_text("No connection")
    write(chat, "While you were away")
    shop.start()
    shop.answer(shop.conversation_with("While you were away"), "We are back")
    expect(lines(chat).filter(has_text="We are back")).to_have_count(1)
    said = [message["text"] for message in shop.messages(conversation)]
    assert said.count("While you were away") == 1
    expect(lines(chat)).to_have_count(len(said))


def test_it_is_used_by_keyboard_alone_and_says_what_is_unread(page: Page, website: Site) -> None:
    chat = website.visit(page)
    launcher = chat.get_by_role("button", name="Open chat")
    expect(launcher).to_be_visible()
    launcher.focus()
    page.keyboard.press("Enter")
    expect(chat.get_by_role("textbox")).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("in two lines")
    page.keyboard.press("Enter")
    expect(lines(chat).nth(1)).to_contain_text("Hello there!")
    page.keyboard.press("Escape")
    expect(chat.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()
    conversation = website.shop.conversation_with("By keyboard\nin two lines")
    website.shop.answer(conversation, "Found it")
    expect(chat.get_by_role("button", name="Open chat, 1 unread message")).to_be_visible()
    axe_finds_nothing(page)
    page.keyboard.press("Enter")
    expect(lines(chat).filter(has_text="Found it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.get_by_role("button", name="Open chat", exact=True)).to_be_visible()


def test_a_message_is_quoted_with_the_mouse_and_by_keyboard_alone(page: Page, website: Site) -> None:
    shop = website.shop
    chat = website.open(page)
    write(chat, "Two questions")
    expect(lines(chat).nth(1)).to_contain_text("Hello there!")
    conversation = shop.conversation_with("Two questions")
    answer = shop.answer(conversation, "Which one first?")
    theirs = lines(chat).filter(has_text="Which one first?").first
    theirs.hover()
    theirs.get_by_role("button", name="Reply to Ann: Which one first?").click()
    field = chat.get_by_role("textbox")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description("Reply to Ann: Which one first?")
    axe_finds_nothing(page)
    page.keyboard.type("The second one")
    page.keyboard.press("Enter")
    mine = lines(chat).filter(has_text="The second one").first
    quote = mine.get_by_role("button", name="In reply to Ann: Which one first?")
    expect(quote).to_be_visible()
    until(lambda: shop.messages(conversation)[-1]["text"] == "The second one")
    said = shop.messages(conversation)
    assert said[-1]["reply_to"] == answer
    assert field.get_attribute("aria-describedby") is None

    quote.focus()  # by keyboard: to the message it answers, and from there back to the field with a quote
    page.keyboard.press("Enter")
    expect(theirs).to_be_focused()
    page.keyboard.press("Tab")
    expect(theirs.get_by_role("button", name=re.compile("^Reply to Ann"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.get_by_role("dialog")).to_be_visible()  # it took back the quote
    expect(chat.get_by_role("button", name="Do not quote")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(chat.get_by_role("dialog")).to_be_hidden()

    shop.answer(conversation, "The agent quotes", reply_to=said[-1]["id"])
    chat.get_by_role("button", name=re.compile("^Open chat")).click()
    agents = lines(chat).filter(has_text="The agent quotes")
    expect(agents.get_by_role("button", name="In reply to You: The second one")).to_be_visible()
    page.reload()
    expect(mine.get_by_role("button", name="In reply to Ann: Which one first?")).to_be_visible()


def test_the_page_sets_its_look_and_who_wants_no_motion_sees_none(page: Page, website: Site) -> None:
    page.emulate_media(reduced_motion="no-preference", color_scheme="light")
    chat = website.open(page)
    panel, launcher = chat.locator(".panel"), chat.locator(".launcher")

    def style(part: Locator, name: str) -> str:
        return str(part.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name))

    assert style(panel, "animation-name") == "rise"
    assert style(panel, "background-color") == "rgb(255, 255, 255)"
    chat.evaluate(
        "(chat, theme) => Object.entries(theme).forEach(([name, value]) => chat.style.setProperty(name, value))",
        {
            "--casella-accent": "rgb(120, 10, 80)",
            "--casella-on-accent": "rgb(250, 240, 245)",
            "--casella-surface": "rgb(255, 250, 240)",
            "--casella-text": "rgb(20, 20, 60)",
            "--casella-radius": "3px",
            "--casella-inset": "40px",
            "--casella-z": "77",
            "--casella-font": "monospace",
        },
    )
    assert style(launcher, "background-color") == "rgb(120, 10, 80)"
    assert style(launcher, "color") == "rgb(250, 240, 245)"
    assert style(panel, "background-color") == "rgb(255, 250, 240)"
    assert style(panel, "color") == "rgb(20, 20, 60)"
    assert style(panel, "border-top-left-radius") == "3px"
    assert style(panel, "font-family") == "monospace"
    assert (style(chat, "z-index"), style(chat, "right")) == ("77", "40px")
    axe_finds_nothing(page)
    page.emulate_media(reduced_motion="reduce")
    assert style(panel, "animation-name") == "none"
    assert style(launcher, "transition-duration") in ("0s", "")
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert style(panel, "background-color") == "rgb(28, 31, 36)"
    axe_finds_nothing(page)


def test_who_lets_his_browser_forget_leaves_nothing_that_counts(page: Page, website: Site) -> None:
    chat = website.open(page)
    write(chat, "Forget me")
    expect(lines(chat).nth(1)).to_contain_text("Hello there!")
    shelf = "() => JSON.parse(Object.values(localStorage)[0]).resume"
    stolen = page.evaluate(shelf)
    assert stolen
    with page.expect_response(lambda response: response.url.endswith("/session/end")) as ended:
        chat.evaluate("chat => chat.forget()")
    assert ended.value.status == 204
    thief = Visitor(website.shop, origin=website.url, resume=stolen)
    assert thief.begin().json()["is_new"] is True
    chat.get_by_role("button", name="Open chat").click()
    expect(lines(chat)).to_have_count(0)


def test_files_go_both_ways_and_typing_too(page: Page, website: Site) -> None:
    shop = website.shop
    chat = website.open(page)
    picture: FilePayload = {"name": "parcel.png", "mimeType": "image/png", "buffer": png(40, 30)}
    wrong: FilePayload = {"name": "wrong.png", "mimeType": "image/png", "buffer": png()}
    big: FilePayload = {"name": "big.png", "mimeType": "image/png", "buffer": png() + b"\0" * 1_100_000}
    page_of: FilePayload = {"name": "page.html", "mimeType": "text/html", "buffer": b"<!doctype html><p>x"}
    expect(chat.get_by_role("button", name="Attach files")).to_be_visible()
    picker = chat.locator("input[type=file]")
    picker.set_input_files(big)
    expect(chat.get_by_role("alert")).to_contain_text("big.png is larger than 1 MB")
    picker.set_input_files(page_of)
    expect(chat.get_by_role("alert")).to_contain_text("page.html could not be attached")
    picker.set_input_files([picture, wrong])
    chat.get_by_role("button", name="Remove wrong.png").click()
    write(chat, "My broken parcel")
    shown = chat.get_by_role("img", name="Picture parcel.png")
    expect(shown).to_be_visible()
    until(lambda: shown.evaluate("picture => picture.naturalWidth") == 40)
    conversation = shop.conversation_with("My broken parcel")
    with shop.agent() as ann:
        ann.post(f"/conversations/{conversation}/typing")
        expect(chat.get_by_text("Somebody is typing…")).to_be_visible()
        bill = ann.post("/attachments", files={"file": ("bill.pdf", b"%PDF-1.4 bill", "application/pdf")}).json()["id"]
    shop.answer(conversation, "Here is your bill", attachment_ids=[bill])
    link = lines(chat).filter(has_text="your bill").get_by_role("link", name="bill.pdf")
    assert loopback.get(str(link.get_attribute("href"))).content == b"%PDF-1.4 bill"
    expect(chat.get_by_text("Somebody is typing…")).to_be_hidden()
    expect(lines(chat).first).to_contain_text("Sent")
    with shop.agent() as ann:
        ann.post(f"/conversations/{conversation}/read")
    expect(lines(chat).first).to_contain_text("Read")


def test_questions_before_the_chat_office_hours_italian_and_right_to_left(page: Page, website: Site) -> None:
    chat = website.open(page, "blog", "?lang=it&dir=rtl")
    expect(chat.get_by_role("status").first).to_contain_text("Al momento siamo chiusi")
    name = chat.get_by_role("textbox", name="Nome")
    expect(name).to_be_focused()
    axe_finds_nothing(page)
    chat.get_by_role("button", name="Inizia la chat").click()
    expect(name).to_be_visible()  # it must be answered
    name.fill("Ada Marks")
    chat.get_by_role("textbox", name="E-mail (facoltativo)").fill("ada@example.org")
    page.keyboard.press("Enter")
    write(chat, "Buonasera")
    expect(lines(chat).nth(1)).to_contain_text("Hello Ada!")
    launcher = chat.locator(".launcher").bounding_box()
    assert launcher is not None
    assert launcher["x"] < 100, "in the other corner"
    conversation = website.shop.conversation_with("Buonasera")
    with website.shop.agent() as ann:
        assert ann.get(f"/conversations/{conversation}").json()["contact"]["name"] == "Ada Marks"
    page.reload()
    expect(lines(chat)).to_have_count(2)
    expect(chat.get_by_role("textbox", name="Nome")).to_have_count(0)


def test_two_tabs_share_one_stream_and_a_customer_is_known_everywhere(page: Page, website: Site) -> None:
    assert page.context.browser is not None
    context, streams = page.context.browser.new_context(), []
    context.on("request", lambda request: streams.append(request.url) if "/events" in request.url else None)
    one, other = context.new_page(), context.new_page()
    first = website.open(one, query="?customer=c-7")
    write(first, "From the first tab")
    expect(lines(first).nth(1)).to_contain_text("Hello there!")
    second = website.visit(other, query="?customer=c-7")
    expect(lines(second).filter(has_text="From the first tab")).to_have_count(1)
    website.shop.answer(website.shop.conversation_with("From the first tab"), "To both")
    for chat in (first, second):
        expect(lines(chat).filter(has_text="To both")).to_have_count(1)
    assert len(streams) == 1
    write(second, "From the second tab")
    expect(lines(first).filter(has_text="From the second tab")).to_have_count(1)
    one.close()
    website.shop.answer(website.shop.conversation_with("From the first tab"), "To the one that is left")
    expect(lines(second).filter(has_text="To the one that is left")).to_have_count(1)
    stranger = website.visit(other)  # signed out at the website
    expect(stranger.get_by_role("button", name="Close chat").first).to_be_visible()
    expect(lines(stranger)).to_have_count(0)
