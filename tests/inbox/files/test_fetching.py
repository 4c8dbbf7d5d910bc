"""Downloads that cannot be turned against our own network."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from casella.inbox.files.fetching import FetchRefused, fetch, guarded_exchange, matches
from casella.inbox.files.networks import is_public
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
    with pytest.raises(FetchRefused) as refused:
        read(http, request, [])
    why = f"{host.strip('[]')}:443 is not public; if it is in your own network, CASELLA_PRIVATE_HOSTS has to name it"
    assert why in refused.value.text or refused.value.text == "this is not an address"


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
    with pytest.raises(FetchRefused) as refused:
        read(http, request_, [])
    if request_.url.startswith("http:"):
        assert "not media.acme.example:80; if it is in your own network, CASELLA_PRIVATE_HOSTS" in refused.value.text


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


PUBLIC, INSIDE = "93.184.216.34", "127.0.0.1"


class Names:
    """A name server that answers from a list, one answer for each question."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0)


@pytest.fixture
def outside() -> Iterator[tuple[httpx.Client, list[httpx.Request]]]:
    """A client whose every connection ends here: what it asked for, and whom it would have connected to."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.extensions["target"] == b"/moved?again":
            return httpx.Response(302, headers={"location": "https://cdn.acme.example/p"})
        return httpx.Response(200, content=b"picture")

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        yield client, asked


FILE = MediaRequest("https://files.acme.example/f/1?token=t0p", allowed_hosts=("*.acme.example",))
MOVED = MediaRequest("https://files.acme.example/moved?again", allowed_hosts=("*.acme.example",))


def test_the_connection_is_made_to_the_very_address_that_was_checked(
    outside: tuple[httpx.Client, list[httpx.Request]],
) -> None:
    """A name that answers first with a public address and then with ours (DNS rebinding) is asked only once."""
    client, asked = outside
    names = Names([PUBLIC], [INSIDE])
    with fetch(client, FILE, [], names) as response:
        assert response.read() == b"picture"

    [request] = asked
    assert names.asked == ["files.acme.example"]
    assert request.url.host == PUBLIC
    assert request.headers["host"] == "files.acme.example"
    assert request.extensions["sni_hostname"] == "files.acme.example"  # the certificate is still checked for the name


@pytest.mark.parametrize("answer", [[INSIDE], [PUBLIC, INSIDE], [INSIDE, PUBLIC], ["169.254.169.254"], ["::1"], []])
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    outside: tuple[httpx.Client, list[httpx.Request]], answer: list[str]
) -> None:
    client, asked = outside
    with pytest.raises(FetchRefused), fetch(client, FILE, [], Names(answer)):
        pass
    assert asked == []


def test_a_redirect_is_resolved_and_checked_anew(outside: tuple[httpx.Client, list[httpx.Request]]) -> None:
    client, asked = outside
    names = Names([PUBLIC], [INSIDE])
    with pytest.raises(FetchRefused), fetch(client, MOVED, [], names):
        pass
    assert names.asked == ["files.acme.example", "cdn.acme.example"]
    assert [request.url.host for request in asked] == [PUBLIC]


def test_tokens_in_addresses_reach_the_server_and_no_log(
    http: httpx.Client, server: Web, caplog: pytest.LogCaptureFixture
) -> None:
    server.pages["/bot77:t0k3n/file?sig=s1gn"] = Page(b"picture")
    request = MediaRequest(server.url("/bot77:t0k3n/file?sig=s1gn"), allowed_hosts=("127.0.0.1",))
    with caplog.at_level("DEBUG"):
        assert read(http, request, [server.host]) == b"picture"

    assert caplog.records
    assert "t0k3n" not in caplog.text
    assert "s1gn" not in caplog.text


class Dripping(httpx.SyncByteStream):
    """One byte after the other, each of them well within any time between two."""

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(200):
            threading.Event().wait(0.01)
            yield b" "


def exchange(answer: httpx.Response, names: Names, **more: Any) -> tuple[int, bytes]:
    with httpx.Client(transport=httpx.MockTransport(lambda _: answer)) as client:
        return guarded_exchange(client, "POST", "https://a.example/x", [], names, **{"most": 100, "seconds": 5, **more})


def test_an_exchange_is_bounded_in_bytes_and_in_all_its_seconds() -> None:
    assert exchange(httpx.Response(201, stream=httpx.ByteStream(b"x" * 100)), Names([PUBLIC]), body=b"") == (
        201,
        b"x" * 100,
    )
    with pytest.raises(FetchRefused):
        exchange(httpx.Response(200, stream=httpx.ByteStream(b"x" * 101)), Names([PUBLIC]))
    with pytest.raises(httpx.ReadTimeout):
        exchange(httpx.Response(200, stream=Dripping()), Names([PUBLIC]), most=1000, seconds=0.1)
    with pytest.raises(FetchRefused):
        exchange(httpx.Response(200), Names([INSIDE]))


def test_an_exchange_follows_no_redirect() -> None:
    moved = httpx.Response(307, headers={"location": "https://b.example/"}, stream=httpx.ByteStream(b""))
    assert exchange(moved, Names([PUBLIC]))[0] == 307
