"""Whoever hears the page, enlarges it, reads from right to left, or is written to by somebody hostile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.desk import PageHouse, composer, open_row, row
from tests.variants import AGAIN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE: Mapping[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREENS = (
    "/app/i/support", "/app/chats", "/app/search?q=a", "/app/notices", "/app/me", "/app/desk", "/app/campaigns",
    "/app/inboxes", "/app/surveys",
)  # fmt: skip
SPILLS = """() => [...document.querySelectorAll("button, a, input, textarea, h1, h2, .bubble, .row-name, .pill")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => !one.closest(".whose, .aside, .skip, .rail, [popover]"))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && (box.right > innerWidth + 1 || box.left < -1);
  })
  .map((one) => one.outerHTML.slice(0, 120))"""  # fmt: skip


def nothing_spills(page: Page, where: str) -> None:
    width = page.evaluate("innerWidth")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, where
    assert page.evaluate(SPILLS) == [], where


def test_what_a_screen_reader_hears_of_list_conversation_and_contact(inbox: PageHouse) -> None:
    conversation = inbox.says("I want a refund", name="Ada Aria")
    inbox.house.reply("Of course", conversation)
    inbox.deliver()
    page = inbox.signed_in("mara")
    open_row(page, "Ada Aria")
    expect(page.get_by_role("grid")).to_match_aria_snapshot(
        """
      - grid "Conversations":
        - row:
          - gridcell:
            - 'link "Ada Aria refund 10:12 Answered: Of course"':
              - time
          - gridcell:
            - button "Assign to me"
    """.replace('"Ada Aria refund 10:12 Answered: Of course"', "/Ada Aria refund .* Answered: Of course/")
    )
    expect(page.get_by_role("log")).to_match_aria_snapshot("""
      - log "Messages":
        - heading "Today" [level=2]
        - paragraph: New
        - article "Ada Aria":
          - paragraph: I want a refund
          - time
        - paragraph: /Rule “Refunds are tagged” tagged it refund/
        - article "Ann Abbott":
          - paragraph: Of course
    """)
    expect(page.get_by_role("form", name="Write")).to_match_aria_snapshot("""
      - form "Write":
        - radiogroup "Write":
          - radio "Reply" [checked]
          - radio "Note"
        - textbox "Reply to Ada Aria"
        - button "Attach files"
        - button "Emoji"
        - button "Canned message"
        - button "Message Assistant"
        - button "Send a survey"
        - button "Send" [disabled]
    """)
    expect(page.get_by_role("complementary")).to_match_aria_snapshot("""
      - complementary "About the contact":
        - heading "Contact" [level=2]
        - button "Mark as favourite"
        - heading "Details" [level=3]
        - heading /Consent/ [level=3]
        - heading "Conversation" [level=3]
        - heading "History" [level=3]
        - heading "Why is it here?" [level=3]
    """)


def test_what_a_screen_reader_hears_of_channels_and_settings(inbox: PageHouse) -> None:
    page = inbox.signed_in("mara", "/app/me")
    expect(page.get_by_role("navigation")).to_match_aria_snapshot("""
      - navigation "Channels":
        - button "Search"
        - button "New"
        - region "Support":
          - heading "Support" [level=2]
          - link /All channels/
          - link /Main number/
          - link /Second number/
        - region "Chats":
          - heading "Chats" [level=2]
          - link "Direct chats"
          - link "Team chats"
        - link "Notices"
        - link "Settings"
        - region "Managing":
          - heading "Managing" [level=2]
          - link "Campaigns"
          - link "Surveys"
          - link "Inbox settings"
          - link "Desk and rules"
        - button "My menu": Mara Marini
        - switch "Away"
    """)
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - heading "Settings" [level=1]
        - heading "Mara Marini" [level=2]
        - switch "Takes new conversations"
        - region "What colleagues see":
          - textbox "What you are doing"
          - textbox "Extension"
        - region "Appearance":
          - combobox "Language":
            - option "As this browser" [selected]
            - option "English"
            - option "Italiano"
          - combobox "Colours"
          - combobox "Rows"
        - region "Writing":
          - switch "Enter sends" [checked]
          - switch "Single keys" [checked]
          - button "Keyboard"
        - region "Alerts":
          - table:
            - rowgroup:
              - row "Of what Sound Notification"
            - rowgroup:
              - row /Messages in your conversations/:
                - rowheader "Messages in your conversations"
                - cell:
                  - 'checkbox "Sound: Messages in your conversations" [checked]'
                - cell:
                  - 'checkbox "Notification: Messages in your conversations" [checked]'
          - slider "Volume"
          - button "Hear it"
          - switch "With names and words"
          - status: Notifications are off here.
          - button "Notify me here"
        - region "Left in peace":
          - switch "Do not disturb"
          - status: For now
          - button "For an hour"
          - button "Until tomorrow, 8:00"
          - button "Add times"
        - region "Second factor":
          - button "Set up"
        - switch "Shared computer"
        - button "Sign out"
    """)
    page.get_by_role("link", name="Desk and rules").click()
    expect(page.get_by_role("main")).to_match_aria_snapshot("""
      - main:
        - heading "Desk and rules" [level=1]
        - heading "Rules, the last seven days" [level=2]
        - table
        - heading "Channels" [level=2]
        - table
        - heading "People" [level=2]
        - list
    """)


