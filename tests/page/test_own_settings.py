"""What an agent chooses for himself (S-87), on every screen; and being told on a device while no page is open, by a
push service that is a process of its own, up to the conversation that a notification leads to."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Worker, expect

from tests.inbox.pushing.push_service import BROWSER_PUBLIC, SECRET
from tests.inbox.pushing.test_pushing import ROOT, Service, push
from tests.page.desk import SHOP, PageHouse, open_page_house, open_row, row
from tests.page.hearing import listens_for_sound
from tests.page.test_shell import axe_finds_nothing

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A browser without a display has no push service: this is one as the Push API has it, for the service of the test.
PUSH_MANAGER = """
(() => {
  let made = null;
  const told = %s;
  PushManager.prototype.getSubscription = async () => made;
  PushManager.prototype.subscribe = async (how) => {
    if (!how.userVisibleOnly || !how.applicationServerKey) throw new TypeError("how?");
    made = { endpoint: told.endpoint, toJSON: () => told, unsubscribe: async () => { made = null; return true; } };
    return made;
  };
})();
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    command = [sys.executable, "-m", "tests.inbox.pushing.push_service"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Service(process, int(process.stdout.readline()))
        process.terminate()


@pytest.fixture(scope="module")
def module_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser, service: Service
) -> Iterator[PageHouse]:
    folder = tmp_path_factory.mktemp("own")
    shutil.copy(sqlite_template, folder / "casella.db")
    hosts = f"127.0.0.1:{service.port}"
    with open_page_house(f"sqlite:///{folder / 'casella.db'}", folder, browser, private_hosts=hosts) as opened:
        yield opened


@pytest.fixture(autouse=True)
def as_nobody_has_chosen(inbox: PageHouse) -> Iterator[None]:
    yield
    client = inbox.client("ann")
    for device in client.get("/me/push/devices").json():
        client.delete(f"/me/push/devices/{device['id']}")
    client.patch(
        "/me/settings",
        json={
            "language": None, "theme": "system", "density": "comfortable", "status_message": "", "extension": "",
            "sounds": {"new_conversations": False}, "notifications": {"preview": False, "messages": True},
            "peace": {"hours": [], "until": None},
        },
    )  # fmt: skip
    client.put("/me/availability", json={"available": True, "do_not_disturb": False})


def ann(inbox: PageHouse) -> str:
    return inbox.house.agent("ann").id


def chosen(inbox: PageHouse) -> Mapping[str, object]:
    answer: Mapping[str, object] = inbox.client("ann").get("/me/settings").json()["settings"]
    return answer


def looks(page: Page, **how: str) -> None:
    root = page.locator("html")
    for name, value in how.items():
        expect(root).to_have_attribute(name if name == "lang" else f"data-{name}", value)


def test_s87_what_is_chosen_holds_on_every_screen_and_colleagues_see_what_is_for_them(inbox: PageHouse) -> None:
    inbox.says("Who is there?", name="Sara Eighty")
    page, other, colleague = inbox.signed_in("ann", "/app/me"), inbox.signed_in("ann"), inbox.signed_in("mara")
    page.get_by_label("Colours", exact=True).select_option("Dark")
    page.get_by_label("Rows", exact=True).select_option("Dense")
    page.get_by_label("What you are doing").fill("Back at two")
    page.get_by_label("Extension").fill("17")
    page.keyboard.press("Enter")
    page.get_by_label("Language", exact=True).select_option("Italiano")
    for screen in (page, other):
        looks(screen, theme="dark", density="compact", lang="it")
    expect(page.get_by_role("heading", name="Impostazioni")).to_be_visible()
    looks(inbox.signed_in("ann"), theme="dark", density="compact", lang="it")
    looks(colleague, theme="system", density="comfortable", lang="en")
    open_row(colleague, "Sara Eighty")
    colleague.get_by_role("heading", name="Sara Eighty").first.click()
    colleague.keyboard.press("Shift+A")
    expect(colleague.get_by_role("option", name=re.compile("Ann Abbott"))).to_contain_text("Back at two · ☎ 17")


