"""Whether a request comes from this machine, and by no proxy."""

from __future__ import annotations

from starlette.requests import Request

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


def is_local(request: Request) -> bool:
    came_by_proxy = any(name in request.headers for name in _FORWARDED)
    return request.client is not None and request.client.host in _LOOPBACK and not came_by_proxy
