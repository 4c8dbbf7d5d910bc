"""How long what a visitor proves himself with counts, by the clock: to the second, and never longer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import (
    Channel,
    ChannelHouse,
    Connection,
    ContactStream,
    Opening,
    Route,
    RouteAnswer,
    RouteRefused,
    RouteRequest,
    Transcript,
    Upload,
    Webhook,
    WebhookAnswer,
)
from casella.plugin.routes import RouteMethod
from casella.plugin.testing.subject import NOON
from casella_webchat import tokens
from casella_webchat.routes import routes
from casella_webchat.settings import WebchatSettings
from tests.plugins.webchat.shop import ORIGIN
from tests.plugins.webchat.test_conformance import IDENTITY_SECRET, SECRET

SETTINGS = WebchatSettings.model_validate({"secret": SECRET, "identity_secret": IDENTITY_SECRET, "origins": [ORIGIN]})
ROUTES = {(route.method, route.path): route for route in routes() if isinstance(route, Route)}


class House:
    """A house that keeps nothing but what was revoked."""

    def __init__(self) -> None:
        self.channel: Channel[Any] = Channel("channel-1", "shop", Connection("website", SETTINGS, "https://x.example"))
        self.revoked: set[str] = set()

    def receive(self, webhook: Webhook) -> WebhookAnswer:
        return WebhookAnswer(202)

    def transcript(self, contact_address: str, *, before: str | None = None, limit: int = 50) -> Transcript:
        return Transcript(messages=(), older=None, cursor="0", read_at=None)

    def admit_upload(self, contact_address: str, size: int) -> None:
        """Always."""

    def keep_upload(self, content: bytes, name: str, claimed: str, most: int, *, contact_address: str = "") -> Upload:
        return Upload(id="u-1", kind="image", mime="image/png", name=None, size=len(content))

    def allow(self, what: str, key: str, most: int, seconds: int) -> None:
        """Always."""

    def revoke(self, contact_address: str, credential: str, until: datetime) -> None:
        self.revoked.add(credential)

    def is_revoked(self, contact_address: str, credential: str, issued_at: datetime) -> bool:
        return credential in self.revoked

    def opening(self, hours: str) -> Opening | None:
        return None


def ask(
    house: ChannelHouse, at: datetime, method: RouteMethod, path: str, token: str = "", body: object = None
) -> RouteAnswer | ContactStream:
    headers = {"origin": ORIGIN, "content-type": "application/json", "authorization": f"Bearer {token}"}
    content = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    request = RouteRequest(method, {"channel": "shop"}, {}, headers, content, "192.0.2.1", at)
    return ROUTES[method, f"{{channel}}/{path}"].answer(request, house)


def begin(house: ChannelHouse, at: datetime, resume: str | None = None) -> dict[str, Any]:
    answer = ask(house, at, "POST", "session", body={"resume": resume})
    assert isinstance(answer, RouteAnswer)
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_an_access_token_counts_a_quarter_of_an_hour() -> None:
    house = House()
    session = begin(house, NOON)
    assert session["expires_in"] == 900
    last = NOON + timedelta(minutes=15, microseconds=-1)
    assert isinstance(ask(house, last, "GET", "messages", session["token"]), RouteAnswer)
    for later in (timedelta(minutes=15), timedelta(minutes=16), timedelta(days=400)):
        with pytest.raises(RouteRefused) as refused:
            ask(house, NOON + later, "GET", "messages", session["token"])
        assert (refused.value.status, refused.value.code) == (401, "token_expired")


def test_a_stream_ends_with_its_token() -> None:
    house = House()
    stream = ask(house, NOON + timedelta(minutes=10), "GET", "events", begin(house, NOON)["token"])
    assert isinstance(stream, ContactStream)
    assert (stream.until, stream.issued_at) == (NOON + timedelta(minutes=15), NOON)


def test_a_browser_is_remembered_thirty_days_from_its_last_visit() -> None:
    house = House()
    first = begin(house, NOON)
    again = begin(house, NOON + timedelta(days=29), first["resume"])
    assert again["is_new"] is False
    assert begin(house, NOON + timedelta(days=30), first["resume"])["is_new"] is True, "the old one has run out"
    assert begin(house, NOON + timedelta(days=58), again["resume"])["is_new"] is False, "it was renewed"
    assert begin(house, NOON + timedelta(days=59), again["resume"])["is_new"] is True


def test_an_upload_can_be_attached_for_a_day() -> None:
    house = House()
    visitor = begin(house, NOON)
    kept = ask(house, NOON, "POST", "uploads", visitor["token"], b"\x89PNG")
    assert isinstance(kept, RouteAnswer)
    message = {
        "client_id": "0191c2d4-0000-7000-8000-000000000001",
        "text": "x",
        "uploads": [json.loads(kept.body)["upload"]],
    }
    early, late = NOON + timedelta(hours=23), NOON + timedelta(hours=24)
    answer = ask(house, early, "POST", "messages", begin(house, early, visitor["resume"])["token"], message)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    with pytest.raises(RouteRefused) as refused:
        ask(house, late, "POST", "messages", begin(house, late, visitor["resume"])["token"], message)
    assert refused.value.code == "unknown_upload"


@given(st.timedeltas(timedelta(0), timedelta(days=60)), st.sampled_from(sorted(tokens.LASTS)))
def test_every_token_counts_exactly_as_long_as_its_kind(after: timedelta, purpose: tokens.Purpose) -> None:
    who: dict[str, Any] = {"visitor": "v:1", "session": "s", "origin": ORIGIN}
    token = tokens.make(SETTINGS, "shop", purpose, **who, now=NOON)
    found = tokens.read(SETTINGS, "shop", purpose, token, origin=ORIGIN, now=NOON + after)
    assert (found is not None) == (after < tokens.LASTS[purpose])
    assert found is None or found.issued_at == NOON
