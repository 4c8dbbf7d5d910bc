"""A lean HTTP/1.1 client for webhooks.

Receipts come in thousands a second while the send API answers on the same event loop. A general client spent most of
that loop on its connection pool (130 webhooks a second with 200 connections waiting), so this one does only what a
webhook needs: one request, a short answer, connections kept open.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import SplitResult, urlsplit

import httptools

_CONNECTIONS_PER_HOST = 100
_KEPT_BODY = 4_096
#: Servers close idle connections after 5 seconds or more; one that has rested this long may be closing right now.
_REUSABLE_SECONDS = 2.0


class ConnectFailed(Exception):
    """No connection to the webhook's host could be made. Is it running, and is the URL right?"""

    code = "connect_failed"


class NoAnswer(Exception):
    """The connection was made, but no complete answer came back in time. The request may have been received."""

    code = "no_answer"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What goes over the wire: `url` as requested, already carrying whatever the signature needs."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes

    def encoded(self, parts: SplitResult) -> bytes:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.netloc.rpartition("@")[2]
        lines = [f"{self.method} {_ascii(target)} HTTP/1.1", f"Host: {_ascii(host)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"Content-Length: {len(self.content)}")
        return "\r\n".join([*lines, "", ""]).encode("ascii") + self.content


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a webhook; the body is kept up to a few kilobytes."""

    status: int
    content_type: str
    text: str


class Poster:
    """Posts webhooks over connections that are kept open, at most a hundred to a host."""

    def __init__(self) -> None:
        self._idle: defaultdict[tuple[str, str], list[_Connection]] = defaultdict(list)
        self._open: set[_Connection] = set()
        self._slots: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._tls: ssl.SSLContext | None = None

    async def post(self, request: SignedRequest, connect_seconds: float, read_seconds: float) -> Answer:
        """Raises ConnectFailed or NoAnswer."""
        parts = urlsplit(request.url)
        host = (parts.scheme.lower(), parts.netloc)
        async with self._slots.setdefault(host, asyncio.Semaphore(_CONNECTIONS_PER_HOST)):
            connection = self._reusable(host) or await self._connect(parts, connect_seconds)
            try:
                answer = await connection.exchange(request.encoded(parts), read_seconds)
            except BaseException:  # raised again: whatever broke the exchange, the connection is of no use
                connection.close()
                raise
            if connection.reusable:
                self._idle[host].append(connection)
            else:
                connection.close()
        return answer

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()

    def _reusable(self, host: tuple[str, str]) -> _Connection | None:
        idle = self._idle[host]
        while idle:
            connection = idle.pop()
            if connection.rested() < _REUSABLE_SECONDS and connection.reusable:
                return connection
            connection.close()
        return None

    async def _connect(self, parts: SplitResult, seconds: float) -> _Connection:
        secure = parts.scheme.lower() == "https"
        loop = asyncio.get_running_loop()
        try:
            port = parts.port or (443 if secure else 80)
            tls = self._context() if secure else None
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: _Connection(self._open), parts.hostname or "", port, ssl=tls
                )
        except (OSError, ValueError) as error:
            raise ConnectFailed(f"{type(error).__name__}: {error}") from error
        return connection

    def _context(self) -> ssl.SSLContext:
        self._tls = self._tls or ssl.create_default_context()
        return self._tls


class _Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, open_connections: set[_Connection]) -> None:
        self._open = open_connections
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._since = time.monotonic()
        self._keep_alive = True
        self._begin()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.on_message_begin()

    @property
    def reusable(self) -> bool:
        return self._keep_alive and self._transport is not None and not self._transport.is_closing()

    def rested(self) -> float:
        return time.monotonic() - self._since

    async def exchange(self, encoded: bytes, seconds: float) -> Answer:
        if self._transport is None or self._transport.is_closing():
            raise NoAnswer("the connection closed before the request was sent")
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(encoded)
        try:
            async with asyncio.timeout(seconds):
                return await self._answer
        except TimeoutError:
            raise NoAnswer(f"timed out after {seconds:g} s") from None
        finally:
            self._answer = None
            self._since = time.monotonic()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio.Transport, though they are one in all but name.
        self._transport = cast(asyncio.Transport, transport)
        self._open.add(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"not HTTP: {error}")
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._headers_complete and b"content-length" not in self._headers and self._answer is not None:
            self.on_message_complete()
        self._fail("the connection was cut before a complete answer")

    # httptools callbacks

    def on_message_begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()
        self._headers_complete = False

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._headers_complete = True

    def on_body(self, body: bytes) -> None:
        if len(self._body) < _KEPT_BODY:
            self._body += body

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return  # only an interim answer, such as 100 Continue
        self._keep_alive = self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            text = bytes(self._body[:_KEPT_BODY]).decode("utf-8", "replace")
            self._answer.set_result(Answer(status, self._headers.get(b"content-type", b"").decode("latin-1"), text))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswer(reason))


def _ascii(text: str) -> str:
    """A URL as it may stand in a request line: nothing that is already encoded is changed."""
    return "".join(
        char if "!" <= char <= "~" else "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))
        for char in text
    )
