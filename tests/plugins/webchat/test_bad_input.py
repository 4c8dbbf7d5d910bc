"""Whatever somebody sends to the widget's paths: an answer or a refusal with a sentence, never anything else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.plugin import ContactStream, RouteAnswer, RouteRefused, RouteRequest
from casella.plugin.routes import RouteMethod
from casella.plugin.testing.subject import NOON
from casella_webchat.sessions import SessionEnd, SessionRequest
from casella_webchat.writing import NewMessage, Receipt
from tests.budget import tries
from tests.plugins.webchat.shop import ORIGIN
from tests.plugins.webchat.test_expiry import ROUTES, House, begin

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
MODELS = {"session": SessionRequest, "session/end": SessionEnd, "messages": NewMessage, "receipts": Receipt}
SOUND: dict[str, object] = {
    "client_id": "0191c2d4-0000-7000-8000-000000000001",
    "text": "Hello",
    "state": "read",
    "until": "2026-11-22T10:00:00Z",
}


@dataclass
class Asked:
    """What a path answered."""

    status: int
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def ask(method: RouteMethod, path: str, headers: dict[str, str], query: dict[str, str], body: bytes) -> Asked:
    """Raises whatever is no answer."""
    request = RouteRequest(method, {"channel": "shop"}, query, headers, body, "192.0.2.1", NOON)
    route = ROUTES[method, f"{{channel}}/{path}"]
    house = House()
    try:
        if route.admit is not None:
            route.admit(request, house)
        answer = route.answer(request, house)
    except RouteRefused as refused:
        return Asked(refused.status, refused.code if refused.text else "without a sentence", refused.headers)
    if isinstance(answer, ContactStream):
        return Asked(200)
    assert isinstance(answer, RouteAnswer)
    return Asked(answer.status, headers=dict(answer.headers))


def fields_of(model: Any) -> st.SearchStrategy[dict[str, object]]:
    """A body with the model's own fields, each sound, absent, or anything at all."""
    parts = {name: JSON | st.just(SOUND[name]) if name in SOUND else JSON for name in model.model_fields}
    return st.fixed_dictionaries({}, optional=parts)


@pytest.mark.parametrize("path", sorted(MODELS))
def test_every_field_may_be_anything(path: str) -> None:
    token = begin(House(), NOON)["token"]
    headers = {"origin": ORIGIN, "content-type": "application/json", "authorization": f"Bearer {token}"}

    @settings(max_examples=tries(150))
    @given(fields_of(MODELS[path]))
    def asked(document: dict[str, object]) -> None:
        answer = ask("POST", path, headers, {}, json.dumps(document).encode())
        refusals = {(422, "invalid"), (422, "unknown_upload"), (403, "identity_refused")}
        assert answer.status in (200, 201, 204) or (answer.status, answer.code) in refusals

    asked()


NAMES = ("origin", "authorization", "content-type", "x-file-name", "last-event-id")


@settings(max_examples=tries(300))
@given(
    st.sampled_from(sorted(ROUTES)),
    st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)),
    st.booleans(),
    st.dictionaries(st.sampled_from(["before", "after", "x"]), st.text(max_size=30)),
    st.binary(max_size=200) | st.just(b"[" * 20_000),
)
def test_random_requests_are_answered_or_refused(
    route: tuple[RouteMethod, str], headers: dict[str, str], known: bool, query: dict[str, str], body: bytes
) -> None:
    if known:
        token = begin(House(), NOON)["token"]
        headers = {**headers, "origin": ORIGIN, "authorization": f"Bearer {token}"}
    answer = ask(route[0], route[1].removeprefix("{channel}/"), headers, query, body)
    assert answer.status < 500
    assert answer.code != "without a sentence"
    assert known or answer.status in (401, 403), "without an allowed origin nobody gets anything"
    assert known or "Access-Control-Allow-Origin" not in answer.headers
