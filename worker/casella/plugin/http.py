"""Classing the errors of an HTTP call by the one question that matters: may the provider have taken the message?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from casella.plugin.errors import ChannelUnreachable, SendUncertain

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""Raised before a byte of the request was written."""


@contextmanager
def sending() -> Iterator[None]:
    """Inside it, an httpx error becomes ChannelUnreachable when the request certainly did not reach the provider, and
    SendUncertain when it may have (a time-out or a cut connection after writing began). The error's own text is not
    repeated: it may hold the URL."""
    try:
        yield
    except _NOT_SENT as error:
        raise ChannelUnreachable(provider_code=type(error).__name__) from error
    except httpx.RequestError as error:  # also what went wrong while the answer was read
        raise SendUncertain(provider_code=type(error).__name__) from error


@contextmanager
def asking() -> Iterator[None]:
    """Inside it, every httpx error becomes ChannelUnreachable: for requests that change nothing at the provider, such
    as those of `lookup` and `health`."""
    try:
        yield
    except httpx.RequestError as error:
        raise ChannelUnreachable(provider_code=type(error).__name__) from error


def retry_after(response: httpx.Response) -> float | None:
    """Seconds of the Retry-After header (RFC 9110 §10.2.3, the number form), capped at one hour; None without one."""
    value = response.headers.get("retry-after", "").strip()
    return min(float(value), 3600.0) if value.isascii() and value.isdigit() else None
