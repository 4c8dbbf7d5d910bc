"""The played API, the agents' page as it is built, and the page by hand, on one port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from bench.rig.page.world import MESSAGES, Json, World, found
from casella.api.endpoints.start import Start
from casella.api.page import Page

API = "/api/v1"
_BARE = Path(__file__).with_name("bare.html")
_PAGE = 50


def answer(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")


class Stage:
    """`asked` counts requests of the page, `play` tells everybody who listens."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked = 0
        self.url = ""
        self._told = 0
        self._listeners: set[asyncio.Queue[bytes]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        Start.model_validate(world.start(1))

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def app(self) -> Page:
        routes = [
            Route("/bare", self._bare),
            Route(f"{API}/start", self._start),
            Route(f"{API}/events", self._events),
            Route(f"{API}/conversations", self._list),
            Route(f"{API}/conversations/counts", self._counts),
            Route(f"{API}/conversations/{{id}}", self._one),
            Route(f"{API}/conversations/{{id}}/messages", self._messages),
            Route(f"{API}/{{rest:path}}", self._else, methods=["GET", "POST", "PUT"]),
        ]
        return Page(Starlette(routes=routes))

    def play(self, events: Sequence[tuple[str, Json]]) -> None:
        """All at once, to every listener."""
        lines = []
        for kind, payload in events:
            self._told += 1
            event = {"cursor": f"0.{self._told}", "kind": kind, "conversation_id": None}
            data = orjson.dumps({**event, "payload": payload}).decode()
            lines.append(f"id: 0.{self._told}\nevent: {kind}\ndata: {data}\n\n")
        told = "".join(lines).encode()
        assert self._loop is not None
        for queue in list(self._listeners):
            self._loop.call_soon_threadsafe(queue.put_nowait, told)

    async def _bare(self, request: Request) -> Response:
        return HTMLResponse(_BARE.read_bytes())

    async def _start(self, request: Request) -> Response:
        self.asked += 1
        return answer(self.world.start(int(request.query_params.get("limit", 0))))

    async def _list(self, request: Request) -> Response:
        self.asked += 1
        asked = request.query_params
        if "ids" in asked:
            return answer({"items": found(self.world.by_id, asked.getlist("ids")), "next": None, "events_after": "0.0"})
        if "contact" in asked:
            return answer({"items": [], "next": None, "events_after": "0.0"})
        return answer(self.world.page(int(asked.get("limit", _PAGE)), int(asked.get("cursor", 0))))

    async def _counts(self, request: Request) -> Response:
        self.asked += 1
        return answer(self.world.counts())

    async def _one(self, request: Request) -> Response:
        self.asked += 1
        row = self.world.by_id.get(request.path_params["id"])
        return answer(self.world.detail(row)) if row else answer({"code": "not_found"}, 404)

    async def _messages(self, request: Request) -> Response:
        self.asked += 1
        row, asked = self.world.by_id[request.path_params["id"]], request.query_params
        last = int(asked.get("before", MESSAGES))
        first = max(0, last - int(asked.get("limit", _PAGE)))
        return answer({
            "items": self.world.messages(row, first, last), "older": str(first) if first else None, "newer": None,
        })  # fmt: skip

    async def _else(self, request: Request) -> Response:
        """Whatever else is shown beside a conversation: nothing of it is there."""
        self.asked += 1
        rest = request.path_params["rest"]
        if request.method != "GET":
            return Response(status_code=204)
        if rest.endswith(("/canned", "/surveys", "/drafts")):
            return answer([])
        if rest.startswith("contacts/"):
            number = {"kind": "phone", "address": "+390550000001"}
            return answer({
                "id": rest.removeprefix("contacts/"), "name": "Somebody", "linked": True, "locale": None,
                "created_at": "2026-11-01T00:00:00Z", "addresses": [number], "tags": [], "attributes": {},
                "picture_url": None, "gone_to": None, "favourite": False,
            })  # fmt: skip
        if rest.endswith("/consent"):
            return answer({"state": "unknown", "entries": []})
        return answer({"items": [], "next": None, "unseen": 0})

    async def _events(self, request: Request) -> Response:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._listeners.add(queue)

        async def stream() -> AsyncIterator[bytes]:
            try:
                yield b": here\n\n"
                while True:
                    try:
                        yield await asyncio.wait_for(queue.get(), 5)
                    except TimeoutError:
                        yield b": here\n\n"
            finally:
                self._listeners.discard(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")

    def run(self, server: uvicorn.Server) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            await server.serve()

        asyncio.run(serve())


@contextmanager
def staged(world: World) -> Iterator[Stage]:
    """Served in a thread of this process, until it is left."""
    stage = Stage(world)
    config = uvicorn.Config(
        stage.app(), port=0, log_config=None, log_level="critical", access_log=False, timeout_graceful_shutdown=5
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=stage.run, args=(server,), daemon=True)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    stage.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield stage
    finally:
        server.should_exit = True
        thread.join(5)
