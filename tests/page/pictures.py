"""Makes the pictures of the README and of the agents' page's manual, from the demo as it runs.

python -m tests.page.pictures docs/images          all of them, anew; in Italian in the folder it/
python -m tests.page.pictures /tmp/see --all       every screen besides: light, dark, desk, phone, both languages
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.rig.page.measuring import browsing
from playwright.sync_api import Browser, Page, expect

from tests.docs.programs import Program

DESK: Mapping[str, Any] = {"viewport": {"width": 1440, "height": 900}}
PHONE: Mapping[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True
}  # fmt: skip
ASSISTANT, ALERTS = "Assistente ai messaggi", "Segnalazioni"
SCREENS = (
    "i/support",
    "i/sales",
    "p",
    "chats",
    "search?q=kettle",
    "notices",
    "me",
    "desk",
    "i/support?tab=closed",
    "campaigns",
    "campaigns/new",
    "inboxes",
    "surveys",
)


@dataclass(frozen=True)
class Studio:
    """Who is signed in, in which browser; `states` keep him so for the next one."""

    browser: Browser
    url: str
    folder: Path
    states: dict[str, Any]
    italian: bool = False

    def says(self, english: str, italian: str) -> str:
        return italian if self.italian else english

    def page(self, who: str, path: str, *, italian: bool = False, dark: bool = False, **options: Any) -> Page:
        italian = italian or self.italian
        context = self.browser.new_context(
            storage_state=self.states[who], locale="it-IT" if italian else "en-GB", timezone_id="Europe/Rome",
            color_scheme="dark" if dark else "light", reduced_motion="reduce", **options,
        )  # fmt: skip
        page = context.new_page()
        page.goto(f"{self.url}/app/{path}")
        shown = page.locator(".rows, .chat-list, .other h1, .conversation-bar, .nothing").filter(visible=True)
        expect(shown.first).to_be_visible()
        return page

    def take(self, page: Page, name: str) -> None:
        page.mouse.move(0, 0)
        page.wait_for_timeout(700)  # pictures, and what fades in
        page.screenshot(path=self.folder / f"{name}.png")
        page.context.close()


def open_row(page: Page, name: str) -> None:
    page.get_by_role("row").filter(has_text=name).first.locator(".row-link").click()
    expect(page.get_by_role("log")).to_be_visible()


def desk(studio: Studio) -> None:
    page = studio.page("agent", "i/support", **DESK)
    open_row(page, studio.says("Maya Robinson", "Giulia Ferri"))
    expect(page.locator("#history")).to_be_visible()
    studio.take(page, "page-desk")


def assistant(studio: Studio) -> None:
    page = studio.page("agent", "i/support", dark=True, **DESK)
    open_row(page, studio.says("Tom Keller", "Giulia Ferri"))
    page.get_by_role("button", name=studio.says("Message Assistant", ASSISTANT)).click()
    page.get_by_role("button", name=studio.says("Propose", "Proponi")).click()
    expect(page.get_by_role("button", name=studio.says("Use it", "Usa"), exact=True).first).to_be_visible()
    studio.take(page, "page-assistant")


def italian(studio: Studio) -> None:
    page = studio.page("manager", "i/support", italian=True, **DESK)
    open_row(page, "Giulia Ferri")
    why = page.locator("#why summary").first
    why.click()
    page.locator("#why").evaluate("(one) => one.scrollIntoView({ block: 'end' })")
    studio.take(page, "page-italian")


def phone(studio: Studio) -> None:
    studio.take(studio.page("agent", "i/support", **PHONE), "page-phone-list")
    page = studio.page("agent", "i/support", **PHONE)
    open_row(page, "Sofia Bianchi")
    studio.take(page, "page-phone-conversation")
    page = studio.page("agent", "i/support", italian=True, **PHONE)
    open_row(page, "Giulia Ferri")
    page.locator(".who-button").click()
    studio.take(page, "page-phone-contact")


def others(studio: Studio) -> None:
    page = studio.page("agent", "chats", **DESK)
    page.get_by_role("link", name=re.compile("Bruno Bianchi")).first.click()
    expect(page.get_by_role("log")).to_be_visible()
    studio.take(page, "page-chats")
    studio.take(studio.page("manager", "desk", **DESK), "page-rules")
    studio.take(studio.page("agent", "search?q=kettle", **DESK), "page-search")
    page = studio.page("agent", "me", **DESK)
    page.get_by_role("region", name=studio.says("Alerts", ALERTS)).evaluate("(one) => one.scrollIntoView()")
    studio.take(page, "page-settings")


def managing(studio: Studio) -> None:
    page = studio.page("manager", "campaigns/new", **DESK)
    page.get_by_label(studio.says("Name, for your team", "Nome, per i colleghi")).fill(
        studio.says("Closed on Monday", "Chiusi lunedì")
    )
    page.get_by_label(studio.says("Text", "Testo"), exact=True).fill(
        studio.says(
            "Hello {{ contact.first_name | default('there') }}, we are closed on Monday.",
            "Buongiorno {{ contact.first_name | default('') }}, lunedì siamo chiusi.",
        )
    )
    page.get_by_role("switch", name=studio.says("All contacts", "Tutti i contatti")).check()
    page.get_by_role("radio", name=studio.says("Service", "Servizio")).click()
    page.get_by_label(studio.says("Why it may", "Perché si può")).fill(studio.says("Opening hours", "Orari"))
    page.get_by_role("button", name=studio.says("Save draft", "Salva la bozza")).click()
    expect(page.locator(".recipients li").first).to_be_visible()
    studio.take(page, "page-campaign")
    studio.take(studio.page("manager", "inboxes", **DESK), "page-inbox-settings")


def every_screen(studio: Studio) -> None:
    """Not for the manual: to be looked at."""
    for who in ("agent", "manager"):
        for dark in (False, True):
            for size, options in (("desk", DESK), ("phone", PHONE)):
                for number, path in enumerate(SCREENS):
                    italian_too = (number + dark) % 2 == 1
                    page = studio.page(who, path, italian=italian_too, dark=dark, **options)
                    name = "-".join((who, "dark" if dark else "light", size, re.sub(r"\W+", "_", path)))
                    studio.take(page, f"all-{name}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.page.pictures", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--all", action="store_true", help="every screen besides")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    takes: list[Callable[[Studio], None]] = [desk, assistant, phone, others, managing]
    command = [str(Path(sys.executable).with_name("casella")), "up", "--demo", "--phones-port", "0"]
    with tempfile.TemporaryDirectory() as data:
        variables = {**os.environ, "CASELLA_PORT": "0", "CASELLA_DATA_DIR": data, "COLUMNS": "300"}
        with Program(command, Path(__file__).parents[2], variables) as demo, browsing() as browser:
            demo.wait_for(lambda output: "Now you:" in output)
            links = dict(re.findall(r"(Inbox|Manager) +(http://\S+/enter/\S+)", demo.output))
            url = links["Inbox"].partition("/enter/")[0]
            states = {}
            for who, name in (("agent", "Inbox"), ("manager", "Manager")):
                context = browser.new_context()
                page = context.new_page()
                page.goto(links[name])
                states[who] = {"cookies": context.storage_state()["cookies"], "origins": []}
                context.close()
            studio = Studio(browser, url, given.folder, states)
            for take in [*takes, italian, *([every_screen] if given.all else [])]:
                take(studio)
            (given.folder / "it").mkdir(exist_ok=True)
            for take in takes:
                take(replace(studio, folder=given.folder / "it", italian=True))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
