"""A phone on the page speaks with every provider: what is typed there reaches the webhook, the answer the phone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from casella_simulator import BandwidthAccount, MetaApp, Simulator, TelnyxAccount, VonageAccount, WhatsAppAccount
from tests import loopback
from tests.simulator.desk import PHONE, Desk, Heard, until
from tests.simulator.test_page import opened

SECRET, TOKEN = "9d2f0c6b7a184e53", "EAAtoken"
KEY_SEED = b64encode(bytes(range(32))).decode()
Posted = Callable[[str, str, Heard], httpx.Response]


@dataclass(frozen=True)
class Line:
    """A business's address at a provider: its account, and how the business sends from it."""

    provider: str
    address: str
    account: Callable[[str], Any]
    send: Posted


def _numbers(address: str, hook: str) -> list[dict[str, str]]:
    return [{"number": address, "webhook_url": hook}]


def _graph(node: str, body: Callable[[Heard], dict[str, object]], token: str = TOKEN) -> Posted:
    def send(url: str, text: str, heard: Heard) -> httpx.Response:
        words = json.loads(json.dumps(body(heard)).replace("TEXT", text))
        return loopback.post(f"{url}/v25.0/{node}/messages", json=words, headers={"authorization": f"Bearer {token}"})

    return send


def _whatsapp(_heard: Heard) -> dict[str, object]:
    return {"messaging_product": "whatsapp", "to": PHONE[1:], "type": "text", "text": {"body": "TEXT"}}


def _meta(heard: Heard) -> dict[str, object]:
    sender = json.loads(heard.body)["entry"][0]["messaging"][0]["sender"]["id"]
    return {"recipient": {"id": sender}, "messaging_type": "RESPONSE", "message": {"text": "TEXT"}}


def _vonage(url: str, text: str, _heard: Heard) -> httpx.Response:
    form = {"api_key": "a1b2c3d4", "api_secret": "api-secret-1", "from": "14155550101", "to": PHONE[1:], "text": text}
    return loopback.post(f"{url}/sms/json", data=form)


def _telnyx(url: str, text: str, _heard: Heard) -> httpx.Response:
    body = {"from": "+14155550102", "to": PHONE, "text": text}
    return loopback.post(f"{url}/v2/messages", json=body, headers={"authorization": "Bearer KEY-telnyx-1"})


def _bandwidth(url: str, text: str, _heard: Heard) -> httpx.Response:
    body = {"from": "+14155550103", "to": [PHONE], "text": text, "applicationId": "app-1"}
    return loopback.post(f"{url}/api/v2/users/9900000/messages", json=body, auth=("user", "password-1"))


def _page(provider: str, address: str) -> Callable[[str], MetaApp]:
    def account(hook: str) -> MetaApp:
        pages = [{"id": address, "access_token": f"{TOKEN}-{provider}"}]
        given = {"provider": provider, "app_secret": SECRET, "pages": pages, "webhook_url": hook}
        return MetaApp.model_validate(given)

    return account


LINES = [
    Line(
        "whatsapp",
        "+12025550142",
        lambda hook: WhatsAppAccount.model_validate(
            {
                "id": "209700",
                "app_secret": SECRET,
                "access_token": TOKEN,
                "numbers": [{"number": "+12025550142", "phone_number_id": "104800"}],
                "webhook_url": hook,
            }
        ),
        _graph("104800", _whatsapp),
    ),
    Line("messenger", "314500", _page("messenger", "314500"), _graph("314500", _meta, f"{TOKEN}-messenger")),
    Line("instagram", "178400", _page("instagram", "178400"), _graph("178400", _meta, f"{TOKEN}-instagram")),
    Line(
        "vonage",
        "+14155550101",
        lambda hook: VonageAccount.model_validate(
            {
                "provider": "vonage",
                "api_key": "a1b2c3d4",
                "api_secret": "api-secret-1",
                "signature_secret": "signature-secret-1",
                "numbers": _numbers("+14155550101", hook),
            }
        ),
        _vonage,
    ),
    Line(
        "telnyx",
        "+14155550102",
        lambda hook: TelnyxAccount.model_validate(
            {
                "provider": "telnyx",
                "api_key": "KEY-telnyx-1",
                "private_key": KEY_SEED,
                "numbers": _numbers("+14155550102", hook),
            }
        ),
        _telnyx,
    ),
    Line(
        "bandwidth",
        "+14155550103",
        lambda hook: BandwidthAccount.model_validate(
            {
                "provider": "bandwidth",
                "account_id": "9900000",
                "username": "user",
                "password": "password-1",
                "application_id": "app-1",
                "webhook_username": "casella",
                "webhook_password": "webhook-password-1",
                "numbers": _numbers("+14155550103", hook),
            }
        ),
        _bandwidth,
    ),
]


@pytest.mark.browser
def test_one_phone_speaks_with_every_provider(page: Page, sim: Simulator, desk: Desk) -> None:
    for line in LINES:
        sim.configure(line.account(f"{desk.url}/webhooks/{line.provider}"))
    phone = opened(page, sim)
    bubbles = phone.get_by_role("listitem")
    for line in LINES:
        phone.locator("select").select_option(f"{line.provider} {line.address}")
        phone.get_by_label("Text message").fill(f"To {line.provider}")
        phone.get_by_label("Text message").press("Enter")
        expect(bubbles.filter(has_text=f"To {line.provider}")).to_contain_text("delivered")
        [heard] = [one for one in desk.heard if one.path.startswith(f"/webhooks/{line.provider}")]
        answer = line.send(sim.url, f"From {line.provider}", heard)
        assert answer.status_code < 300, answer.text
        expect(bubbles.filter(has_text=f"From {line.provider}")).to_be_visible()
    options = phone.locator("select option").all_text_contents()
    assert {"WhatsApp +12025550142", "Messenger 314500", "Telnyx +14155550102"} <= set(options)
    until(lambda: {"To whatsapp", "To bandwidth"} <= {entry.text for entry in sim.phone(PHONE).entries})
    expect(page.get_by_role("list", name="Provider log").get_by_role("listitem").first).to_be_visible()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 5000], ids=repr)
def test_nonsense_is_refused_by_every_texting_api_and_nothing_breaks(sim: Simulator, desk: Desk, body: bytes) -> None:
    for line in LINES[3:]:
        sim.configure(line.account(f"{desk.url}/webhooks/{line.provider}"))
    headers = {"content-type": "application/json"}
    asked = [
        loopback.post(f"{sim.url}/v1/messages", content=body, headers=headers, auth=("a1b2c3d4", "api-secret-1")),
        loopback.post(
            f"{sim.url}/v2/messages", content=body, headers={**headers, "authorization": "Bearer KEY-telnyx-1"}
        ),
        loopback.post(
            f"{sim.url}/api/v2/users/9900000/messages", content=body, headers=headers, auth=("user", "password-1")
        ),
    ]
    assert all(answer.status_code < 500 for answer in asked), "Vonage says it in a 200"
    assert sim.accepted() == []
