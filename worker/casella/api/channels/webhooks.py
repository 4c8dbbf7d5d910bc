"""The providers' door: `POST|GET /webhooks/{connection}`. A plain ASGI application, because nothing here needs a
framework and everything here is on the way of every message.

Answers: 404 for an unknown connection, 405 for another method, 413 for too much, 503 with Retry-After when it could not
be stored; everything else is the plugin's own answer (channels.md §0).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from casella import metrics
from casella.inbox.house import ConnectionEntry, Rooms
from casella.inbox.receiving import UNAVAILABLE, Intake, Ticket
from casella.plugin import Webhook, WebhookAnswer

Scope = MutableMapping[str, Any]  # ASGI's own types hold anything
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
PREFIX = "/webhooks/"
_READ_SECONDS = 15.0  # Twilio itself gives up after 15 s (channels.md §1.2)
_STORE_SECONDS = 10.0
_GONE = WebhookAnswer(400)


class WebhookApp:
    """Hands requests to the intake's thread and awaits their answers."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._loop: asyncio.AbstractEventLoop | None = None
        self._intake = Intake(rooms, self._settle)

    def start(self) -> None:
        """From the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._intake.start()

    def stop(self) -> None:
        self._intake.stop()

    def deliver(self, entry: ConnectionEntry, webhook: Webhook) -> WebhookAnswer:
        """A webhook that did not come through this door; from any thread. Answered when it is stored."""
        ticket = Ticket(entry, webhook, concurrent.futures.Future[WebhookAnswer | None]())
        if not self._intake.submit(ticket):
            return UNAVAILABLE
        assert isinstance(ticket.token, concurrent.futures.Future)
        try:
            answer = ticket.token.result(_STORE_SECONDS)
        except TimeoutError:
            return UNAVAILABLE
        return answer if isinstance(answer, WebhookAnswer) else UNAVAILABLE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._receive(scope, receive)
        headers = [
            (b"content-type", answer.content_type.encode()),
            (b"content-length", str(len(answer.body)).encode()),
            (b"x-content-type-options", b"nosniff"),
        ]
        if answer.status == 503:
            headers.append((b"retry-after", b"5"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _receive(self, scope: Scope, receive: Receive) -> WebhookAnswer:
        key = str(scope["path"])[len(PREFIX) :]
        entry = self._rooms.directory.current.connection(key)
        if entry is None:
            metrics.webhooks.labels("unknown", "unknown_connection").inc()
            return WebhookAnswer(404)
        method = scope["method"]
        if method not in ("GET", "POST"):
            return WebhookAnswer(405)
        plugin = self._rooms.host.plugins.get(entry.channel_type)
        most = plugin.capabilities.max_webhook_bytes if plugin else 1_048_576
        headers = _headers(scope)
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await _body(headers, receive, most)
        except TimeoutError:
            return WebhookAnswer(408)
        if isinstance(body, WebhookAnswer):
            metrics.webhooks.labels(key, str(body.status)).inc()
            return body
        query = scope["query_string"].decode("latin-1")
        raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        url = f"{self._rooms.settings.public_url}{raw_path}" + (f"?{query}" if query else "")
        webhook = Webhook(method, url, query, headers, body, self._rooms.clock.now())
        return await self._answer(Ticket(entry, webhook, asyncio.get_running_loop().create_future()))

    async def _answer(self, ticket: Ticket) -> WebhookAnswer:
        if not self._intake.submit(ticket):
            return UNAVAILABLE
        assert isinstance(ticket.token, asyncio.Future)
        answer = await ticket.token
        return answer if isinstance(answer, WebhookAnswer) else UNAVAILABLE

    def _settle(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            if isinstance(ticket.token, concurrent.futures.Future):
                ticket.token.set_result(ticket.answer)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(_wake, tickets)


def _wake(tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        if isinstance(ticket.token, asyncio.Future) and not ticket.token.done():
            ticket.token.set_result(ticket.answer)


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return headers


async def _body(headers: dict[str, str], receive: Receive, most: int) -> bytes | WebhookAnswer:
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > most:
        return WebhookAnswer(413)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body") and message["type"] == "http.request":
        return body if len(body) <= most else WebhookAnswer(413)
    parts, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body") and size <= most:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if message["type"] != "http.request":
        return _GONE
    return b"".join(parts) if size <= most else WebhookAnswer(413)
