"""Credentials before the body: what a stranger sends to be stored is refused without being read."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from casella.api.frame import cookies
from casella.api.frame.context import ApiContext
from casella.api.frame.problems import of_error
from casella.api.frame.security import caller_of
from casella.errors import CasellaError

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_STRANGERS = frozenset({"/api/v1/session", "/api/v1/session/code"})
UPLOADS = "/api/v1/attachments"
_SMALL = 64 * 1024
"""So much of a refused body is read and thrown away, so that its sender hears why; behind more we hang up."""


class CredentialsFirst:
    """Around the paths of the agents' API."""

    def __init__(self, app: ASGIApp, context: ApiContext, prefix: str) -> None:
        self._app, self._context, self._prefix = app, context, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_asked(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        token, cookie = _bearer(request), cookies.read(request, self._context.cookie.name)
        if "authorization" in request.headers:
            cookie = None
        try:
            found = await run_in_threadpool(caller_of, request, self._context, token, cookie)
            if scope["path"] == UPLOADS:
                await run_in_threadpool(self._admit, request, found.member.id)
        except CasellaError as error:
            answer = of_error(request, error)
            if not _is_small(request):
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        scope["state"]["signed_in"] = found
        await self._app(scope, receive, send)

    def _admit(self, request: Request, agent_id: str) -> None:
        """Who has no room for a file does not send it first."""
        size = request.headers.get("content-length", "")
        said = int(size[:12]) if size.isascii() and size.isdigit() else 0
        self._context.uploads.admit("agent", agent_id, request.client.host if request.client else "", said)

    def _is_asked(self, scope: Scope) -> bool:
        path = scope["path"]
        if scope["method"] in _WITHOUT_BODY or not path.startswith(self._prefix) or path in _FOR_STRANGERS:
            return False
        headers = dict(scope["headers"])
        return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


def _is_small(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= _SMALL