@pytest.mark.parametrize(("width", "height"), [(720, 450), (320, 568)], ids=["200 %", "320 px"])
def test_enlarged_or_narrow_nothing_spills_and_one_can_answer(inbox: PageHouse, width: int, height: int) -> None:
    conversation = inbox.says("A long word: " + "x" * 300, name="Nadia Narrow-Middle-Name von und zu Langenscheidt")
    page = inbox.signed_in("mara", viewport={"width": width, "height": height})
    for path in SCREENS:
        page.goto(inbox.url + path)
        expect(page.locator(".bar h1, .bar input").first).to_be_visible()
        nothing_spills(page, path)
    page.goto(f"{inbox.url}/app/i/support/c/{conversation}")
    expect(page.get_by_role("article")).to_be_visible()
    nothing_spills(page, "a conversation")
    composer(page).fill("Can be written")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("article").filter(has_text="Can be written")).to_be_visible()


def stands(page: Page, selector: str, way: str) -> None:
    expect(page.locator(selector).last).to_have_css("direction", way)


def test_p21_a18_text_from_right_to_left_stands_so_and_turns_nothing_round(inbox: PageHouse) -> None:
    text = "مرحبا، كيف الحال؟ (123) https://example.com"
    inbox.says(text, name="أحمد (Ahmed)")
    page = inbox.signed_in("ann")
    open_row(page, "أحمد (Ahmed)")
    stands(page, ".message .bubble p", "rtl")
    stands(page, ".row.on .row-second .cut", "rtl")
    stands(page, ".thread", "ltr")
    stands(page, ".foot", "ltr")
    expect(page.locator(".row.on .row-name bdi")).to_have_css("unicode-bidi", "isolate")
    composer(page).fill("שלום! 👩🏽‍💻 (42)")
    stands(page, ".composer-box", "rtl")
    composer(page).press("Enter")
    mine = page.get_by_role("article").filter(has_text="שלום! 👩🏽‍💻 (42)")
    expect(mine).to_be_visible()
    stands(page, ".message.mine .bubble p", "rtl")


NAMES = (
    "<script>document.title='run'</script>",
    "\u202eevil\u202d \u2066Support\u2069",
    "N" * 190,
    "Z̷̢͚a̵̛͔l̴͈̽g̶͎͐o̸̱͌" * 8,
    "👨‍👩‍👧‍👦👩🏽‍💻" * 10,
    "{{ contact.name }} ${7*7} %s",
)
TEXTS = (
    "<img src=x onerror=\"document.title='run'\"><svg onload=alert(1)>",
    "javascript:alert(1) data:text/html,<script>alert(1)</script> vbscript:x",
    "https://аpple.com/login https://example.com@evil.example/ http://user:pw@evil.example",
    "\u202ehttps://evil.example/\u202cgpj.exe",
    "W" * 3000,
    "\n" * 60 + "end",
    "Z̷̢͚͕̀a̵̛͔͝l̴͈̽g̶͎͐o̸̱͌ " * 60,
)


@pytest.mark.parametrize("device", [pytest.param("desk", marks=AGAIN), "phone"])
def test_p28_hostile_names_and_texts_run_nothing_spill_nowhere_and_impersonate_nobody(
    inbox: PageHouse, device: str
) -> None:
    made = [
        inbox.says(TEXTS[i % len(TEXTS)], name=NAMES[i % len(NAMES)])
        for i in range(max(len(NAMES), len(TEXTS)))
    ]  # fmt: skip
    page = inbox.signed_in("ann", **(PHONE if device == "phone" else {}))
    page.on("dialog", lambda dialog: inbox.problems.append(f"a dialog: {dialog.message}"))
    expect(page.locator(".row")).not_to_have_count(0)
    nothing_spills(page, "list")
    for conversation in made:
        page.goto(f"{inbox.url}/app/i/support/c/{conversation}")
        expect(page.get_by_role("article").first).to_be_visible()
        nothing_spills(page, conversation)
        for link in page.locator(".bubble a").all():
            assert re.match(r"(https?|mailto|tel):", link.get_attribute("href") or "")
            assert link.get_attribute("rel") == "noopener noreferrer"
            assert "а" not in link.inner_text()  # a Cyrillic letter that looks like ours is shown as punycode
        assert page.locator(".bubble img, .bubble svg, .bubble script, .row script").count() == 0
        assert page.get_by_role("article").first.bounding_box()["height"] < 4000  # type: ignore[index]  # it is shown, so it has a box
    assert "run" not in page.title()
    inbox.index()
    page.goto(f"{inbox.url}/app/search?q=end")
    expect(page.get_by_role("link", name=re.compile("end")).first).to_be_visible()
    nothing_spills(page, "search")


def test_hostile_names_of_files_are_text_and_their_bytes_stay_files(inbox: PageHouse) -> None:
    inbox.says("Send me files", name="Fred Files")
    page = inbox.signed_in("ann")
    open_row(page, "Fred Files")
    name = "invoice\u202efdp.<img src=x onerror=alert(1)>" + "n" * 80 + ".png"
    page.get_by_label("Attach files").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": b"<html><script>alert(1)</script></html>"}
    )
    files = page.get_by_role("list", name="Attached files")
    expect(files).to_contain_text("invoice")
    nothing_spills(page, "attached files")
    assert page.locator(".attached-file img[src=x]").count() == 0
    assert row(page, "Fred Files").count() == 1
