"""Whatever is sent, the answer is a problem with a code; never a 500."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.api.conftest import Cast, cast_of
from tests.api.house import open_house
from tests.builders import make_contact, make_conversation
from tests.services import PostgresServer

LIST = "/api/v1/conversations"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        return make_conversation(db, channel_id=channel)


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(body)
    assert body["type"] == f"urn:casella:problem:{code}"
    assert body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "malformed_json"),
        (b"\xff\xfe{}", 400, "malformed_json"),
        (b'{"text": "\xff"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"text": ' + b"9" * 10_000 + b"}", 400, "malformed"),
        (b'{"text": NaN}', 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b'{"text": {"a": 1}}', 422, "invalid"),
        (b'{"text": "\\ud800"}', 422, "invalid"),
        (b'{"text": "a\\u0000b"}', 422, "invalid"),
        (b'{"text": "hi", "to": "everybody"}', 422, "invalid"),
        (b'{"text": "hi", "\\ud800": 1}', 422, "invalid"),
        (b'{"text": "hi", "reply_to": "nonsense"}', 422, "invalid"),
        (b'{"text": "hi", "attachment_ids": ["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"]}', 422, "unknown_attachment"),
        (b'{"text": "hi", "reply_to": "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"}', 422, "unknown_quoted_message"),
        (b'{"text": "' + b"x" * 65_537 + b'"}', 422, "invalid"),
        (b'{"text": "' + b"x" * 600_000 + b'"}', 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:30] if isinstance(value, bytes) else str(value),
)
def test_bodies(cast: Cast, conversation: str, content: bytes, status: int, code: str) -> None:
    url = f"{LIST}/{conversation}/messages"
    answer = cast.client(cast.ann).post(url, content=content, headers={**JSON, "Idempotency-Key": "k"})
    is_problem(answer, status, code)


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\x85", "\n", "\x9b"])
def test_a_tag_breaks_no_line_and_turns_nothing_round(lite_cast: Cast, sign: str) -> None:
    with lite_cast.house.store.write() as db:
        contact = make_contact(db)
    for written in (f"v{sign}ip", f"{sign}vip"):
        answer = lite_cast.client(lite_cast.dora).post(f"/api/v1/contacts/{contact}/tags", json={"tag": written})
        is_problem(answer, 422, "invalid")


def test_the_input_is_not_repeated(lite_cast: Cast) -> None:
    body = {"email": "ann@casella.test", "password": ["a secret"]}
    answer = lite_cast.client().post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert "a secret" not in answer.text
    assert answer.json()["errors"] == [
        {"loc": ["body", "password"], "code": "string_type", "text": "Input should be a valid string"}
    ]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/html"])
def test_another_content_type_is_415(lite_cast: Cast, content_type: str) -> None:
    answer = lite_cast.client().post("/api/v1/session", content=b'{"a": 1}', headers={"Content-Type": content_type})
    is_problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/", 404, "no_such_path"),
        ("GET", "/api/v1/conversations/", 404, "not_found"),
        ("GET", "/docs", 404, "no_such_path"),
        ("PATCH", "/api/v1/conversations", 405, "method_not_allowed"),
        ("BREW", "/api/v1/conversations", 405, "method_not_allowed"),
        ("GET", "/files/forged", 404, "not_found"),
    ],
)
def test_paths_and_methods(lite_cast: Cast, method: str, path: str, status: int, code: str) -> None:
    answer = lite_cast.client(lite_cast.ann).request(method, path)
    if path == "/api/v1/conversations/":
        assert answer.status_code == 404
    else:
        is_problem(answer, status, code)


@pytest.mark.parametrize(
    "query", ["tag=%00", "tag=%ff", "tag=%", "q=%F0%9F", "limit=1&limit=2", "cursor=%00", "&&&=", "=x"]
)
@pytest.mark.parametrize("path", [LIST, "/api/v1/search", "/api/v1/events/poll"])
def test_broken_queries(lite_cast: Cast, path: str, query: str) -> None:
    answer = lite_cast.client(lite_cast.ann).get(f"{path}?{query}")
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "\xff=\xfe; casella_session"},
        {"Accept-Language": "it;q=x, ,;;;=" + "a," * 5000},
        {"Idempotency-Key": "é"},
        {"X-Request-Id": "a b\tc" + "x" * 100},
        {"Last-Event-ID": "\xff"},
        {"Content-Length": "5"},
        {"Range": "bytes=-"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_broken_headers(lite_cast: Cast, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    client = lite_cast.client(lite_cast.ann)
    for path in ("/api/v1/me", LIST, "/health"):
        assert client.get(path, headers=encoded).status_code < 500  # type: ignore[arg-type]  # bytes are fine


def test_a_problem_is_told_in_the_readers_language(lite_cast: Cast) -> None:
    client = lite_cast.client()
    italian = client.get("/api/v1/me", headers={"Accept-Language": "it-IT,it;q=0.9,en;q=0.8"})
    assert italian.json()["detail"] == "Accedi prima: invia un token bearer o il cookie di sessione."
    assert italian.json()["title"] == "Accedi prima"
    assert italian.headers["content-language"] == "it"
    english = client.get("/api/v1/me", headers={"Accept-Language": "de,en;q=0.5"})
    assert english.json()["title"] == "Sign in first"
    assert english.json()["code"] == italian.json()["code"]


def test_every_answer_carries_the_safe_headers(lite_cast: Cast) -> None:
    client = lite_cast.client(lite_cast.ann)
    for path in ("/api/v1/me", "/nowhere", "/health", "/api/v1/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_a_request_id_of_the_callers_own_is_kept(lite_cast: Cast) -> None:
    client = lite_cast.client()
    assert (
        client.get("/health", headers={"X-Request-Id": "from-the-proxy.1"}).headers["x-request-id"]
        == "from-the-proxy.1"
    )
    assert client.get("/health", headers={"X-Request-Id": "<script>"}).headers["x-request-id"] != "<script>"


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(
    private_pg_server: PostgresServer, tmp_path: Path
) -> None:
    with open_house(private_pg_server.create_database("away"), tmp_path) as house:
        cast = cast_of(house)
        client = cast.client(cast.ann)
        assert client.get("/ready").json()["ready"] is True
        private_pg_server.stop()
        answer = client.get("/api/v1/me")
        is_problem(answer, 503, "store_unavailable")
        assert int(answer.headers["retry-after"]) > 0
        ready = client.get("/ready")
        assert (ready.status_code, ready.json()["ready"]) == (503, False)
        assert client.get("/health").status_code == 200
        assert b"casella_http_requests" in client.get("/metrics", headers={"Host": "127.0.0.1"}).content
        private_pg_server.start()
        assert client.get("/api/v1/me").status_code == 200


def test_webhooks_go_another_way(lite_cast: Cast) -> None:
    answer = lite_cast.client().post("/webhooks/sms", content=b"x")
    assert answer.headers["x-door"] == "webhooks"
    assert "x-request-id" not in answer.headers
