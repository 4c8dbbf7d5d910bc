"""The page of phones in a real browser: a customer writes on it, reads on it, and makes trouble on it."""

import re
import struct
import zlib

import pytest
from playwright.sync_api import APIResponse, FilePayload, Locator, Page, Route, expect

from casella_simulator import Faults, Simulator
from tests import loopback
from tests.simulator.desk import PHONE, Desk, Reply, send, until

OTHER = "+393331234567"


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    pixels = zlib.compress((b"\0" + b"\x20\x90\x60" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def opened(page: Page, sim: Simulator, language: str = "en") -> Locator:
    """The first phone of the opened page. Anything the browser complains of fails the test."""
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.goto(f"{sim.url}/?lang={language}")
    phone = page.locator(f"[data-phone='{PHONE}']")
    expect(phone).to_be_visible()
    return phone


def test_the_page_allows_nothing_but_itself(sim: Simulator) -> None:
    for path in ("/", "/static/main.js", "/static/phones.css"):
        answer = loopback.get(sim.url + path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    html = loopback.get(sim.url).text
    assert not re.search(r"https?://|<style|<script>|\son\w+=|\sstyle=", html)


def test_both_languages_have_the_same_words(sim: Simulator) -> None:
    source = loopback.get(f"{sim.url}/static/words.js").text
    english, italian = source.partition("\n};")[0].split("\n  it: {")
    keys = [set(re.findall(r"(?<=[\s{])(\w+): \"", part)) for part in (english.partition("en: {")[2], italian)]
    assert keys[0] == keys[1]
    assert len(keys[0]) > 60
    used = set(re.findall(r'data-(?:text|label|hint|tip)="(\w+)"', loopback.get(sim.url).text))
    assert used <= keys[0]


@pytest.mark.browser
def test_what_is_typed_reaches_the_webhook_and_the_answer_reaches_the_phone(
    page: Page, sim: Simulator, desk: Desk
) -> None:
    phone = opened(page, sim)
    phone.get_by_label("Text message").fill("Buongiorno 👋")
    phone.get_by_label("Text message").press("Enter")
    mine = phone.get_by_role("listitem").filter(has_text="Buongiorno 👋")
    expect(mine).to_contain_text("delivered")
    assert desk.heard[0].form["Body"] == "Buongiorno 👋"
    send(sim, Body="שלום, how can we help?")
    theirs = phone.get_by_role("listitem").filter(has_text="how can we help?")
    expect(theirs).to_contain_text("delivered")
    expect(theirs.locator("p")).to_have_css("direction", "rtl")
    expect(page.get_by_role("list", name="Provider log").get_by_role("listitem")).to_have_count(1)


@pytest.mark.browser
def test_a_picture_is_attached_shown_and_sent(page: Page, sim: Simulator, desk: Desk) -> None:
    phone = opened(page, sim)
    picture: FilePayload = {"name": "parcel.png", "mimeType": "image/png", "buffer": png()}
    other: FilePayload = {"name": "wrong.png", "mimeType": "image/png", "buffer": png()}
    phone.get_by_label("Attach files").set_input_files([picture, other])
    phone.get_by_role("button", name="Remove wrong.png").click()
    phone.get_by_role("button", name="Send").click()
    shown = phone.get_by_role("img", name="Picture parcel.png")
    expect(shown).to_be_visible()
    until(lambda: shown.evaluate("picture => picture.naturalWidth") == 4)
    assert (desk.heard[0].form["Body"], desk.heard[0].form["NumMedia"]) == ("", "1")


@pytest.mark.browser
def test_stop_is_one_click_and_start_opens_again(page: Page, sim: Simulator) -> None:
    phone = opened(page, sim)
    phone.get_by_role("button", name="STOP").click()
    expect(phone).to_contain_text("successfully been unsubscribed")
    assert send(sim).json()["code"] == 21610
    phone.get_by_role("button", name="START").click()
    expect(phone).to_contain_text("successfully been re-subscribed")


@pytest.mark.browser
def test_what_nobody_took_is_shown_as_failed(page: Page, sim: Simulator, desk: Desk) -> None:
    phone = opened(page, sim)
    desk.reply_with(Reply(503))
    phone.get_by_label("Text message").fill("anybody there?")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("listitem").filter(has_text="anybody")).to_contain_text("failed: HTTP 503")


@pytest.mark.browser
def test_what_was_not_delivered_is_shown_with_its_code(page: Page, sim: Simulator) -> None:
    phone = opened(page, sim)
    sim.set_faults(Faults(undelivered={30003: 1}))
    send(sim, Body="lost on the way")
    expect(phone.get_by_role("listitem").filter(has_text="lost")).to_contain_text("not delivered: 30003")


@pytest.mark.browser
def test_a_new_phone_is_added_by_keyboard_alone(page: Page, sim: Simulator, desk: Desk) -> None:
    opened(page, sim)
    page.get_by_role("button", name="New phone").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Phone number").fill(OTHER)
    page.keyboard.press("Enter")
    phone = page.locator(f"[data-phone='{OTHER}']")
    expect(phone.get_by_label("Text message")).to_be_focused()
    page.keyboard.type("Ciao")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("a tutti")
    page.keyboard.press("Enter")
    expect(phone.get_by_role("listitem")).to_have_count(1)
    until(lambda: len(desk.heard) == 1)
    assert (desk.heard[0].form["From"], desk.heard[0].form["Body"]) == (OTHER, "Ciao\na tutti")


@pytest.mark.browser
def test_a_number_that_is_none_is_not_added(page: Page, sim: Simulator) -> None:
    opened(page, sim)
    page.get_by_role("button", name="New phone").click()
    page.get_by_label("Phone number").fill("nonsense")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".phone")).to_have_count(1)


