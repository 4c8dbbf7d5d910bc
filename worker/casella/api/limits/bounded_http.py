"""The outermost bound: what a connection may send, how much and how slowly, before anything reads it.

Under httptools nobody else bounds it: uvicorn's `h11_max_incomplete_event_size` is h11's alone (measured: 150 MB of
headers accepted, 300 half-open requests held for ever). Bytes of a head are counted as they arrive, so that nothing of
it is kept once it is too long; a head has a deadline; a body may take its time as long as it keeps coming.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from http import HTTPStatus
from typing import cast

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from casella import metrics

_log = structlog.get_logger("casella.http")


@dataclass(frozen=True, slots=True)
class Bounds:
    """`body_grace` seconds are everybody's; behind them a body must have come at `body_rate` bytes a second."""

    head_bytes: int = 64 * 1024
    line_bytes: int = 8 * 1024
    header_count: int = 100
    head_seconds: float = 10.0
    body_grace: float = 20.0
    body_rate: float = 32 * 1024


BOUNDS = Bounds()


class _At(Enum):
    IDLE = "between requests"
    HEAD = "in a head"
    BODY = "in a body"


class _Refused(Exception):
    """Ends the parsing of a request that was answered already."""


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol within bounds. A request that arrives whole in one piece costs no timer."""

    def __init__(self, *given: object, bounds: Bounds = BOUNDS, **named: object) -> None:
        super().__init__(*given, **named)  # type: ignore[arg-type]  # whatever uvicorn gives its protocols
        self._bounds = bounds
        self._at = _At.IDLE
        self._refused = False
        self._deadline: asyncio.TimerHandle | None = None
        self._began = 0.0
        self._raw = 0
        self._head = 0
        self._count = 0
        self._body = 0

    # --- the connection -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        super().connection_made(transport)
        self._expect(self._bounds.head_seconds, self._late_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        before = self._at
        if before is not _At.BODY:
            self._raw += len(data)
        super().data_received(data)
        if self._at is _At.HEAD and self._raw > self._bounds.head_bytes:
            self._refuse(431)
        if self._refused or self.transport.is_closing():
            self._expect(None)
        else:
            self._await_more(before)

    def _await_more(self, before: _At) -> None:
        """One deadline for each head and each body, from when it began."""
        waits = self._deadline is not None and self._at is before
        if self._at is _At.BODY:
            if not waits:
                self._expect(self._bounds.body_grace, self._late_body)
        elif self._at is _At.HEAD or self._raw:  # or bytes that begin no request, while uvicorn thinks of one
            if self._deadline is None or before is _At.BODY:
                self._expect(self._bounds.head_seconds, self._late_head)
        else:
            self._expect(None)  # uvicorn's own limit for idle connections holds

    def _expect(self, seconds: float | None, late: Callable[[], None] | None = None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, late) if seconds is not None and late is not None else None

    def _late_head(self) -> None:
        self._deadline = None
        self._refuse(408)

    def _late_body(self) -> None:
        self._deadline = None
        allowed = self._bounds.body_grace + self._body / self._bounds.body_rate
        left = allowed - (self.loop.time() - self._began)
        if self.flow.read_paused:  # it is the house that does not keep up
            self._began += self._bounds.body_grace
            self._expect(self._bounds.body_grace, self._late_body)
        elif left > 0:
            self._expect(left, self._late_body)
        else:
            self._refuse(408)

    # --- the parser's callbacks ---------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._at, self._head, self._count, self._body = _At.HEAD, 0, 0, 0

    def on_url(self, url: bytes) -> None:
        self._head += len(url)
        if len(self.url) + len(url) > self._bounds.line_bytes:
            self._stop(414)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        line = len(name) + len(value) + 4
        self._head += line
        self._count += 1
        bounds = self._bounds
        if line > bounds.line_bytes or self._head > bounds.head_bytes or self._count > bounds.header_count:
            self._stop(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._at, self._raw, self._began = _At.BODY, 0, self.loop.time()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._at, self._raw = _At.IDLE, 0
        super().on_message_complete()

    # --- refusing -----------------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        if not self._refused:
            super().send_400_response(msg)

    def _stop(self, status: int) -> None:
        self._refuse(status)
        raise _Refused

    def _refuse(self, status: int) -> None:
        """Answer, where no answer has begun, and hang up. Nothing more of this connection is read."""
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        metrics.bounded_requests.labels(str(status)).inc()
        _log.info("request refused before it was read", status=status, peer=self.client[0] if self.client else None)
        silent = self._at is _At.IDLE and not self._raw
        if not silent and (self.cycle is None or self.cycle.response_complete or not self.cycle.response_started):
            phrase = HTTPStatus(status).phrase
            head = f"HTTP/1.1 {status} {phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode())
        self.transport.close()


def bounded(bounds: Bounds = BOUNDS) -> type[asyncio.Protocol]:
    """For uvicorn's `http`."""
    return cast(type[asyncio.Protocol], partial(BoundedHttp, bounds=bounds))
