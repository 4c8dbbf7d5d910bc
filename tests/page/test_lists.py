"""The list: tabs, filters, sorts, counts; rows that follow what happens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from casella.store.tables import conversations
from tests.builders import make_conversation
from tests.page.desk import SECOND, SHOP, PageHouse, open_row, row

ALL_OF_THEM: ViewportSize = {"width": 1440, "height": 3000}
"""Rows below the window are not drawn, and other scenarios have conversations as well."""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def chip(page: Page, name: str) -> None:
    page.get_by_role("radio", name=re.compile(rf"^{name}\b")).click()


def test_s02_s17_s18_every_member_sees_his_inboxes_and_their_channels_and_no_others(inbox: PageHouse) -> None:
    inbox.says("Seen by the front desk")
    inbox.says("For the sellers alone", to=SHOP)
    ann = inbox.signed_in("ann")
    rail = ann.get_by_role("navigation", name="Channels")
    expect(rail.get_by_role("link", name="Main number")).to_be_visible()
    expect(rail.get_by_text("Sales")).to_have_count(0)
    expect(row(ann, "Seen by the front desk")).to_be_visible()
    expect(row(ann, "For the sellers alone")).to_have_count(0)
    cleo = inbox.signed_in("cleo")
    expect(row(cleo, "For the sellers alone")).to_be_visible()
    expect(row(cleo, "Seen by the front desk")).to_have_count(0)


def test_s20_s25_a_channel_shows_only_its_own_and_the_address_keeps_it(inbox: PageHouse) -> None:
    inbox.says("By the main number")
    inbox.says("By the second number", to=SECOND)
    page = inbox.signed_in("ann")
    page.get_by_role("navigation").get_by_role("link", name="Second number").click()
    expect(row(page, "By the second number")).to_be_visible()
    expect(row(page, "By the main number")).to_have_count(0)
    assert "/app/i/support/second" in page.url
    page.reload()
    expect(row(page, "By the second number")).to_be_visible()
    expect(row(page, "By the main number")).to_have_count(0)
    page.go_back()
    expect(row(page, "By the main number")).to_be_visible()


def test_s26_s33_closing_moves_it_from_open_to_closed_and_reopening_back(inbox: PageHouse) -> None:
    inbox.says("Please close me")
    page = inbox.signed_in("ann")
    open_row(page, "Please close me")
    page.locator(".conversation-bar").get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Reopen")).to_be_visible()
    page.get_by_role("tab", name="Closed").click()
    expect(row(page, "Please close me")).to_be_visible()
    page.get_by_role("button", name="Reopen").click()
    page.get_by_role("tab", name="Open").click()
    expect(row(page, "Please close me")).to_be_visible()


def test_s27_s28_s29_s30_s31_s32_a01_whose_and_taking_one_over_tells_who_had_it(inbox: PageHouse) -> None:
    mine = inbox.says("Mine from the start")
    bobs = inbox.says("Bob has this one")
    inbox.says("Nobody has this one")
    inbox.house.assign(mine, "ann")
    inbox.house.assign(bobs, "bob")
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    chip(ann, "Me")
    expect(row(ann, "Mine from the start")).to_be_visible()
    expect(row(ann, "Bob has this one")).to_have_count(0)
    chip(ann, "Unassigned")
    expect(row(ann, "Nobody has this one")).to_be_visible()
    chip(ann, "Others")
    expect(row(ann, "Mine from the start")).to_have_count(0)
    row(ann, "Bob has this one").hover()
    row(ann, "Bob has this one").get_by_role("button", name="Assign to me").click()
    expect(bob.get_by_role("region", name="News")).to_contain_text("Ann Abbott took over")  # S-29
    ann.mouse.move(900, 400)
    chip(ann, "Me")
    expect(row(ann, "Bob has this one")).to_be_visible()
    assert inbox.assignee(bobs) == "ann"
    chip(bob, "With me")
    expect(row(bob, "Bob has this one")).to_be_visible()  # S-32: he has had it


def test_s35_a14_unread_is_everybody_s_own(inbox: PageHouse) -> None:
    inbox.says("Unread by both")
    ann, bob = inbox.signed_in("ann"), inbox.signed_in("bob")
    expect(row(ann, "Unread by both").locator(".count")).to_have_text(re.compile("^1"))
    open_row(ann, "Unread by both")
    expect(row(ann, "Unread by both").locator(".count")).to_have_count(0)
    expect(row(bob, "Unread by both").locator(".count")).to_have_text(re.compile("^1"))
    ann.keyboard.press("Escape")
    ann.get_by_role("button", name="Filter").click()
    ann.get_by_role("menuitemradio", name="Unread").click()
    expect(ann.get_by_role("button", name="Unread")).to_be_visible()
    expect(row(ann, "Unread by both")).to_have_count(0)


def test_s37_s38_s39_s40_sorts_put_the_oldest_or_the_newest_first(inbox: PageHouse) -> None:
    inbox.says("The older one", name="Zoe Older")
    inbox.says("The newer one", name="Zoe Newer")
    page = inbox.signed_in("ann", viewport=ALL_OF_THEM)
    names = page.locator(".row-name").filter(has_text="Zoe")
    expect(names).to_have_text(["Zoe Newer", "Zoe Older"])
    for sort, first in (
        ("Oldest messages", "Zoe Older"),
        ("Recent conversations", "Zoe Newer"),
        ("Oldest conversations", "Zoe Older"),
        ("Recent messages", "Zoe Newer"),
    ):
        page.get_by_role("button", name=re.compile("^Sort")).click()
        page.get_by_role("menuitemradio", name=sort).click()
        expect(names.first).to_have_text(first)


def test_a05_in_both_message_sorts_one_without_messages_comes_first(inbox: PageHouse) -> None:
    before = inbox.says("Long ago", name="Quinn Empty")
    inbox.client("ann").post(f"/conversations/{before}/close").raise_for_status()
    for text, name in (("The old reply", "Quinn Old"), ("The new reply", "Quinn New")):
        tagged = inbox.client("ann").post(f"/conversations/{inbox.says(text, name=name)}/tags", json={"tag": "vip"})
        tagged.raise_for_status()
    known = inbox.house.one(conversations, id=before)
    with inbox.house.rooms.store.write() as db:
        empty = make_conversation(
            db, channel_id=known["channel_id"], contact_id=known["contact_id"], at=known["opened_at"], tags=["vip"]
        )
    page = inbox.signed_in("ann", "/app/i/support?sort=recent_messages&tag=vip")
    names = page.locator(".row-name").filter(has_text="Quinn")
    expect(names).to_have_text(["Quinn Empty", "Quinn New", "Quinn Old"])
    page.get_by_role("button", name=re.compile("^Sort")).click()
    page.get_by_role("menuitemradio", name="Oldest messages").click()
    expect(names).to_have_text(["Quinn Empty", "Quinn Old", "Quinn New"])
    # it would stand first in everybody's list
    inbox.client("ann").post(f"/conversations/{empty}/close").raise_for_status()


def test_s36_s42_a_closed_one_is_archived_found_by_the_filter_and_sorted_by_its_end(inbox: PageHouse) -> None:
    for name in ("Arne Archived", "Asta Archived"):
        inbox.client("ann").post(f"/conversations/{inbox.says('Done?', name=name)}/close").raise_for_status()
    page = inbox.signed_in("ann", "/app/i/support?tab=closed")
    names = page.locator(".row-name").filter(has_text="Archived")
    expect(names).to_have_text(["Asta Archived", "Arne Archived"])
    page.get_by_role("button", name=re.compile("^Sort")).click()
    expect(page.get_by_role("menuitemradio")).to_have_count(2)
    page.get_by_role("menuitemradio").last.click()
    expect(names).to_have_text(["Arne Archived", "Asta Archived"])
    open_row(page, "Arne Archived")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Archive").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("menuitemradio", name="Archived").click()
    expect(names).to_have_text(["Arne Archived"])


def test_s76_one_switch_takes_new_work_or_none(inbox: PageHouse) -> None:
    page, colleague = inbox.signed_in("bob"), inbox.signed_in("mara", "/app/desk")
    switch = page.get_by_role("navigation").get_by_role("switch")
    expect(switch).to_be_visible()
    before = inbox.client("bob").get("/me").json()["available"]
    with page.expect_response("**/me/availability"):
        switch.click()
    assert inbox.client("bob").get("/me").json()["available"] is not before
    seen = "Away" if before else "Available"
    expect(colleague.get_by_role("listitem").filter(has_text="Bob Brown")).to_contain_text(seen)


def test_what_comes_in_appears_by_itself_on_top_and_is_counted(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", viewport=ALL_OF_THEM)
    page.mouse.move(900, 400)
    inbox.says("Just now", name="Nora New")
    expect(page.locator(".row-name").first).to_have_text("Nora New")
    inbox.says("A moment later", name="Olaf Other")
    expect(page.locator(".row-name").first).to_have_text("Olaf Other")
    total = page.get_by_role("tab", name="Open").locator(".tab-count")
    expect(total).to_have_text(str(page.get_by_role("row").count()))


def test_p08_rows_do_not_run_away_while_somebody_points_at_one(inbox: PageHouse) -> None:
    inbox.says("I want to be opened", name="Petra Pointed")
    page = inbox.signed_in("ann")
    row(page, "Petra Pointed").hover()
    inbox.says("I push in", name="Quentin Quick")
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    expect(page.locator(".row-name").first).to_have_text("Petra Pointed")
    row(page, "Petra Pointed").locator(".row-link").click()
    expect(page.get_by_role("heading", name="Petra Pointed")).to_be_visible()
    page.mouse.move(900, 400)
    expect(page.locator(".row-name").first).to_have_text("Quentin Quick")


def test_s34_s44_a17_tag_unread_and_whose_combine(inbox: PageHouse) -> None:
    conversation = inbox.says("A refund for Rosa", name="Rosa Refund")
    inbox.house.assign(conversation, "ann")
    inbox.says("A refund for Sven", name="Sven Second")
    page = inbox.signed_in("ann", "/app/i/support?who=me&show=unread&tag=refund")
    expect(row(page, "Rosa Refund")).to_be_visible()
    expect(row(page, "Sven Second")).to_have_count(0)
    page.get_by_role("button", name="Clear filters").click()
    page.get_by_role("radio", name=re.compile("^All")).click()
    expect(row(page, "Sven Second")).to_be_visible()


def test_s05_an_empty_list_says_why_and_what_to_do(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/i/support?tab=snoozed")
    expect(page.get_by_text("Nothing is snoozed")).to_be_visible()
    page = inbox.signed_in("ann", "/app/i/quiet")
    expect(page.get_by_text("No channel yet")).to_be_visible()  # S-05