@pytest.mark.browser
def test_the_faults_panel_sets_faults_and_follows_those_set_elsewhere(page: Page, sim: Simulator) -> None:
    opened(page, sim)
    page.get_by_text("Faults").click()
    page.get_by_label("Error, nothing accepted").fill("100")
    until(lambda: send(sim).status_code == 500)
    expect(page.get_by_text("1 on")).to_be_visible()
    sim.set_faults(Faults(latency_ms=(5, 9)))
    expect(page.get_by_label("Error, nothing accepted")).to_have_value("0")
    expect(page.get_by_label("Answer takes (ms)", exact=True)).to_have_value("5")
    page.get_by_role("button", name="Bad day").click()
    expect(page.get_by_label("Missing")).to_have_value("10")
    page.get_by_role("button", name="All fine").click()
    until(lambda: loopback.get(f"{sim.url}/_sim/faults").json()["faults"] == Faults().model_dump(mode="json"))


@pytest.mark.browser
def test_a_late_answer_does_not_undo_what_was_set_elsewhere_meanwhile(page: Page, sim: Simulator) -> None:
    opened(page, sim)
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/_sim/faults", lambda route: held.append((route, route.fetch())))
    page.get_by_text("Faults").click()
    page.get_by_label("Error, nothing accepted").fill("100")
    expect(page.get_by_text("1 on")).to_be_visible()
    sim.set_faults(Faults(latency_ms=(5, 9)))
    takes = page.get_by_label("Answer takes (ms)", exact=True)
    expect(takes).to_have_value("5")
    [(route, answer)] = held
    with page.expect_request_finished(lambda request: request.method == "PUT"):
        route.fulfill(response=answer)
    page.wait_for_timeout(100)
    expect(takes).to_have_value("5")


@pytest.mark.browser
def test_faults_can_be_for_one_phone(page: Page, sim: Simulator) -> None:
    opened(page, sim)
    page.get_by_text("Faults").click()
    page.get_by_label("For", exact=True).select_option(PHONE)
    page.get_by_label("Error, nothing accepted").fill("100")
    until(lambda: send(sim).status_code == 500)
    assert send(sim, To=OTHER).status_code == 201


@pytest.mark.browser
def test_it_speaks_italian(page: Page, sim: Simulator) -> None:
    phone = opened(page, sim, "it")
    expect(page).to_have_title("Telefoni")
    expect(page.locator("html")).to_have_attribute("lang", "it")
    phone.get_by_label("Messaggio di testo").fill("ciao")
    phone.get_by_role("button", name="Invia").click()
    expect(phone.get_by_role("listitem").filter(has_text="ciao")).to_contain_text("consegnato")


@pytest.mark.browser
def test_after_a_reset_the_page_starts_again(page: Page, sim: Simulator) -> None:
    phone = opened(page, sim)
    sim.text_from(PHONE, "before")
    expect(phone).to_contain_text("before")
    sim.reset()
    expect(phone.get_by_role("listitem")).to_have_count(0)
    phone.get_by_label("Text message").fill("after")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("listitem")).to_have_count(1)


@pytest.mark.browser
def test_everything_has_a_name_for_a_screen_reader(page: Page, sim: Simulator) -> None:
    opened(page, sim)
    page.get_by_text("Faults").click()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("main button, main input, main select, main textarea, header button")]
            .filter((node) => node.checkVisibility() && !(node.getAttribute("aria-label")
                || node.labels?.[0]?.textContent.trim() || node.textContent.trim()))
            .map((node) => node.outerHTML)"""
    )
    assert nameless == []
