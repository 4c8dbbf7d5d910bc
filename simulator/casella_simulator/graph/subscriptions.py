"""`POST /{version}/{app}/subscriptions`: where Meta shall send an app's webhooks. Before it takes the address it asks
there, by GET, and wants its challenge back (developers.facebook.com/docs/graph-api/webhooks/getting-started)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.exchange import Graph, bearer
from casella_simulator.network.posting import ConnectFailed, NoAnswer, Poster, SignedRequest

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0
_MAX_REQUEST = 16 * 1024


class Subscriptions:
    """The endpoint. `object`, `callback_url` and `verify_token` come as a form or as JSON; the token is the app's own,
    "{app}|{app secret}"."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def answer(self, request: Request) -> Response:
        try:
            await self._subscribe(request)
        except GraphRefused as refused:
            return JSONResponse(refused.to_json(), refused.status)
        return JSONResponse({"success": True})

    async def _subscribe(self, request: Request) -> None:
        given = _parameters(request, await request.body())
        _, _, app_secret = bearer(request.scope).partition("|")
        services = [service.webhook_of(given.get("object", ""), app_secret) for service in self._graph.services]
        found = [set_url for set_url in services if set_url is not None]
        if not app_secret or not found:
            raise GraphRefused(190)
        url = given.get("callback_url", "")
        if not url.startswith(("http://", "https://")):
            raise GraphRefused(100, "callback_url")
        await _handshake(url, given.get("verify_token", ""))
        for set_url in found:
            set_url(url)


def _parameters(request: Request, body: bytes) -> Mapping[str, str]:
    """Raises GraphRefused."""
    if len(body) > _MAX_REQUEST:
        raise GraphRefused(100, "too long")
    if not request.headers.get("content-type", "").startswith("application/json"):
        return dict(parse_qsl(body.decode("utf-8", "replace")))
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise GraphRefused(100, "not JSON") from None
    pairs = document.items() if isinstance(document, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, str)}


async def _handshake(url: str, verify_token: str) -> None:
    """Raises GraphRefused 2200 unless the challenge comes back, and nothing else."""
    challenge = str(secrets.randbelow(10**9))
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    whole = f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
    poster = Poster()
    try:
        request = SignedRequest("GET", whole, {"User-Agent": "facebookplatform/1.0", "Accept": "*/*"}, b"")
        answer = await poster.post(request, _CONNECT_SECONDS, _READ_SECONDS)
    except (ConnectFailed, NoAnswer) as error:
        raise GraphRefused(2200, str(error)) from error
    finally:
        poster.close()
    if answer.status != 200 or answer.text != challenge:
        raise GraphRefused(2200, f"HTTP Status Code = {answer.status}; the challenge did not come back")
