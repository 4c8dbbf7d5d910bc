"""P-28 once more, in every view besides list, conversation and search: whatever customers, colleagues and desks call
things, it is text, stays in its place, and is nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.desk import CANNED, DESK, RULES, PageHouse
from tests.page.test_everybody import NAMES, TEXTS, nothing_spills
from tests.variants import AGAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK_NAME = '<b onmouseover="alert(1)">Support</b> {{ 7*7 }}'
HOSTILE = DESK.replace("{name: Quiet,", f"{{name: '{DESK_NAME}',")
RULED = RULES.replace("Refunds are tagged", "<script>alert('rule')</script> " + "R" * 80)
FILE = "invoice\u202efdp.<img src=x onerror=alert(1)>" + "n" * 90 + ".png"
ELEMENTS = "main img:not([src^='/api/']), main script, main b[onmouseover], dialog b[onmouseover], nav b"


def is_text(page: Page, where: str) -> None:
    assert page.locator(ELEMENTS).count() == 0, where
    assert page.locator("script:not([src^='/app/assets/'])").count() == 0, where
    assert "run" not in page.title(), where
    nothing_spills(page, where)


@pytest.fixture
def house(inbox: PageHouse) -> PageHouse:
    inbox.house.apply(desk=HOSTILE, rules=RULED, canned=CANNED)
    return inbox


def watched(house: PageHouse, page: Page) -> Page:
    page.on("dialog", lambda dialog: house.problems.append(f"a dialog: {dialog.message}"))
    return page


def told_of(house: PageHouse, name: str, text: str) -> str:
    """A conversation of somebody with this name, in which a colleague has named Mara."""
    conversation = house.says(f"{text} refund", name=name)
    mara = house.house.agent("mara").id
    house.client("ann").post(
        f"/conversations/{conversation}/notes", json={"text": f"@Mara Marini {text}", "mentions": [mara]},
        headers={"Idempotency-Key": conversation},
    ).raise_for_status()  # fmt: skip
    return conversation


@pytest.mark.parametrize("options", [{}, pytest.param(PHONE, marks=AGAIN)], ids=["desk", "phone"])
def test_p28_notices_history_palette_rules_and_choosers_show_text(house: PageHouse, options: Mapping[str, Any]) -> None:
    made = [told_of(house, NAMES[i % len(NAMES)], TEXTS[i]) for i in range(len(TEXTS))]
    number = house.address_of(made[0])
    house.client("ann").post(f"/conversations/{made[0]}/close").raise_for_status()
    again = house.says(TEXTS[1], number)
    page = watched(house, house.signed_in("mara", "/app/notices", **options))
    expect(page.locator(".notice")).not_to_have_count(0)
    is_text(page, "notices")
    for path in ("/app/desk", "/app/me", f"/app/i/quiet/c/{again}", "/app/i/support?tag=%3Ci%3E"):
        page.goto(house.url + path)
        expect(page.locator("h1").filter(visible=True).first).to_be_visible()
        is_text(page, path)
    page.goto(f"{house.url}/app/i/support/c/{again}")
    expect(page.get_by_role("article").first).to_be_visible()
    if options:
        page.locator(".who-button").tap()
    expect(page.locator("#history")).to_contain_text("src=x")
    expect(page.locator("#why")).to_be_visible()
    is_text(page, "the side panel")
    if options:
        page.get_by_role("button", name="Back to the conversation").tap()
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menu")).to_contain_text("<b onmouseover")
    is_text(page, "the menu")
    page.keyboard.press("Escape")
    if not options:
        page.keyboard.press("Control+k")
        page.get_by_role("combobox").fill("support")
        expect(page.get_by_role("option").filter(has_text="<b onmouseover").first).to_be_visible()
        is_text(page, "the palette")
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.get_by_role("dialog").get_by_label("To", exact=True).fill("script")
        expect(page.get_by_role("dialog").locator(".option").first).to_contain_text("<script>")
        is_text(page, "beginning")
        page.keyboard.press("Escape")
    page.goto(f"{house.url}/app/search?q=script")
    expect(page.locator(".people-found")).to_contain_text("<script>")
    is_text(page, "found people")


def test_p28_a_files_name_in_a_message_is_text_and_its_link_a_download(house: PageHouse) -> None:
    conversation = house.says("A file", name="Fay File")
    client = house.client("ann")
    picture = b"%PDF-1.4\n<script>alert(1)</script>"
    kept = client.post(
        "/attachments", files={"file": (FILE, picture, "application/pdf")}, headers={"Idempotency-Key": "f"}
    )
    assert kept.status_code == 201, kept.text
    client.post(
        f"/conversations/{conversation}/messages", json={"text": "Here", "attachment_ids": [kept.json()["id"]]},
        headers={"Idempotency-Key": "m"},
    ).raise_for_status()  # fmt: skip
    for options in ({}, PHONE):
        page = watched(house, house.signed_in("bob", f"/app/i/support/c/{conversation}", **options))
        file = page.locator(".file")
        expect(file).to_contain_text("invoice")
        expect(file.locator("bdi").first).to_have_css("unicode-bidi", "isolate")
        is_text(page, "a file")
        answer = client.get(kept.json()["url"].removeprefix("/api/v1"))
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
