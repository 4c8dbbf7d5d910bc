"""The agents' page as it is served: its policy, its addresses, its files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from casella.api.page import STATIC, Page
from tests.api.house import House


@pytest.fixture
def client(lite_house: House) -> httpx.Client:
    return lite_house.client()


def test_the_house_leads_to_its_page(client: httpx.Client) -> None:
    for path in ("/", "/app"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/")


@pytest.mark.parametrize("path", ["/app/", "/app/i/support/c/01KB2Z8Q4M7T1V3X5Y7Z9A1C3E?tab=closed", "/app/search"])
def test_every_address_is_the_page_under_a_strict_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "require-trusted-types-for 'script'",
        "trusted-types casella-worker",
    ):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "<script>" not in answer.text
    assert " style=" not in answer.text


def test_all_that_the_page_names_is_there_and_kept_by_browsers(client: httpx.Client) -> None:
    names = re.findall(r'(?:src|href)="(/app/[^"]+)"', client.get("/app/").text)
    assert any("app.css?v=" in name for name in names)
    assert sum(name.endswith(".js") for name in names) == 1
    for name in names:
        answer = client.get(name)
        assert answer.status_code == 200, name
        kept = "?v=" in name or "/chunk-" in name
        assert ("immutable" in answer.headers["cache-control"]) == kept, name


def test_a_missing_file_is_no_page(client: httpx.Client) -> None:
    for path in ("/app/assets/chunk-old-1234.js", "/app/assets/", "/app/assets/%2e%2e%2fpage.py", "/app/assets/%00"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "<!doctype" not in answer.text


def test_files_are_packed_where_the_browser_can_unpack_them(client: httpx.Client) -> None:
    plain = client.get("/app/assets/app.css", headers={"accept-encoding": "identity"})
    packed = client.get("/app/assets/app.css", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert packed.content == plain.content  # httpx unpacks
    assert plain.content == (STATIC / "app.css").read_bytes()


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    etag = client.get("/app/").headers["etag"]
    again = client.get("/app/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_nothing_is_written_to_the_page(client: httpx.Client) -> None:
    assert client.post("/app/").status_code == 405
    assert client.head("/app/").status_code == 200


async def _elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("elsewhere")(scope, receive, send)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """So that `make web-watch` needs no restart."""
    (tmp_path / "index.html").write_text("old")
    client = TestClient(Page(_elsewhere, tmp_path))
    assert client.get("/app/").text == "old"
    (tmp_path / "index.html").write_text("new")
    os.utime(tmp_path / "index.html", ns=(1, 1))
    assert client.get("/app/").text == "new"
    assert client.get("/other").text == "elsewhere"
