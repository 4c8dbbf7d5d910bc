"""Whether a request comes from this machine, and by no proxy."""

from __future__ import annotations

from starlette.requests import Request

from casella.api.frame.security import is_loopback

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def is_local(request: Request) -> bool:
    """Asked by its own name, too: a page of somebody else's whose name leads here is not this machine."""
    came_by_proxy = any(name in request.headers for name in _FORWARDED)
    near = request.client is not None and request.client.host in _LOOPBACK
    return near and not came_by_proxy and is_loopback(request.headers.get("host", ""))
