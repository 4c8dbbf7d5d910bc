"""HTTP for guests: a limit on the whole of what a guest exchanges with his provider while he is called.

httpx limits each step: a provider that answers one byte every three seconds never reaches any limit. Here all steps of
all requests of one call (connect, write, every byte read) share one deadline, kept below the limit of the call itself;
so a slow provider ends as a time-out of httpx, of which `casella.plugin.sending()` makes SendUncertain, and the plugin
is not blamed for it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import httpcore
import httpx

from casella.host.running_time import running_time

_MARGIN = 0.1
"""Part of a call's limit that is left for the plugin itself, after its provider's time is over."""
_LONGEST_MARGIN = 2.0
_LEAST_WAIT = 0.001  # a time-out of 0 would mean "do not block" to the socket
_until: ContextVar[float | None] = ContextVar("exchanges_until", default=None)


@contextmanager
def exchanges_within(seconds: float) -> Iterator[None]:
    """Inside it, also in threads that copy the context, the clients' exchanges end in time for a call of `seconds`."""
    token = _until.set(running_time().now() + seconds - min(seconds * _MARGIN, _LONGEST_MARGIN))
    try:
        yield
    finally:
        _until.reset(token)


def _within(timeout: float | None, expired: type[Exception]) -> float | None:
    """What is left for the next step. Raises `expired` when nothing is."""
    until = _until.get()
    if until is None:
        return timeout
    left = until - running_time().now()
    if left <= 0:
        raise expired("the time for the whole exchange is over")
    return max(_LEAST_WAIT, left if timeout is None else min(timeout, left))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, within))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        within = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_tcp(host, port, within, local_address, socket_options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        within = _within(timeout, httpcore.ConnectTimeout)
        return _Stream(self._sockets.connect_unix_socket(path, within, socket_options))


class GuestTransport(httpx.HTTPTransport):
    """httpx's own, on sockets that keep the deadline. For clients that are given to plugins."""

    def __init__(self, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, limits=limits)
        self._pool = httpcore.ConnectionPool(  # httpx itself has no way to be given sockets; the rest of it stays
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Backend(),
        )
