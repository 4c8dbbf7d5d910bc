"""A uvicorn that stops at once although event streams are open, and leaves the process to its owner.

By itself it would wait for the streams until its time-out (measured: 3.2 s with a time-out of 3 s, for ever without
one), and raise the signal once more when it is done: that ends the process before its workers have recorded what they
were sending.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import uvicorn

from casella.api.limits.bounded_http import BOUNDS, Bounds, bounded
from casella.api.stream.feed_hub import FeedHub

if TYPE_CHECKING:
    from uvicorn._types import ASGIApplication


def config_of(api: Callable[..., object], bounds: Bounds = BOUNDS, trusted_proxies: str = "") -> uvicorn.Config:
    """How everything is served: within bounds, without web sockets, saying nothing of itself, and believing what is
    forwarded only of whom the operator has named."""
    return uvicorn.Config(
        cast("ASGIApplication", api),
        http=bounded(bounds),
        ws="none",
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies or None,
    )


class Server(uvicorn.Server):
    """`uvicorn.Server` that ends the event streams first, and returns after SIGTERM or SIGINT."""

    def __init__(self, config: uvicorn.Config, hub: FeedHub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.close()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        numbers = (signal.SIGTERM, signal.SIGINT)
        for number in numbers:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in numbers:  # a second one, while the workers stop, ends the process at once
                loop.remove_signal_handler(number)
