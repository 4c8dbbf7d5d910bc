"""What the Cloud API has besides sending: uploads, downloads by a link that lives five minutes, templates."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.exchange import Graph, bearer, same
from casella_simulator.network.media import MediaFile, MediaTooLarge
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppTemplate

_LINK_LIVES = timedelta(minutes=5)
_MOST_UPLOAD = 100 * 2**20


class Reading:
    """Media by id, links to them, and templates."""

    def __init__(self, graph: Graph, accounts: Mapping[str, WhatsAppAccount]) -> None:
        self._graph = graph
        self._network = graph.network
        self._accounts = accounts
        self._media: dict[str, MediaFile] = {}
        self._tickets: dict[str, tuple[str, datetime]] = {}

    def clear(self) -> None:
        self._media.clear()
        self._tickets.clear()

    def keep(self, file: MediaFile) -> tuple[str, MediaFile]:
        """The id under which a file can be fetched."""
        media_id = str(secrets.randbelow(9 * 10**15) + 10**15)
        self._media[media_id] = file
        return media_id, file

    def uploaded(self, media_id: str) -> MediaFile:
        """Raises GraphRefused for an id that was never given out."""
        file = self._media.get(media_id)
        if file is None:
            raise GraphRefused(131009, "no such media")
        return file

    async def upload(self, request: Request) -> Response:
        try:
            self._graph.find(request.path_params["node"], bearer(request.scope))
            async with request.form(max_part_size=_MOST_UPLOAD) as form:
                file, kind = form.get("file"), form.get("type")
                if isinstance(file, str) or file is None or not isinstance(kind, str):
                    raise GraphRefused(131008, "file and type")
                content = await file.read()
                kept = self._network.media.put(content, kind.partition(";")[0].strip(), file.filename or "")
        except GraphRefused as refused:
            return JSONResponse(refused.to_json(), refused.status)
        except MediaTooLarge:
            return JSONResponse(GraphRefused(131053).to_json(), 400)
        return JSONResponse({"id": self.keep(kept)[0]})

    def describe(self, media_id: str, base_url: str) -> dict[str, object] | None:
        """The media object with a fresh link, or None."""
        file = self._media.get(media_id)
        if file is None:
            return None
        ticket = secrets.token_urlsafe(16)
        self._tickets[ticket] = (media_id, self._network.clock())
        return {
            "messaging_product": "whatsapp",
            "url": f"{base_url}/whatsapp/media/{ticket}",
            "mime_type": file.content_type,
            "sha256": hashlib.sha256(file.content).hexdigest(),
            "file_size": len(file.content),
            "id": media_id,
        }

    async def download(self, request: Request) -> Response:
        """With the token, and a User-Agent: the media servers want both."""
        token = bearer(request.scope)
        if not any(same(account.access_token.get_secret_value(), token) for account in self._accounts.values()):
            return Response(status_code=401)
        media_id, made = self._tickets.get(request.path_params["ticket"], ("", self._network.clock()))
        file = self._media.get(media_id)
        expired = self._network.clock() - made > _LINK_LIVES
        if file is None or expired or not request.headers.get("user-agent"):
            return Response(status_code=404)
        faults = self._network.faults.general
        return Response(file.content, media_type=faults.media_type or file.content_type)

    async def templates(self, request: Request) -> Response:
        try:
            _, node = self._graph.find(request.path_params["node"], bearer(request.scope))
            account = self._accounts.get(node)
            if account is None:
                raise GraphRefused(100)
        except GraphRefused as refused:
            return JSONResponse(refused.to_json(), refused.status)
        limit = _number(request.query_params.get("limit"), 25)
        begin = _number(request.query_params.get("after"), 0)
        page = account.templates[begin : begin + limit]
        paging: dict[str, object] = {"cursors": {"before": str(begin), "after": str(begin + len(page))}}
        if begin + limit < len(account.templates):
            paging["next"] = f"{request.url.path}?after={begin + limit}"
        return JSONResponse({"data": [_template(one) for one in page], "paging": paging})


def _template(template: WhatsAppTemplate) -> dict[str, object]:
    return {
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "rejected_reason": template.rejected_reason,
        "components": [{"type": "BODY", "text": template.body}],
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else default
