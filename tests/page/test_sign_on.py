"""Signing in by the button of a real provider, where passwords are switched off."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from casella.inbox.reading.second_factors import code_at, step_of
from casella.store.queries import second_factor_queries
from tests.conftest import ABSENT
from tests.page.desk import open_page_house
from tests.services.oidc_provider import CLIENT_ID, CLIENT_SECRET, client, oidc_provider

ACCOUNTS: dict[str, dict[str, object]] = {
    "stranger": {"email": "stranger@elsewhere.example", "email_verified": True},
    "mara": {"email": "mara@desk.example", "email_verified": True},
}
FACTOR = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_the_button_leads_to_the_provider_and_back(sqlite_template: Path, tmp_path: Path, browser: Browser) -> None:
    shutil.copy(sqlite_template, tmp_path / "casella.db")
    port = free_port()
    public = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        try:
            issuer = stack.enter_context(oidc_provider([client(public)], ACCOUNTS))
        except LookupError as missing:
            if os.environ.get("REQUIRE_REAL"):
                raise
            pytest.skip(f"{ABSENT}{missing}")
        inbox = stack.enter_context(
            open_page_house(
                f"sqlite:///{tmp_path / 'casella.db'}", tmp_path, browser, port=port, public_url=public,
                oidc_issuer=issuer, oidc_client_id=CLIENT_ID, oidc_client_secret=CLIENT_SECRET,
                oidc_name="Acme accounts", private_hosts=urlsplit(issuer).netloc, password_sign_in=False,
            )
        )  # fmt: skip
        rooms, mara = inbox.house.rooms, inbox.house.agent("mara").id
        with rooms.store.write() as db:
            second_factor_queries.begin(db, mara, rooms.sealer.seal(FACTOR), rooms.clock.now())
            second_factor_queries.activate(db, mara, rooms.clock.now())
        page = inbox.page()
        page.goto(f"{public}/app/i/sales")
        button = page.get_by_role("link", name="Sign in with Acme accounts")
        expect(button).to_be_visible()
        expect(page.get_by_label("Password")).to_have_count(0)
        button.click()
        page.get_by_label("Account").fill("stranger")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("alert")).to_contain_text("Nobody of this desk has the e-mail address")
        page.get_by_role("button", name="Italiano").click()
        page.reload()
        page.context.clear_cookies(name="_session")
        page.get_by_role("link", name="Accedi con Acme accounts").click()
        page.get_by_label("Account").fill("mara")
        page.get_by_role("button", name="Go on").click()
        page.get_by_label("Codice della tua app").fill("000000")
        page.get_by_role("button", name="Accedi").click()
        expect(page.get_by_role("alert")).to_contain_text("Questo codice è errato")
        page.get_by_label("Codice della tua app").fill(code_at(FACTOR, step_of(rooms.clock.now())))
        page.get_by_role("button", name="Accedi").click()
        expect(page.locator(".sign-in")).to_be_hidden()
        expect(page).to_have_url(f"{public}/app/i/sales")
        assert inbox.problems == []
