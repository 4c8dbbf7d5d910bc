"""Downloading from addresses others have given us, without being turned against our own network (SSRF).

Before every request, redirects included: https (or a host the operator has named), a host on the allow-list, and every
address the name resolves to public. The connection is then made to the very address that was checked, so that a name
cannot change its mind in between.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

import httpx

from casella.inbox.files.networks import is_public
from casella.plugin import MediaRequest

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_NAMED = "if it is in your own network, CASELLA_PRIVATE_HOSTS has to name it"


class FetchRefused(Exception):
    """This address may not be fetched from."""

    code: ClassVar[str] = "fetch_refused"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host's name. Raises OSError, UnicodeError."""


def resolved(host: str, port: int) -> Sequence[str]:
    """As the system's resolver answers."""
    return [str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@contextmanager
def fetch(
    http: httpx.Client, wanted: MediaRequest, private_hosts: Sequence[str], resolve: Resolve = resolved
) -> Iterator[httpx.Response]:
    """A streamed response of the final address. Raises FetchRefused, httpx.HTTPError."""
    url = _address(httpx.URL(""), wanted.url)
    for hop in range(_MOST_REDIRECTS + 1):
        request = _quiet(_request(http, url, wanted, private_hosts, resolve, first=hop == 0))
        response = http.send(request, stream=True, follow_redirects=False)
        try:
            location = response.headers.get("location")
            if response.status_code not in _REDIRECTS or not location:
                yield response
                return
            url = _address(url, location)
        finally:
            response.close()
    raise FetchRefused("too many redirects")


def _quiet(request: httpx.Request) -> httpx.Request:
    """The same request, but what logs and errors show of its address ends with the host: paths and queries of media
    hold tokens and signatures. `target` is what httpcore writes on the wire instead."""
    request.extensions["target"] = request.url.raw_path
    request.url = request.url.copy_with(path="/", query=None, fragment=None)
    return request


def _request(
    http: httpx.Client,
    url: httpx.URL,
    wanted: MediaRequest,
    private_hosts: Sequence[str],
    resolve: Resolve,
    *,
    first: bool = True,
) -> httpx.Request:
    trusted = f"{url.host}:{url.port or _default_port(url)}" in {host.strip() for host in private_hosts}
    if url.scheme != "https" and not (trusted and url.scheme == "http"):
        raise FetchRefused(f"only https addresses are fetched, not {_place(url)}; {_NAMED}")
    if not any(matches(url.host, pattern) for pattern in wanted.allowed_hosts):
        raise FetchRefused("the host is not on this channel's list")
    if url.userinfo:
        raise FetchRefused("addresses with a user name are not fetched")
    # A redirect leads to a signed address, which must not get our credentials as well (channels.md §8, trap 20).
    credentials = first and any(matches(url.host, pattern) for pattern in wanted.credential_hosts)
    headers = dict(wanted.headers) if credentials else {}
    if trusted:
        return http.build_request("GET", url, headers=headers)
    address = _public_address(url, resolve)
    request = http.build_request("GET", url.copy_with(host=address), headers={**headers, "host": url.netloc.decode()})
    request.extensions["sni_hostname"] = url.host
    return request


def guarded_post(
    http: httpx.Client,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    private_hosts: Sequence[str],
    resolve: Resolve = resolved,
    *,
    timeout: float,
) -> int:
    """The status another system answers to a POST. Under the same guards, but no redirect is followed: nobody moves
    what is told to him by telling us. Raises FetchRefused, httpx.HTTPError."""
    target = _address(httpx.URL(""), url)
    wanted = MediaRequest(str(target), allowed_hosts=(target.host,))
    checked = _request(http, target, wanted, private_hosts, resolve)
    request = http.build_request(
        "POST", checked.url, headers={**headers, "host": target.netloc.decode()}, content=body,
        extensions={**checked.extensions, "timeout": httpx.Timeout(timeout).as_dict()},
    )  # fmt: skip
    response = http.send(_quiet(request), stream=True, follow_redirects=False)
    try:
        return response.status_code
    finally:
        response.close()


def guarded_exchange(
    http: httpx.Client,
    method: str,
    url: str,
    private_hosts: Sequence[str],
    resolve: Resolve = resolved,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    most: int,
    seconds: float,
) -> tuple[int, bytes]:
    """Status and whole answer of another system, of at most so many bytes and in so many seconds, however slowly they
    drip. Under the same guards; no redirect is followed. Raises FetchRefused, httpx.HTTPError."""
    target = _address(httpx.URL(""), url)
    wanted = MediaRequest(str(target), allowed_hosts=(target.host,))
    checked = _request(http, target, wanted, private_hosts, resolve)
    given = {"accept-encoding": "identity", **(headers or {}), "host": target.netloc.decode()}
    request = http.build_request(
        method, checked.url, headers=given, content=body,
        extensions={**checked.extensions, "timeout": httpx.Timeout(seconds).as_dict()},
    )  # fmt: skip
    ends = time.monotonic() + seconds
    response = http.send(_quiet(request), stream=True, follow_redirects=False)
    try:
        found = bytearray()
        for part in response.iter_raw():
            found += part
            if len(found) > most:
                raise FetchRefused("the answer is too large")
            if time.monotonic() > ends:
                raise httpx.ReadTimeout("the answer takes too long")
        return response.status_code, bytes(found)
    finally:
        response.close()


def _address(base: httpx.URL, written: str) -> httpx.URL:
    try:
        return base.join(written)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise FetchRefused("this is not an address") from error


def matches(host: str, pattern: str) -> bool:
    """Whether a host is on the list: exactly, or below "*.name"."""
    host, pattern = host.lower().rstrip("."), pattern.lower()
    return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1 if pattern.startswith("*.") else host == pattern


def _public_address(url: httpx.URL, resolve: Resolve) -> str:
    try:
        addresses = resolve(url.host, url.port or 443)
    except UnicodeError as error:
        raise FetchRefused("the host's name cannot be one") from error
    except OSError as error:
        raise httpx.ConnectError("the host's name is not known") from error
    if not addresses or not all(is_public(address) for address in addresses):
        raise FetchRefused(f"the address of {_place(url)} is not public; {_NAMED}")
    return addresses[0]


def _place(url: httpx.URL) -> str:
    """As CASELLA_PRIVATE_HOSTS names it."""
    return f"{url.host}:{url.port or _default_port(url)}"


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80
