"""Meta's Graph API as it answers requests: what it takes and refuses, the webhooks it signs, its faults."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from casella_simulator import Faults, MetaApp, Page, Simulator, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from tests import loopback
from tests.simulator.desk import PHONE, Desk

APP_SECRET, TOKEN = "9d2f0c6b7a184e53", "EAAtoken"
NUMBER, PHONE_ID, PAGE, ACCOUNT = "+12025550142", "104800", "314500", "178400"
PROVIDERS = ["whatsapp", "messenger", "instagram"]
NODES = {"whatsapp": PHONE_ID, "messenger": PAGE, "instagram": ACCOUNT}
LINES = {"whatsapp": NUMBER, "messenger": PAGE, "instagram": ACCOUNT}
OBJECTS = {"whatsapp": "whatsapp_business_account", "messenger": "page", "instagram": "instagram"}
TOKENS = {"whatsapp": TOKEN, "messenger": f"{TOKEN}1", "instagram": f"{TOKEN}2"}


@pytest.fixture
def graph(sim: Simulator, desk: Desk) -> Simulator:
    """The simulator with a number, a page and an account; somebody has just written to each."""
    secret = SecretStr(APP_SECRET)
    sim.configure(
        WhatsAppAccount(
            id="209700",
            app_secret=secret,
            access_token=SecretStr(TOKENS["whatsapp"]),
            numbers=(WhatsAppNumber(number=NUMBER, phone_number_id=PHONE_ID),),
            templates=(
                WhatsAppTemplate(name="ready", body="Order {{1}}"),
                WhatsAppTemplate(name="no", status="PAUSED"),
            ),
            webhook_url=f"{desk.url}/webhooks/whatsapp",
        )
    )
    for provider, page in (("messenger", PAGE), ("instagram", ACCOUNT)):
        pages = (Page(id=page, access_token=SecretStr(TOKENS[provider])),)
        url = f"{desk.url}/webhooks/{provider}"
        sim.configure(MetaApp(provider=provider, app_secret=secret, pages=pages, webhook_url=url))
    for provider in PROVIDERS:
        sim.text_from(PHONE, "Hello", to=LINES[provider], provider=provider)
    return sim


def told(desk: Desk, provider: str) -> list[dict[str, Any]]:
    """What the webhooks of a product said, each authentic."""
    found = []
    for heard in desk.heard:
        if heard.path == f"/webhooks/{provider}" and heard.method == "POST":
            digest = hmac.new(APP_SECRET.encode(), heard.body, hashlib.sha256).hexdigest()
            assert heard.headers["x-hub-signature-256"] == f"sha256={digest}"
            found.append(json.loads(heard.body))
    return found


def person(desk: Desk, provider: str) -> str:
    """How the product calls whoever has written."""
    entry = told(desk, provider)[0]["entry"][0]
    if provider == "whatsapp":
        return str(entry["changes"][0]["value"]["messages"][0]["from"])
    return str(entry["messaging"][0]["sender"]["id"])


def text(provider: str, to: str, words: str = "Ciao") -> dict[str, object]:
    if provider == "whatsapp":
        return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": words}}
    return {"recipient": {"id": to}, "messaging_type": "RESPONSE", "message": {"text": words}}


def post(sim: Simulator, provider: str, body: object, *, token: str | None = None, node: str = "") -> httpx.Response:
    bearer = {"authorization": f"Bearer {TOKENS[provider] if token is None else token}".strip()}
    url = f"{sim.url}/v25.0/{node or NODES[provider]}/messages"
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return loopback.post(url, content=content, headers={"content-type": "application/json", **bearer}, timeout=20)


def code(answer: httpx.Response) -> int:
    error = answer.json()["error"]
    assert set(error) >= {"message", "type", "code", "fbtrace_id"}
    return int(error.get("error_subcode", error["code"]))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_webhook_is_metas(graph: Simulator, desk: Desk, provider: str) -> None:
    [said] = told(desk, provider)
    assert said["object"] == OBJECTS[provider]
    graph.text_from(PHONE, "Grüße 😀", to=LINES[provider], provider=provider)
    raw = desk.heard[-1].body
    assert raw.isascii(), "what is not ASCII is escaped"
    assert b"Gr\\u00fc\\u00dfe \\ud83d\\ude00" in raw


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_message_is_taken_and_reported(graph: Simulator, desk: Desk, provider: str) -> None:
    answer = post(graph, provider, text(provider, person(desk, provider)))
    assert answer.status_code == 200
    given = answer.json()
    sid = given["messages"][0]["id"] if provider == "whatsapp" else given["message_id"]
    graph.wait_until_quiet()
    assert graph.phone(PHONE).texts == ["Ciao"]
    reports = json.dumps(told(desk, provider)[1:])
    assert sid in reports
    assert "read" in reports
    assert ("delivered" in reports or "delivery" in reports) is (provider != "instagram")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_may_not_is_refused(graph: Simulator, desk: Desk, provider: str) -> None:
    body = text(provider, person(desk, provider))
    assert (post(graph, provider, body, token="wrong").status_code, code(post(graph, provider, body, token=""))) == (
        401,
        190,
    )
    assert code(post(graph, provider, body, node="99999")) == 33
    other = TOKENS["messenger" if provider != "messenger" else "instagram"]
    assert code(post(graph, provider, body, token=other)) == 190
    assert graph.accepted() == []


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"to":1}', b"[" * 5000])
def test_nonsense_is_refused_and_nothing_breaks(graph: Simulator, provider: str, body: bytes) -> None:
    answer = post(graph, provider, body)
    assert 400 <= answer.status_code < 500
    assert code(answer) in (100, 131008, 131009)


@pytest.mark.parametrize(
    ("provider", "change", "wanted"),
    [
        ("whatsapp", {"text": {"body": ""}}, 131009),
        ("whatsapp", {"text": {"body": "x" * 4097}}, 131009),
        ("whatsapp", {"messaging_product": "sms"}, 100),
        ("whatsapp", {"to": "nobody"}, 131009),
        ("whatsapp", {"type": "hologram", "hologram": {}}, 131051),
        ("whatsapp", {"type": "image", "image": {"id": "1", "link": "https://x.example"}}, 131008),
        ("whatsapp", {"type": "template", "template": {"name": "none", "language": {"code": "en"}}}, 132001),
        ("whatsapp", {"type": "template", "template": {"name": "no", "language": {"code": "en"}}}, 132015),
        ("whatsapp", {"type": "template", "template": {"name": "ready", "language": {"code": "en"}}}, 132000),
        ("messenger", {"message": {"text": "x" * 2001}}, 100),
        ("messenger", {"message": {}}, 100),
        ("messenger", {"recipient": {"id": "1"}}, 2018001),
        ("messenger", {"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}, 1893061),
        ("messenger", {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, 100),
        ("messenger", {"message": {"text": "x", "quick_replies": [{"title": "x" * 21}]}}, 100),
        ("instagram", {"message": {"text": "é" * 501}}, 100),
        ("instagram", {"recipient": {"id": "1"}}, 2534014),
    ],
    ids=str,
)
def test_what_meta_refuses_is_refused(
    graph: Simulator, desk: Desk, provider: str, change: dict[str, object], wanted: int
) -> None:
    assert code(post(graph, provider, {**text(provider, person(desk, provider)), **change})) == wanted
    assert graph.accepted() == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_faults_on_demand(graph: Simulator, desk: Desk, provider: str) -> None:
    body = text(provider, person(desk, provider))
    graph.set_faults(Faults(refuse={2: 1.0}))
    assert (post(graph, provider, body).status_code, code(post(graph, provider, body))) == (503, 2)
    graph.set_faults(Faults(error_before=1.0))
    assert post(graph, provider, body).status_code == 502
    for cut in (Faults(cut_before=1.0), Faults(cut_after=1.0)):
        graph.set_faults(cut)
        with pytest.raises(httpx.RemoteProtocolError):
            post(graph, provider, body)
    assert len(graph.accepted()) == 1, "a message whose answer was cut off was taken"
    graph.set_faults(Faults(throttle_per_second=0.001))
    statuses = [post(graph, provider, body) for _ in range(2)]
    assert statuses[0].status_code == 200
    assert code(statuses[1]) == (130429 if provider == "whatsapp" else 613)


def subscribe(sim: Simulator, desk: Desk, secret: str = APP_SECRET, **changes: str) -> httpx.Response:
    given = {"object": "page", "callback_url": f"{desk.url}/webhooks/new", "verify_token": "v", **changes}
    headers = {"authorization": f"Bearer 900100|{secret}"}
    return loopback.post(f"{sim.url}/v25.0/900100/subscriptions", data=given, headers=headers, timeout=20)


def test_a_webhooks_address_is_taken_only_from_who_gives_the_challenge_back(graph: Simulator, desk: Desk) -> None:
    assert code(subscribe(graph, desk)) == 2200, "the desk answers 204"
    asked = desk.heard[-1]
    assert asked.method == "GET"
    assert asked.path.startswith("/webhooks/new?hub.mode=subscribe&hub.challenge=")
    assert code(subscribe(graph, desk, callback_url="http://127.0.0.1:1/x")) == 2200
    assert code(subscribe(graph, desk, callback_url="ftp://x.example")) == 100
    for wrong in (subscribe(graph, desk, secret="other"), subscribe(graph, desk, object="user")):
        assert code(wrong) == 190
    graph.text_from(PHONE, "Still there", to=PAGE, provider="messenger")
    assert desk.heard[-1].path == "/webhooks/messenger"
