"""What a stranger sends to be stored is refused without being read; cookies are read by ourselves (issue 17.1)."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
from fastapi import Request

from casella.api.frame import cookies
from casella.ids import new_id
from tests import loopback
from tests.api.conftest import Cast
from tests.api.house import served
from tests.api.test_bounded_http import talking, told

HUGE = 90 * 1024 * 1024


@pytest.mark.parametrize(
    "credentials",
    ["", "Authorization: Bearer csl_wrong\r\n", "Cookie: casella_session=forged\r\n", "Authorization: x\r\n"],
)
@pytest.mark.parametrize("path", ["/api/v1/attachments", "/api/v1/me/tokens", "/api/v1/conversations"])
def test_a_large_body_of_a_stranger_is_not_waited_for(lite_cast: Cast, path: str, credentials: str) -> None:
    with served(lite_cast.house) as running:
        port = urlsplit(running.url).port
        assert port
        with talking(running) as peer:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {HUGE}\r\n{credentials}\r\n"
            peer.sendall(head.encode() + b"x" * 1000)
            answer = told(peer)  # it hangs up: what is not read is not waited for
    assert answer.startswith(b"HTTP/1.1 401")
    assert b'"code":"not_authenticated"' in answer


def test_who_sends_little_hears_why_and_keeps_the_connection(lite_cast: Cast) -> None:
    with served(lite_cast.house) as running, loopback.Client(base_url=running.url) as client:
        for _ in range(2):
            answer = client.post("/api/v1/me/tokens", json={"label": "x" * 20_000})
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "connection" not in answer.headers


def test_a_write_by_cookie_from_another_site_is_refused_before_its_body(lite_cast: Cast) -> None:
    client = lite_cast.client()
    session = lite_cast.house.session(lite_cast.ann)
    headers = {"Cookie": f"casella_session={session}", "Sec-Fetch-Site": "cross-site"}
    answer = client.post("/api/v1/me/tokens", content=b"not even json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")


def test_who_is_known_is_asked_for_once(lite_cast: Cast) -> None:
    client = lite_cast.client(lite_cast.ann)
    answer = client.post("/api/v1/me/tokens", json={"label": "x"}, headers={"Idempotency-Key": new_id()})
    assert answer.status_code == 201


def given(header: bytes) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", header)]})


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (b"casella_session=abc.DEF-1_2~", "abc.DEF-1_2~"),
        (b"other=1; casella_session=abc; more=2", "abc"),
        (b'other="casella_session=no"; casella_session=abc', "abc"),
        (b"xcasella_session=no", None),
        (b'casella_session="quoted"', None),
        (b"casella_session=", None),
        (b"casella_session=" + b"a" * 1001, None),
        (b"=\\;casella_session=ok", "ok"),
    ],
)
def test_our_own_cookie_alone_is_read(header: bytes, found: str | None) -> None:
    assert cookies.read(given(header), cookies.NAME) == found


def test_it_is_what_the_standard_parser_reads() -> None:
    written = "a=b; casella_session=ImNzbF9hYmMi.x-Y_z; c=d"
    assert cookies.read(given(written.encode()), cookies.NAME) == SimpleCookie(written)["casella_session"].value
