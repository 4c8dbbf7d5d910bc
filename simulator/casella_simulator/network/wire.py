"""The bare ASGI of the send path: reading a capped body, answering JSON, cutting a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Headers = Iterable[tuple[bytes, bytes]]
_CUT = "casella_simulator.cut"


class BodyTooLarge(Exception):
    """The request body is larger than this route reads. Send less."""

    code = "body_too_large"


class CallerGone(Exception):
    """The caller closed the connection before the request was complete. Nothing to answer."""

    code = "caller_gone"


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which also lets the application cut the connection without any answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {_CUT: {"abort": self.transport.abort}}
        # uvicorn's own switch would silence every uvicorn in the process; the journal tells more than an access log.
        self.access_log = False


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call on a bare ASGI route."""

    scope: Scope
    receive: Receive
    send: Send

    async def body(self, limit: int) -> bytes:
        """The request body. Raises BodyTooLarge or CallerGone."""
        chunks: list[bytes] = []
        size = 0
        while True:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise CallerGone
            chunk: bytes = event.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BodyTooLarge(f"more than {limit} bytes")
            chunks.append(chunk)
            if not event.get("more_body", False):
                return b"".join(chunks)

    async def answer(self, status: int, payload: object, headers: Headers = ()) -> None:
        body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
        fields = [
            (b"content-type", b"application/json;charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ]
        await self.send({"type": "http.response.start", "status": status, "headers": fields})
        await self.send({"type": "http.response.body", "body": body})

    async def cut(self) -> None:
        """Cuts the connection. Under a server other than CuttableProtocol's the caller sees a reset error or a 500."""
        extension = self.scope.get("extensions", {}).get(_CUT)
        if extension is None:
            raise ConnectionResetError("cut by a fault; run the simulator by its own server for a real cut")
        abort: Callable[[], None] = extension["abort"]
        abort()
        # Returning before the server has seen the connection go would make it complain of a missing answer.
        await self._disconnected()

    async def gone_within(self, seconds: float) -> bool:
        """Keeps the caller waiting. Returns whether it gave up before the time was over."""
        try:
            await asyncio.wait_for(self._disconnected(), seconds)
        except TimeoutError:
            return False
        return True

    async def _disconnected(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            await asyncio.sleep(0)


def header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            text: bytes = value
            return text.decode("latin-1")
    return None
