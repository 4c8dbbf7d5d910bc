"""Downloads that cannot be turned against our own network."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from casella.inbox.fetching import FetchRefused, fetch, is_public, matches
from casella.plugin import MediaRequest
from tests.inbox.web import Page, Web, web

CREDENTIALS = {"authorization": "Basic c2VjcmV0"}


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as place:
        yield place


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5) as client:
        yield client


def read(http: httpx.Client, request: MediaRequest, private: list[str]) -> bytes:
    with fetch(http, request, private) as response:
        return response.read()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_addresses_that_lead_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("host", "pattern", "fits"),
    [
        ("api.acme.example", "api.acme.example", True),
        ("API.acme.example.", "api.acme.example", True),
        ("media.acme.example", "*.acme.example", True),
        ("a.b.acme.example", "*.acme.example", True),
        ("acme.example", "*.acme.example", False),
        ("evilacme.example", "*.acme.example", False),
        ("acme.example.evil.example", "*.acme.example", False),
        (".acme.example", "*.acme.example", False),
    ],
)
def test_a_pattern_never_matches_by_suffix_alone(host: str, pattern: str, fits: bool) -> None:
    assert matches(host, pattern) is fits


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"],
)
def test_our_own_network_is_refused_however_it_is_written(http: httpx.Client, host: str) -> None:
    request = MediaRequest(f"https://{host}/secret", allowed_hosts=(host.strip("[]"),))
    with pytest.raises(FetchRefused):
        read(http, request, [])


def test_a_host_named_by_the_operator_is_fetched_from_with_exactly_its_port(http: httpx.Client, server: Web) -> None:
    server.pages["/file"] = Page(b"picture")
    request = MediaRequest(server.url("/file"), CREDENTIALS, ("127.0.0.1",), ("127.0.0.1",))

    assert read(http, request, [f" {server.host} "]) == b"picture"
    assert server.asked[0][1]["authorization"] == CREDENTIALS["authorization"]
    for other in ("127.0.0.1:1", "localhost:1", "127.0.0.1", ""):
        with pytest.raises(FetchRefused):
            read(http, request, [other])


@pytest.mark.parametrize(
    "request_",
    [
        MediaRequest("http://media.acme.example/file", allowed_hosts=("media.acme.example",)),
        MediaRequest("ftp://media.acme.example/file", allowed_hosts=("media.acme.example",)),
        MediaRequest("file:///etc/passwd", allowed_hosts=("",)),
        MediaRequest("https://elsewhere.example/file", allowed_hosts=("media.acme.example",)),
        MediaRequest("https://media.acme.example/file"),
        MediaRequest("https://user:word@media.acme.example/file", allowed_hosts=("media.acme.example",)),
    ],
)
def test_other_schemes_hosts_and_logins_are_refused_without_asking_anybody(
    http: httpx.Client, request_: MediaRequest
) -> None:
    with pytest.raises(FetchRefused):
        read(http, request_, [])


def test_a_redirect_to_another_host_goes_without_credentials(http: httpx.Client, server: Web) -> None:
    with web() as storage:
        storage.pages["/signed"] = Page(b"picture")
        server.pages["/file"] = Page(status=302, headers={"Location": storage.url("/signed", "localhost")})
        request = MediaRequest(server.url("/file"), CREDENTIALS, ("127.0.0.1", "localhost"), ("127.0.0.1",))

        assert read(http, request, [server.host, f"localhost:{storage.port}"]) == b"picture"
        assert "authorization" in server.asked[0][1]
        assert "authorization" not in storage.asked[0][1]


def test_a_redirect_inside_is_refused(http: httpx.Client, server: Web) -> None:
    with web() as inside:
        for target in (
            inside.url("/admin"),
            "https://127.0.0.1/",
            "https://localhost/",
            "https://[::1]/",
            "//127.0.0.1:1/",
        ):
            server.pages["/file"] = Page(status=302, headers={"Location": target})
            request = MediaRequest(server.url("/file"), allowed_hosts=("127.0.0.1", "localhost", "::1"))
            with pytest.raises(FetchRefused):
                read(http, request, [server.host])
        assert inside.asked == []


def test_redirects_without_end_end(http: httpx.Client, server: Web) -> None:
    server.pages["/file"] = Page(status=302, headers={"Location": "/file"})
    with pytest.raises(FetchRefused):
        read(http, MediaRequest(server.url("/file"), allowed_hosts=("127.0.0.1",)), [server.host])
    assert len(server.asked) == 6
