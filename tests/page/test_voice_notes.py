"""Voice notes, recorded in the browser (S-100, A-13): with a microphone that plays a tone, refused, and absent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from casella.plugin import AttachmentLimits
from casella.store.tables import attachments
from tests.browser import driver_node, open_browser
from tests.fakes import AcmeChannel
from tests.page.desk import PageHouse, composer, open_page_house
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LIMITS = AttachmentLimits(
    kinds=frozenset({"voice", "audio", "image"}), count=3, size_each=1_000_000, size_total=3_000_000
)
DURATION = """(player) => new Promise((known, fail) => {
  player.addEventListener("error", () => fail(new Error("it cannot be played")));
  if (player.readyState) known(player.duration);
  else player.addEventListener("loadedmetadata", () => known(player.duration));
  player.load();
})"""


@pytest.fixture(scope="module")
def browser(chromium_path: Path) -> Iterator[Browser]:
    """With a microphone, which plays a tone."""
    with open_browser(chromium_path, driver_node(), "--use-fake-device-for-media-stream") as opened:
        yield opened


@pytest.fixture(scope="module")
def module_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[PageHouse]:
    folder = tmp_path_factory.mktemp("voice")
    shutil.copy(sqlite_template, folder / "casella.db")
    plugins = [AcmeChannel(voice_notes=True, attachments=LIMITS)]
    with open_page_house(f"sqlite:///{folder / 'casella.db'}", folder, browser, plugins=plugins) as opened:
        yield opened


def speaks(inbox: PageHouse, name: str, *permissions: str, **options: object) -> Page:
    conversation = inbox.says("Tell me", name=name)
    page = inbox.signed_in("ann", f"/app/i/support/c/{conversation}", **options)
    page.context.grant_permissions(list(permissions))
    expect(composer(page)).to_be_visible()
    page.get_by_role("button", name="Voice note", exact=True).click()
    return page


def test_s100_a13_a_voice_note_is_recorded_heard_and_sent(inbox: PageHouse) -> None:
    page = speaks(inbox, "Vera Voice", "microphone")
    voice = page.get_by_role("group", name="Voice note")
    expect(voice.get_by_role("timer")).to_have_text("Recording 0:01")
    voice.get_by_role("button", name="Stop").click()
    heard = voice.locator("audio")
    expect(heard).to_be_visible()
    axe_finds_nothing(page, "a voice note that was recorded")
    spoken = float(heard.evaluate(DURATION))
    assert 0.5 < spoken < 10, "the browser itself plays what has been made of its recording"
    voice.get_by_role("button", name="Send voice note").click()
    expect(voice).to_have_count(0)
    expect(page.get_by_role("article").locator("audio")).to_be_visible()
    expect(page.locator(".message.pending")).to_have_count(0)
    inbox.deliver()
    stored = inbox.house.rows(attachments)[-1]
    assert (stored["kind"], stored["mime"]) == ("voice", "audio/ogg")
    [file] = inbox.house.acme.provider.arrived[-1].message.attachments
    assert file.kind == "voice"
    there = float(page.locator("article audio").evaluate(DURATION))
    assert abs(there - spoken) < 0.1


def test_s100_what_is_not_wanted_is_discarded_and_the_microphone_let_go(inbox: PageHouse) -> None:
    page = speaks(inbox, "Dora Discard", "microphone")
    voice = page.get_by_role("group", name="Voice note")
    expect(voice.get_by_role("timer")).to_be_visible()
    voice.get_by_role("button", name="Discard the voice note").click()
    expect(voice).to_have_count(0)
    expect(composer(page)).to_be_focused()
    assert page.get_by_role("article").locator("audio").count() == 0


def test_s100_where_the_microphone_may_not_be_used_it_is_said(inbox: PageHouse) -> None:
    page = speaks(inbox, "Nora Not")
    expect(page.get_by_role("alert")).to_contain_text("may not be used")
    page.get_by_role("button", name="Discard the voice note").click()
    composer(page).fill("Then in writing")
    composer(page).press("Enter")
    expect(page.get_by_role("article").filter(has_text="Then in writing")).to_be_visible()


def test_s100_a_note_that_does_not_arrive_is_said_and_sent_again(inbox: PageHouse) -> None:
    page = speaks(inbox, "Olga Offline", "microphone")
    voice = page.get_by_role("group", name="Voice note")
    expect(voice.get_by_role("timer")).to_have_text("Recording 0:01")  # before that there may be nothing to hear
    voice.get_by_role("button", name="Stop").click()
    expect(voice.locator("audio")).to_be_visible()
    page.context.set_offline(True)
    voice.get_by_role("button", name="Send voice note").click()
    expect(voice.get_by_role("alert")).to_contain_text("cannot be reached")
    page.context.set_offline(False)
    voice.get_by_role("button", name="Send voice note").click()
    expect(page.get_by_role("article").locator("audio")).to_be_visible()
