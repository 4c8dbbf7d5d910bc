"""The answer of the assistant on its way to an agent: as JSON when it is whole, or as Server-Sent Events while it is
written. If the agent goes away, the provider's call is ended.

    delta    {"index", "text"}: more text of that proposal
    answer   the whole answer, as without streaming
    error    a problem, when it fails after the stream has begun
"""

from __future__ import annotations

from contextlib import aclosing

import anyio
import anyio.to_thread
import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from casella.api.endpoints.conversations.assistant_models import Answer
from casella.api.frame.once_slow import SlowOnce
from casella.errors import CasellaError
from casella.inbox.assistant import Delta, Prepared, propose
from casella.inbox.house import Rooms

_EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
           (b"x-accel-buffering", b"no")]  # fmt: skip


class Proposing(Response):
    """An error before the first word is answered as a problem, with its own status."""

    media_type = "application/json"

    def __init__(self, rooms: Rooms, prepared: Prepared, slow: SlowOnce, *, stream: bool) -> None:
        super().__init__()
        self._rooms, self._prepared, self._slow, self._streams = rooms, prepared, slow, stream
        self._error: CasellaError | None = None
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        finished = False
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_until_gone, receive, tasks.cancel_scope)
                finished = await self._answer(send)
                tasks.cancel_scope.cancel()
        finally:
            if not finished:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(self._slow.release)
        if self._error is not None:
            raise self._error

    async def _answer(self, send: Send) -> bool:
        """True when the answer is complete."""
        try:
            async with aclosing(propose(self._rooms, self._prepared, stream=self._streams)) as items:
                async for item in items:
                    if isinstance(item, Delta):
                        await self._event(send, "delta", orjson.dumps({"index": item.index, "text": item.text}))
                    else:
                        text = Answer.model_validate(item).model_dump_json()
                        await anyio.to_thread.run_sync(self._slow.finish, text)
                        await self._whole(send, text)
                        return True
        except CasellaError as error:
            if self._begun:
                told = orjson.dumps({"code": error.reason, "detail": error.text, **error.extra})
                await self._event(send, "error", told)
                await send({"type": "http.response.body", "body": b""})
            else:
                self._error = error  # raised outside of the task group, for the handler of problems
        return False

    async def _whole(self, send: Send, text: str) -> None:
        if self._streams:
            await self._event(send, "answer", text.encode())
            await send({"type": "http.response.body", "body": b""})
        else:
            await Response(text, 200, media_type="application/json")({"type": "http"}, _nobody, send)

    async def _event(self, send: Send, name: str, data: bytes) -> None:
        if not self._begun:
            self._begun = True
            await send({"type": "http.response.start", "status": 200, "headers": _EVENTS})
        block = b"event: %b\ndata: %b\n\n" % (name.encode(), data)
        await send({"type": "http.response.body", "body": block, "more_body": True})


def repeated(text: str, *, stream: bool) -> Response:
    """The answer that was given before under the same key."""
    again = {"Idempotent-Replayed": "true"}
    if stream:
        return Response(f"event: answer\ndata: {text}\n\n", 200, again, "text/event-stream")
    return Response(text, 200, again, "application/json")


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _nobody() -> dict[str, object]:
    return {"type": "http.disconnect"}
