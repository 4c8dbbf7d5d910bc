"""`/openai/v1`: chat completions, whole or streamed, and models.

The protocol is https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from pydantic import JsonValue, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from casella_simulator.calls import answering, read
from casella_simulator.network.wire import Call
from casella_simulator.openai.script import Received, Script, Turn, TurnList

_BODY = TypeAdapter(dict[str, JsonValue])
_MADE_UP = "Thank you for your message. This is a simulated reply."
MODEL = "simulated"


class OpenAIEndpoint:
    """Its routes, and its script."""

    def __init__(self) -> None:
        self.script = Script()

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/openai/v1/chat/completions", self._complete, methods=["POST"]),
            Route("/openai/v1/models", self._models, methods=["GET"]),
            *self.control_routes(),
        ]

    def control_routes(self) -> Sequence[Route]:
        return [
            Route("/_sim/openai/script", answering(self._put_script), methods=["PUT"]),
            Route("/_sim/openai/requests", answering(self._get_requests), methods=["GET"]),
        ]

    async def _put_script(self, request: Request) -> Response:
        given = await read(request, TurnList)
        self.script.write(given.turns, given.always)
        return JSONResponse({"turns": len(given.turns)})

    async def _get_requests(self, _request: Request) -> Response:
        return JSONResponse({"requests": [one.to_json() for one in self.script.received]})

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "simulator"}]})

    async def _complete(self, request: Request) -> Response:
        authorization = request.headers.get("authorization", "")
        if not authorization.startswith("Bearer "):
            return _error(401, "invalid_api_key", "Incorrect API key provided.")
        try:
            body = _BODY.validate_json(await request.body())
        except ValidationError:
            return _error(400, None, "We could not parse the JSON body of your request.")
        if not isinstance(body.get("messages"), list) or not isinstance(body.get("model"), str):
            return _error(400, "missing_required_parameter", "Missing required parameter: 'messages'.")
        received = Received(body, authorization)
        self.script.received.append(received)
        return _Scripted(self.script.take(), received)


class _Scripted(Response):
    """Answers as the turn says, and notices when the caller goes away."""

    def __init__(self, turn: Turn, received: Received) -> None:
        super().__init__()
        self._turn, self._received = turn, received

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        acting = asyncio.ensure_future(self._act(scope, receive, send))
        leaving = asyncio.ensure_future(_gone(receive))
        done, _ = await asyncio.wait({acting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if acting not in done and self._received.outcome == "open":
            self._received.outcome = "canceled"
        for task in (acting, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _act(self, scope: Scope, receive: Receive, send: Send) -> None:
        turn, received = self._turn, self._received
        if turn.hang:
            await asyncio.Event().wait()
        await asyncio.sleep(turn.delay_ms / 1000)
        refused = turn.refuse_schema and "response_format" in received.body
        if refused or turn.status != 200:
            answer = _refusal(turn, refused=refused)
        elif turn.raw is not None:
            answer = Response(turn.raw, media_type="application/json")
        elif received.body.get("stream"):
            await self._stream(Call(scope, receive, send))
            return
        else:
            answer = JSONResponse(_completion(_text(turn, received), turn, received))
        if turn.break_after is not None:
            received.outcome = "broken"
            await Call(scope, receive, send).cut()
            return
        await answer(scope, receive, send)
        received.outcome = "answered"

    async def _stream(self, call: Call) -> None:
        turn, received = self._turn, self._received
        headers = [(b"content-type", b"text/event-stream")]
        await call.send({"type": "http.response.start", "status": 200, "headers": headers})
        text = _text(turn, received)
        step = turn.piece_characters
        for start in range(0, len(text), step):
            if turn.break_after is not None and received.pieces >= turn.break_after:
                received.outcome = "broken"
                await call.cut()
                return
            await _send(call, _chunk({"content": text[start : start + step]}, None))
            received.pieces += 1
            await asyncio.sleep(turn.piece_ms / 1000)
        if not turn.without_end:
            await _send(call, _chunk({}, "stop"))
            options = received.body.get("stream_options")
            if turn.usage and isinstance(options, dict) and options.get("include_usage"):
                await _send(call, {**_chunk({}, None), "choices": [], "usage": _usage(text, received)})
            await call.send({"type": "http.response.body", "body": b"data: [DONE]\n\n", "more_body": True})
        received.outcome = "answered"
        await call.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(0)


async def _send(call: Call, payload: object) -> None:
    line = b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"
    await call.send({"type": "http.response.body", "body": line, "more_body": True})


def _text(turn: Turn, received: Received) -> str:
    if turn.text is not None:
        return turn.text
    if turn.answer is not None:
        return json.dumps(turn.answer, ensure_ascii=False)
    asked = received.body.get("response_format")
    if not isinstance(asked, dict):
        return _MADE_UP
    if "tags" in json.dumps(asked.get("json_schema")):
        return json.dumps({"tags": [], "canned": None})
    return json.dumps({"replies": [{"text": _MADE_UP, "sources": []}]})


def _completion(text: str, turn: Turn, received: Received) -> dict[str, object]:
    message = {"role": "assistant", "content": text}
    answer: dict[str, object] = {
        "id": "chatcmpl-simulated",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
    }
    return {**answer, "usage": _usage(text, received)} if turn.usage else answer


def _chunk(delta: dict[str, str], finish: str | None) -> dict[str, object]:
    return {
        "id": "chatcmpl-simulated",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": MODEL,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _usage(text: str, received: Received) -> dict[str, int]:
    prompt, completion = len(received.text.split()), len(text.split())
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _refusal(turn: Turn, *, refused: bool) -> Response:
    if refused:
        return _error(400, "invalid_value", "'response_format' of type 'json_schema' is not supported.")
    answer = _error(turn.status, turn.error_code, turn.error_text)
    if turn.retry_after is not None:
        answer.headers["retry-after"] = turn.retry_after
    return answer


def _error(status: int, code: str | None, text: str) -> Response:
    return JSONResponse({"error": {"message": text, "type": "simulated", "param": None, "code": code}}, status)