def test_s87_what_cannot_be_kept_is_taken_back_and_said(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/me")
    enter = page.get_by_role("switch", name="Enter sends")
    page.route("**/api/v1/me/settings", lambda route: route.fulfill(status=503, json={"title": "Not now"}))
    enter.click()
    expect(page.get_by_role("region", name="News")).to_contain_text("Not now")
    expect(enter).to_be_checked()


def test_s87_nothing_sounds_in_the_hours_of_peace(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/me")
    page.get_by_role("checkbox", name="Sound: Conversations that wait for somebody").check()
    peace = page.get_by_role("region", name="Left in peace")
    peace.get_by_role("button", name="Add times").click()
    hours = peace.get_by_role("group", name="Times 1")
    axe_finds_nothing(page, "settings with times of peace")
    hours.get_by_label("to", exact=True).fill("19:00")
    expect(hours).to_contain_text("the whole day")
    rung: list[str] = []
    session = listens_for_sound(page, rung)
    inbox.says("Sh!", name="Pina Peace")
    page.goto(f"{inbox.url}/app/i/support")
    expect(row(page, "Sh!")).to_be_visible()
    page.get_by_role("heading", level=1).click()
    inbox.says("Still sh!", name="Pina Quiet")
    expect(row(page, "Still sh!")).to_be_visible()
    assert rung == []
    session.detach()
    page.goto(f"{inbox.url}/app/me")
    hours.get_by_role("button", name="Monday").click()
    expect(hours.get_by_role("button", name="Monday")).to_have_attribute("aria-pressed", "false")
    hours.get_by_role("button", name="Remove these times").click()
    expect(hours).to_have_count(0)
    with page.expect_response("**/me/settings"):
        peace.get_by_role("button", name="For an hour").click()
    expect(peace.get_by_role("status")).to_contain_text("Until")
    assert inbox.client("ann").get("/me/settings").json()["quiet"] is True
    with page.expect_response("**/me/settings"):
        peace.get_by_role("button", name="End it").click()
    expect(peace.get_by_role("button", name="For an hour")).to_be_visible()
    assert chosen(inbox)["peace"] == {"hours": [], "timezone": page.evaluate(
        "Intl.DateTimeFormat().resolvedOptions().timeZone"), "until": None}  # fmt: skip


def worker_of(context: BrowserContext) -> Worker:
    found = [one for one in context.service_workers if one.url.endswith("/app/sw.js")]
    return found[0] if found else context.wait_for_event("serviceworker")


def deliver(page: Page, origin: str, message: Mapping[str, str]) -> None:
    """As a push service does: to the worker that the browser keeps for this address."""
    session = page.context.new_cdp_session(page)
    known: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: known.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"]),
    )
    session.send("ServiceWorker.enable")
    while not known:
        page.wait_for_timeout(20)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": known[0], "data": json.dumps(message)},
    )
    session.detach()


def shown(worker: Worker) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = worker.evaluate(
        """async () => {
          for (let i = 0; i < 100; i++) {
            const shown = await self.registration.getNotifications();
            if (shown.length) return shown.map(({ title, body, data }) => ({ title, body, path: data.path }));
            await new Promise((go) => setTimeout(go, 50));
          }
          return [];
        }"""
    )
    return found


def told_on_a_device(inbox: PageHouse, service: Service) -> Page:
    endpoint = {"endpoint": f"{service.address}/ann", "keys": {"p256dh": BROWSER_PUBLIC, "auth": SECRET}}
    page = inbox.signed_in("ann")
    page.context.grant_permissions(["notifications"], origin=inbox.url)
    page.context.add_init_script(PUSH_MANAGER % json.dumps(endpoint))
    page.goto(f"{inbox.url}/app/me")
    alerts = page.get_by_role("region", name="Alerts")
    expect(alerts.get_by_role("status")).to_contain_text("Notifications are off here.")
    alerts.get_by_role("button", name="Notify me here").click()
    expect(alerts.get_by_role("status")).to_contain_text("also while no page is open")
    return page


