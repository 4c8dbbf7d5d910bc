"""The agents' page: built files (web/agent) under a strict content security policy, and nothing of the house.

Every path below /app/ is the page, because addresses of inboxes and conversations are read by the page itself; only
files below /app/assets/ are files, and one that is missing there is a 404, never the page."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

STATIC = Path(__file__).with_name("static") / "agent"
HOME = "/app/"
ASSETS = "/app/assets/"
_WORKER = "/app/sw.js"  # a service worker may look after no more than the folder it is in
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types casella-worker"
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    }
)
_KEPT = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True)
class _File:
    changed: int
    content: bytes
    packed: bytes
    etag: str
    media_type: str


class Page:
    """Answers what belongs to the page; everything else goes on to `app`."""

    def __init__(self, app: ASGIApp, folder: Path = STATIC) -> None:
        self._app = app
        self._folder = folder
        self._files: dict[str, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path in ("/", "/app") or path.startswith(HOME)):
            await self._app(scope, receive, send)
            return
        scope["route"] = SimpleNamespace(path="/app/assets/{name}" if path.startswith(ASSETS) else HOME)
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        path = request.url.path
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        if path in ("/", "/app"):
            return RedirectResponse(HOME, 303, {"Cache-Control": "no-cache"})
        if path == _WORKER:
            return self._file(request, "sw.js", "no-cache")
        if path.startswith(ASSETS):
            name = path.removeprefix(ASSETS)
            named_by_content = name.startswith("chunk-") or "v" in request.query_params
            return self._file(request, name, _KEPT if named_by_content else "no-cache")
        return self._file(request, "index.html", "no-cache")

    def _file(self, request: Request, name: str, cache: str) -> Response:
        file = self._read(name)
        if file is None:
            return Response(status_code=404)
        headers = {**HEADERS, "Cache-Control": cache, "ETag": file.etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)

    def _read(self, name: str) -> _File | None:
        """Packed once; again when it has changed, so that `make web-watch` needs no restart."""
        path = self._folder / name
        try:
            if not name or path.parent != self._folder or "\x00" in name:
                return None
            changed = path.stat().st_mtime_ns
            known = self._files.get(name)
            if known is None or known.changed != changed:
                content = path.read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
                kind = _TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
                known = _File(changed, content, gzip.compress(content, 9, mtime=0), etag, kind)
                self._files[name] = known
            return known
        except OSError:
            return None
