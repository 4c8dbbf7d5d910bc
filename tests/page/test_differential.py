"""Three agents at once, each with another list, over lines that are cut again and again: afterwards every list, every
number and the open conversation are what the API says."""

from __future__ import annotations

import random
import time

import pytest
from playwright.sync_api import Page, expect

from tests.budget import LONG
from tests.page.desk import MAIN, SECOND, PageHouse

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 120.0 if LONG else 6.0
PEOPLE = 12
HIGH = {"width": 1440, "height": 7_000 if LONG else 2_000}  # so that all rows are in the document at once
MOST = 90 if LONG else 25
VIEWS = {
    "ann": {"status": "open", "sort": "recent_messages"},
    "bob": {"status": "open", "sort": "oldest_conversations", "assignee": "unassigned"},
    "mara": {"status": "closed", "sort": "recent_conversations"},
}
ADDRESSES = {"ann": "", "bob": "?who=unassigned&sort=oldest_conversations", "mara": "?tab=closed"}
SHOWN = """() => ({
  rows: [...document.querySelectorAll(".row")]
    .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
    .map((row) => [row.dataset.id, parseInt(row.querySelector(".count")?.textContent ?? "0", 10),
                   row.querySelector(".row-second .cut").lastChild.textContent.trim()]),
  total: parseInt(document.querySelector("[role=tab][aria-selected=true] .tab-count")?.textContent ?? "0", 10),
})"""


class Actor:
    """One agent at his page, now and then without a network."""

    def __init__(self, inbox: PageHouse, key: str, chance: random.Random) -> None:
        self.inbox, self.key, self.chance = inbox, key, chance
        self.page: Page = inbox.signed_in(key, f"/app/i/support{ADDRESSES[key]}", viewport=HIGH)
        self._cut = False

    def act(self) -> None:
        deed = self.chance.choice((self._open, self._take, self._turn, self._unread, self._write, self._cut_or_mend))
        deed()

    def _open(self) -> None:
        links = self.page.locator(".row .row-link")
        if count := links.count():
            links.nth(self.chance.randrange(count)).click(timeout=2_000, force=True)
            self.page.mouse.move(900, 60)

    def _take(self) -> None:
        self.page.keyboard.press("a")

    def _turn(self) -> None:
        self.page.keyboard.press("e")

    def _unread(self) -> None:
        self.page.keyboard.press("u")

    def _write(self) -> None:
        if self.page.locator(".composer-box").count():
            self.page.keyboard.press("r")
            self.page.keyboard.type(f"from {self.key} {self.chance.random():.6f}")
            self.page.keyboard.press("Enter")
            self.page.keyboard.press("Escape")

    def _cut_or_mend(self) -> None:
        self._cut = not self._cut
        self.page.context.set_offline(self._cut)

    def rest(self) -> None:
        self.page.context.set_offline(False)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        self.page.mouse.move(900, 60)

    def expected(self) -> dict[str, object]:
        client, query = self.inbox.client(self.key), {**VIEWS[self.key], "inbox": "support", "limit": "100"}
        if query["status"] == "closed":
            query["archived"] = "false"
        items = client.get("/conversations", params=query).raise_for_status().json()["items"]
        del query["limit"], query["sort"]
        query.pop("assignee", None)
        counts = client.get("/conversations/counts", params=query).raise_for_status().json()["all"]
        rows = [[one["id"], one["mine"]["unread"], one["last_message_text"]] for one in items]
        return {"rows": rows[:MOST], "total": counts["total"]}

    def shown(self) -> object:
        found = self.page.evaluate(SHOWN)
        return {**found, "rows": found["rows"][:MOST]}


def test_after_anything_each_page_is_what_the_api_says(inbox: PageHouse) -> None:
    chance = random.Random(15)
    numbers = [inbox.somebody() for _ in range(PEOPLE)]
    for number in numbers:
        inbox.says(f"begins {number[-3:]}", number, to=chance.choice((MAIN, SECOND)))
    actors = [Actor(inbox, key, chance) for key in VIEWS]
    end, deeds = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        chance.choice(actors).act()
        if chance.random() < 0.6:
            inbox.says(f"goes on {deeds}", chance.choice(numbers), to=MAIN)
        if chance.random() < 0.3:
            inbox.deliver()
        deeds += 1
    for actor in actors:
        actor.rest()
    inbox.deliver()
    for actor in actors:
        wait = time.monotonic() + 20
        while (shown := actor.shown()) != (expected := actor.expected()):
            assert time.monotonic() < wait, f"{actor.key} after {deeds} deeds:\n{shown}\n{expected}"
            actor.page.wait_for_timeout(200)
    assert deeds > 5
    expect(actors[0].page.get_by_text("No connection")).to_have_count(0)