def test_s87_a_push_is_shown_while_no_page_is_open_and_leads_to_the_conversation(
    inbox: PageHouse, service: Service
) -> None:
    page = told_on_a_device(inbox, service)
    device = page.get_by_role("list", name="Where you are told").get_by_role("listitem")
    expect(device).to_contain_text(re.compile(r"on Linux \(this one\)"))
    axe_finds_nothing(page, "settings with a device")
    with page.expect_response("**/me/settings"):
        page.get_by_role("switch", name="With names and words").check()
    conversation = inbox.says("Is it open?", name="Paola Push")
    taken = inbox.client("ann").post(f"/conversations/{conversation}/assign", json={"assignee": ann(inbox)})
    assert taken.status_code == 200, taken.text
    push(inbox.house)
    inbox.says("Hello?", inbox.address_of(conversation))
    assert push(inbox.house) == 1
    message = service.next().message
    worker = worker_of(page.context)
    page.goto("about:blank")
    deliver(page, inbox.url, message)
    [seen] = shown(worker)
    assert (seen["title"], seen["body"]) == ("Paola Push", "Hello?")
    page.goto(f"{inbox.url}/app/notices")
    worker.evaluate(
        """async () => {
          const [notification] = await self.registration.getNotifications();
          self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        }"""
    )
    expect(page.get_by_role("log").get_by_text("Hello?")).to_be_visible()
    assert page.url.endswith(f"/c/{conversation}")


def test_s87_an_address_that_names_the_conversation_alone_finds_its_inbox(inbox: PageHouse) -> None:
    """As what is pushed leads to it."""
    inbox.says("Elsewhere", name="Elsa Elsewhere")
    conversation = inbox.says("In sales", to=SHOP, name="Sal Shop")
    page = inbox.signed_in("mara", f"/app/i/c/{conversation}")
    expect(page.get_by_role("log").get_by_text("In sales")).to_be_visible()
    page.wait_for_url(f"**/app/i/sales/c/{conversation}")
    expect(row(page, "Sal Shop")).to_be_visible()


def test_s87_who_does_not_want_it_is_not_told_and_a_device_can_be_removed(inbox: PageHouse, service: Service) -> None:
    page = told_on_a_device(inbox, service)
    quiet = page.get_by_role("region", name="Left in peace").get_by_role("switch", name="Do not disturb")
    with page.expect_response("**/me/availability"):
        quiet.check()
    conversation = inbox.says("Anybody?", name="Dora Disturb")
    taken = inbox.client("ann").post(f"/conversations/{conversation}/assign", json={"assignee": ann(inbox)})
    assert taken.status_code == 200, taken.text
    push(inbox.house)
    inbox.says("Nobody?", inbox.address_of(conversation))
    assert push(inbox.house) == 0
    with page.expect_response("**/me/availability"):
        quiet.uncheck()
    inbox.says("Now?", inbox.address_of(conversation))
    assert push(inbox.house) == 1
    told = service.next().message
    assert told["title"] == "A new message", "no names and no words, unless he wants them"
    assert "Now?" not in told.values()
    device = page.get_by_role("list", name="Where you are told").get_by_role("listitem")
    device.get_by_role("button", name=re.compile("^Remove")).click()
    expect(device).to_have_count(0)
    expect(page.get_by_role("region", name="Alerts").get_by_role("status")).to_contain_text("off here")
    inbox.says("Gone?", inbox.address_of(conversation))
    assert push(inbox.house) == 0


def test_s87_where_nothing_can_be_pushed_the_page_tells_it_while_it_is_open(inbox: PageHouse) -> None:
    """As this browser is: it has no push service behind it."""
    page = inbox.signed_in("ann")
    page.context.grant_permissions(["notifications"], origin=inbox.url)
    page.goto(f"{inbox.url}/app/me")
    alerts = page.get_by_role("region", name="Alerts")
    alerts.get_by_role("button", name="Notify me here").click()
    expect(alerts.get_by_role("status")).to_contain_text("while a page is open")
    alerts.get_by_role("button", name="Stop here").click()
    expect(alerts.get_by_role("status")).to_contain_text("off here")
    said = [one for one in inbox.problems if "does not support the Push API in incognito" in one]
    assert len(inbox.problems) == len(said) > 0, "what the browser itself says of it, and nothing else"
    inbox.problems.clear()
