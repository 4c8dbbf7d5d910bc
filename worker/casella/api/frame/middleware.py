"""Around every request: its id, the security headers, one count, one line in the log; and the last net under it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from casella import metrics
from casella.api.frame.problems import of_status
from casella.ids import new_id
from casella.logs import about
from casella.texts import READER, locale_of

_log = structlog.get_logger("casella.http")
API = "/api/v1"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Frame:
    """The outermost ASGI application of the API. An endpoint's own headers stand."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        """`secure`: everybody comes by https, and is told to do so for a year."""
        self._app = app
        self._headers = _HEADERS | (_BY_HTTPS if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        reader = READER.set(locale_of(_language(scope)))
        try:
            with about(request_id=request_id):
                await _Exchange(self._app, scope, receive, send, request_id, self._headers).run()
        finally:
            READER.reset(reader)


class _Exchange:
    def __init__(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, request_id: str, headers: Mapping[str, str]
    ) -> None:
        self._headers = headers
        self._app, self._scope, self._receive, self._send = app, scope, receive, send
        self._request_id = request_id
        self._began = time.perf_counter()
        self._status = 0
        self._replaced = False

    async def run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._answer)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception:  # noqa: BLE001 - the edge: it was answered with a 500 within, here it is noted
            _log.exception("request failed", method=self._scope["method"], route=self._route)
        self._note()

    async def _answer(self, message: Message) -> None:
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if self._status >= 400 and _is_bare(message):
                self._replaced = True
                await self._replace()
                return
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self._request_id
        await self._send(message)

    async def _replace(self) -> None:
        """The framework's own refusals (a body announced as too large) come as bare text: say them as a problem."""
        response = of_status(Request(self._scope), self._status)
        response.headers.update({**self._headers, "X-Request-Id": self._request_id})
        await response(self._scope, self._receive, self._send)

    @property
    def _route(self) -> str:
        """The route's template; a router's prefix is not part of its routes' own paths."""
        template = getattr(self._scope.get("route"), "path", None)
        if template is None:
            return "unmatched"
        inner = self._scope["path"].startswith(API) and not template.startswith(API)
        return f"{API}{template}" if inner else str(template)

    def _note(self) -> None:
        seconds = time.perf_counter() - self._began
        method = self._scope["method"] if self._scope["method"] in _METHODS else "OTHER"
        metrics.http_requests.labels(method, self._route, str(self._status)).inc()
        metrics.http_seconds.labels(self._route).observe(seconds)
        quiet = self._status < 400 and method in ("GET", "HEAD", "OPTIONS")
        (_log.debug if quiet else _log.info)(
            "request",
            method=method,
            route=self._route,
            status=self._status,
            milliseconds=round(seconds * 1000, 1),
            agent_id=self._scope["state"].get("agent_id"),
        )


def _is_bare(message: Message) -> bool:
    media_types = [value for name, value in message["headers"] if name == b"content-type"]
    return not media_types or media_types[0].startswith(b"text/plain")


def _language(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")


def _request_id(scope: Scope) -> str:
    """The caller's own, if it has the shape of one, so that logs of several services can be followed together."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _GIVEN_ID.fullmatch(value):
            return str(value.decode())
    return new_id()
