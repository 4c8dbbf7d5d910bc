"""Signing in with a code, and setting one up where the desk wants it, by hand as people do."""

from __future__ import annotations

from playwright.sync_api import expect

from casella.inbox.reading.second_factors import code_at, step_of
from tests.page.desk import CANNED, DESK, RULES, PageHouse
from tests.page.test_shell import axe_finds_nothing

PASSWORD = "a long password of Mara"


def test_who_needs_a_second_factor_sets_it_up_and_signs_in_with_it(inbox: PageHouse) -> None:
    inbox.house.apply(desk=DESK + "sign_in: {second_factor: [manager]}\n", rules=RULES, canned=CANNED)
    inbox.has_password("mara", PASSWORD)
    page = inbox.page()
    page.goto(f"{inbox.url}/app/")
    page.get_by_label("E-mail").fill("mara@desk.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    secret = page.locator("code").inner_text().replace(" ", "")
    expect(page.get_by_role("img", name="The key as a QR code")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("region", name="News")).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is wrong")
    page.get_by_label("Code of your authenticator app").fill(code_at(secret, step_of(inbox.house.rooms.clock.now())))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("pre")).to_be_visible()
    recovery = page.locator("pre").inner_text().splitlines()
    assert len(recovery) == 10
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Second factor")).to_be_hidden()
    again = inbox.page(locale="it-IT")
    again.goto(f"{inbox.url}/app/")
    again.get_by_label("E-mail").fill("mara@desk.example")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Accedi").click()
    again.get_by_label("Codice della tua app").fill(recovery[3])
    again.get_by_role("button", name="Accedi").click()
    expect(again.locator(".sign-in")).to_be_hidden()


def test_one_is_set_up_by_hand_renewed_and_taken_away_in_the_settings(inbox: PageHouse) -> None:
    page = inbox.signed_in("ann", "/app/me")
    factor = page.get_by_role("region", name="Second factor")
    expect(factor).to_contain_text("your password alone")
    factor.get_by_role("button", name="Set up").click()
    picture = factor.get_by_role("img", name="The key as a QR code")
    expect(picture).to_be_visible()
    expect(picture).to_have_css("background-color", "rgb(255, 255, 255)")  # readable in the dark, too
    axe_finds_nothing(page, "a second factor is set up")
    expect(factor).to_match_aria_snapshot("""
      - region "Second factor":
        - heading "Second factor" [level=2]
        - paragraph: Signing in asks for your password alone.
        - paragraph: /Point your authenticator app at this picture/
        - img "The key as a QR code"
        - paragraph:
          - code
          - button "Copy the key"
        - paragraph: /By hand/
        - textbox /Code of your authenticator app/
        - button "Confirm"
        - button "Cancel"
    """)
    secret = factor.locator("code").inner_text().replace(" ", "")
    factor.get_by_label("Code of your authenticator app").fill("000000")
    factor.get_by_role("button", name="Confirm").click()
    expect(factor.get_by_role("alert")).to_contain_text("This code is wrong")
    now = step_of(inbox.house.rooms.clock.now())
    factor.get_by_label("Code of your authenticator app").fill(code_at(secret, now))
    factor.get_by_role("button", name="Confirm").click()
    expect(factor.locator("pre")).to_be_visible()
    first = factor.locator("pre").inner_text().split()
    assert len(first) == 10
    factor.get_by_role("button", name="I have kept them").click()
    expect(factor).to_contain_text("10 recovery codes are left")
    factor.get_by_role("button", name="New recovery codes").click()
    factor.get_by_label("Code of your authenticator app").fill(first[0])
    factor.get_by_role("button", name="New recovery codes").click()
    expect(factor.locator("pre").or_(factor.get_by_role("alert"))).to_be_visible()
    second = factor.locator("pre").inner_text().split()
    assert not set(first) & set(second)
    factor.get_by_role("button", name="I have kept them").click()
    factor.get_by_role("button", name="Remove", exact=True).click()
    factor.get_by_label("Code of your authenticator app").fill(second[0])
    factor.get_by_role("button", name="Remove", exact=True).click()
    expect(factor).to_contain_text("your password alone")
    expect(factor.get_by_role("button", name="Set up")).to_be_visible()
