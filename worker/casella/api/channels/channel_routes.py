"""`/channels/{channel type}/…`: the paths that channel plugins bring themselves (`casella.plugin.routes`).

The host finds the route and the channel, reads the body up to the route's limit, calls the plugin in a thread under
guard, and gives out its answer or a contact's stream. Who may ask what is the plugin's to judge.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import anyio.to_thread
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from casella.api.channels.channel_house import Deliver, HouseOfChannel
from casella.api.channels.contact_viewer import begin
from casella.api.frame.problems import of_status, problem
from casella.api.limits.rate_limits import RateLimits
from casella.api.limits.uploads import UploadQuota
from casella.api.stream.feed_hub import FeedHub
from casella.errors import CasellaError
from casella.host import NotInContract
from casella.inbox.house import ChannelEntry, Rooms
from casella.plugin import (
    Channel,
    ChannelPlugin,
    ContactStream,
    Route,
    RouteAnswer,
    RouteRefused,
    RouteRequest,
    StaticFile,
)

ROUTES = "/channels/"
_BODY_SECONDS = 60.0
_LONGEST_HEADER = 8192


@dataclass(frozen=True, slots=True)
class _Named:
    """How metrics and logs name a route: without what people put into it."""

    path: str


@dataclass(frozen=True, slots=True)
class _Call:
    """A request on its way to a plugin's route."""

    plugin: ChannelPlugin
    route: Route
    entry: ChannelEntry
    channel: Channel
    house: HouseOfChannel


class ChannelRoutes:
    """The ASGI application of all plugins' routes."""

    def __init__(
        self, rooms: Rooms, hub: FeedHub, limits: RateLimits, uploads: UploadQuota, deliver: Deliver, heartbeat: float
    ) -> None:
        self._rooms, self._hub, self._limits, self._uploads = rooms, hub, limits, uploads
        self._deliver, self._heartbeat = deliver, heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except RouteRefused as refusal:
            response = _refused(request, refusal)
        except CasellaError as error:
            wait = str(error.extra.get("retry_after", 5))
            response = problem(request, error.status, error.reason, error.text, headers={"Retry-After": wait})
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        channel_type, _, path = request.url.path[len(ROUTES) :].partition("/")
        routes = self._rooms.host.routes.get(channel_type, ())
        allowed = set()
        for route in routes:
            parameters = _matched(route.path, path)
            if parameters is None:
                continue
            request.scope["route"] = _Named(f"{ROUTES}{channel_type}/{route.path}")
            if isinstance(route, StaticFile):
                return _static(request, route)
            allowed.add(route.method)
            if route.method == request.method:
                return await self._call(request, channel_type, route, parameters)
        return of_status(request, 405 if allowed else 404, {"Allow": ", ".join(sorted(allowed))} if allowed else None)

    async def _call(self, request: Request, channel_type: str, route: Route, given: Mapping[str, str]) -> Response:
        client = request.client.host if request.client else ""
        call = self._find(channel_type, route, given["channel"], client)
        if call is None:
            return of_status(request, 404)
        headers = {name: value for name, value in reversed(request.headers.items()) if len(value) <= _LONGEST_HEADER}
        query = dict(parse_qsl(request.url.query, keep_blank_values=True)[:50])
        asked = RouteRequest(request.method, given, query, headers, b"", client, self._rooms.clock.now())
        if route.admit is not None:
            await anyio.to_thread.run_sync(self._admit, call, asked)
        body = await _body(request, route.most_bytes)
        if body is None:
            return of_status(request, 413)
        whole = RouteRequest(request.method, given, query, headers, body, client, asked.received_at)
        answer = await anyio.to_thread.run_sync(self._ask, call, whole)
        if isinstance(answer, ContactStream):
            return await begin(self._rooms, self._hub, call.entry, answer, self._heartbeat, client)
        return Response(answer.body, answer.status, dict(answer.headers), answer.content_type)

    def _find(self, channel_type: str, route: Route, key: str, client: str) -> _Call | None:
        """Raises PluginFailed for a plugin in quarantine."""
        entry = self._rooms.directory.current.channel_named(key)
        if entry is None or entry.channel_type != channel_type or entry.channel is None:
            return None
        plugin = self._rooms.host.plugin(channel_type)
        house = HouseOfChannel(self._rooms, entry, entry.channel, self._limits, self._uploads, self._deliver, client)
        return _Call(plugin, route, entry, entry.channel, house)

    def _admit(self, call: _Call, request: RouteRequest) -> None:
        admit = call.route.admit
        if admit is not None:
            self._rooms.host.call(call.plugin, "route", lambda: admit(request, call.house), type(None))

    def _ask(self, call: _Call, request: RouteRequest) -> RouteAnswer | ContactStream:
        expected = (RouteAnswer, ContactStream)

        def ask() -> RouteAnswer | ContactStream:
            answer = call.route.answer(request, call.house)
            if isinstance(answer, RouteAnswer) and not 200 <= answer.status <= 599:
                raise NotInContract(f"answered {answer.status}")
            return answer

        return self._rooms.host.call(call.plugin, "route", ask, expected)


def _matched(template: str, path: str) -> dict[str, str] | None:
    """The path's parameters, or None if it is another path."""
    wanted, parts = template.split("/"), path.split("/")
    if len(wanted) != len(parts):
        return None
    parameters = {}
    for want, part in zip(wanted, parts, strict=True):
        if want.startswith("{") and part:
            parameters[want[1:-1]] = part
        elif want != part:
            return None
    return parameters


async def _body(request: Request, most: int) -> bytes | None:
    """None when it is larger than allowed, or does not come in time."""
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit() or int(length[:12]) > most:
        return None
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    return None
                parts.append(chunk)
    except TimeoutError as error:
        raise ClientDisconnect from error
    return b"".join(parts)


def _static(request: Request, file: StaticFile) -> Response:
    etag = f'"{hashlib.sha256(file.content).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, max-age={file.cache_seconds}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.method not in ("GET", "HEAD"):
        return of_status(request, 405, {"Allow": "GET, HEAD"})
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, 200, headers, file.content_type)


def _refused(request: Request, refusal: RouteRefused) -> Response:
    headers = dict(refusal.headers)
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    body = orjson.dumps({"code": refusal.code, "detail": refusal.text, "status": refusal.status})
    return Response(body, refusal.status, headers, "application/problem+json")
