"""Nobody is trusted because something is missing: names, schemes, headers (issue 17.11)."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Response

from casella.api.frame.cookies import Pending, PendingCookie
from casella.api.frame.security import is_loopback, is_our_host
from tests.api.conftest import Cast
from tests.api.endpoints.test_sessions import PASSWORD, give_password
from tests.api.house import KEY, open_house


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "localhost", 200),
        ("::1", "[::1]:8000", 200),
        ("127.0.0.1", "evil.test", 403),  # its name leads here: DNS rebinding
        ("127.0.0.1", "casella.test", 403),
        ("127.0.0.1", "", 403),
        ("203.0.113.9", "127.0.0.1", 403),
    ],
)
def test_metrics_are_for_this_machine_that_asks_itself(lite_cast: Cast, address: str, host: str, status: int) -> None:
    client = lite_cast.house.client(address=address, Host=host)
    assert client.get("/metrics").status_code == status


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("inbox.example", True),
        ("INBOX.example:443", True),
        ("localhost:8000", True),
        ("10.0.0.7:8000", True),
        ("[2001:db8::1]", True),
        ("evil.test", False),
        ("inbox.example.evil.test", False),
        ("", False),
        ("[", False),
    ],
)
def test_by_which_names_we_are_asked(host: str, ours: bool) -> None:
    assert is_our_host(host, "https://inbox.example") is ours


@pytest.mark.parametrize(("host", "loopback"), [("127.9.9.9", True), ("localhost", True), ("10.0.0.1", False)])
def test_this_very_machine(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.test", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Host": "evil.test", "Origin": "http://evil.test"}, 403),
        ({"Host": "evil.test", "X-Casella-Request": "1"}, 403),
        ({"Origin": "https://casella.test"}, 403),  # another scheme is another origin
        ({"Origin": "http://casella.test"}, 200),
        ({"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"}, 200),
    ],
)
def test_a_page_by_another_name_changes_nothing(lite_cast: Cast, headers: dict[str, str], status: int) -> None:
    session = give_password(lite_cast).house.session(lite_cast.ann)
    cookie = {"Cookie": f"casella_session={session}"}
    answer = lite_cast.client().put("/api/v1/me/availability", json={"available": True}, headers={**headers, **cookie})
    assert answer.status_code == status


def test_under_https_everything_says_so(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with open_house(migrated_sqlite_url, tmp_path, public_url="https://inbox.example") as house:
        for path in ("/health", "/api/v1/me", "/nothing"):
            assert house.client().get(path).headers["strict-transport-security"] == "max-age=31536000"


def test_under_http_nothing_does(lite_cast: Cast) -> None:
    assert "strict-transport-security" not in lite_cast.client().get("/health").headers


def test_cookies_under_https_belong_to_this_very_host(migrated_sqlite_url: str, tmp_path: Path) -> None:
    from tests.api.conftest import cast_of

    with open_house(migrated_sqlite_url, tmp_path, public_url="https://inbox.example") as house:
        cast = give_password(cast_of(house))
        answer = cast.client().post("/api/v1/session", json={"email": "ann@casella.test", "password": PASSWORD})
        cookies = answer.headers.get_list("set-cookie")
        pending = Response()
        PendingCookie([KEY], secure=True).set(pending, Pending(problem="sign_in_stale"))
        cookies += pending.headers.getlist("set-cookie")
    ours = ["__Host-casella_known", "__Host-casella_session", "__Host-casella_sign_in"]
    assert sorted(one.partition("=")[0] for one in cookies) == ours
    for one in cookies:
        assert "Secure" in one
        assert "Path=/;" in one
        assert "domain" not in one.lower()
