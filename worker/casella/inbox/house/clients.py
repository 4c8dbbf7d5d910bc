"""HTTP clients for many sends at once.

One client's pool walks through all its connections, under a lock, for each request: with a hundred threads that was a
third of a send's CPU. So threads are dealt out to several clients, eight to each. All clients of the process share one
TLS context, because reading the certificates takes 30 ms.
"""

from __future__ import annotations

import itertools
import ssl
import threading
from functools import cache

import httpx

from casella.host import GuestTransport

_THREADS_EACH = 8
_TIMEOUT = httpx.Timeout(20, connect=5)
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)  # httpx's own


@cache
def tls_context() -> ssl.SSLContext:
    """httpx's own: the certificates come with it, also where the system has none."""
    return httpx.create_ssl_context()


def guest_client(limits: httpx.Limits = _LIMITS) -> httpx.Client:
    """A client to be given to plugins: what they exchange while they are called ends before their time does."""
    transport = GuestTransport(tls_context(), limits)
    return httpx.Client(timeout=_TIMEOUT, transport=transport, follow_redirects=False)


class Clients:
    """`mine()` is the calling thread's client, always the same one."""

    def __init__(self, threads: int) -> None:
        limits = httpx.Limits(max_connections=2 * _THREADS_EACH, max_keepalive_connections=_THREADS_EACH)
        self._clients = [guest_client(limits) for _ in range(-(-threads // _THREADS_EACH))]
        self._next = itertools.cycle(self._clients)
        self._local = threading.local()

    def mine(self) -> httpx.Client:
        client: httpx.Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = next(self._next)
        return client

    def close(self) -> None:
        for client in self._clients:
            client.close()
