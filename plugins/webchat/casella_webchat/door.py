"""Who may talk to the routes: pages of the allowed origins, and of them who carries this widget's token."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from casella.plugin import ChannelHouse, ContactStream, RouteAnswer, RouteRefused, RouteRequest
from casella_webchat import tokens
from casella_webchat.settings import WebchatSettings

_METHODS = "GET, POST, OPTIONS"
_HEADERS = "Authorization, Content-Type, Last-Event-ID, X-File-Name"
_PREFLIGHT_SECONDS = 600
_Answer = TypeVar("_Answer", RouteAnswer, RouteAnswer | ContactStream, None)
_Body = TypeVar("_Body", bound=BaseModel)
Answering = Callable[[RouteRequest, ChannelHouse], _Answer]


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose origin is allowed. `visitor`: who it is, by the token of his browser's `session`, given out at
    `issued_at`, until it `expires`. All empty where no token is asked for."""

    settings: WebchatSettings
    house: ChannelHouse
    request: RouteRequest
    origin: str
    visitor: str
    session: str
    issued_at: datetime
    expires: datetime

    @property
    def widget(self) -> str:
        return self.house.channel.address


def from_page(answering: Callable[[Visit], RouteAnswer]) -> Answering[RouteAnswer]:
    """A route for anybody on an allowed page; its answers and refusals may be read there, and nowhere else."""

    def answer(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
        origin = _origin(request, house)
        try:
            found = answering(_stranger(request, house, origin))
        except RouteRefused as refusal:
            raise _readable(refusal, origin) from refusal
        return RouteAnswer(found.status, found.body, found.content_type, {**_shared(origin), **found.headers})

    return answer


def from_visitor(answering: Callable[[Visit], RouteAnswer | ContactStream]) -> Answering[RouteAnswer | ContactStream]:
    """A route for a visitor with a token."""

    def answer(request: RouteRequest, house: ChannelHouse) -> RouteAnswer | ContactStream:
        origin = _origin(request, house)
        try:
            found = answering(_visit(request, house, origin))
        except RouteRefused as refusal:
            raise _readable(refusal, origin) from refusal
        headers = {**_shared(origin), **found.headers}
        if isinstance(found, ContactStream):
            return dataclasses.replace(found, headers=headers)
        return RouteAnswer(found.status, found.body, found.content_type, headers)

    return answer


def admit_visitor(look: Callable[[Visit], None]) -> Answering[None]:
    """The same before the body is read."""

    def admit(request: RouteRequest, house: ChannelHouse) -> None:
        origin = _origin(request, house)
        try:
            look(_visit(request, house, origin))
        except RouteRefused as refusal:
            raise _readable(refusal, origin) from refusal

    return admit


def preflight(request: RouteRequest, house: ChannelHouse) -> RouteAnswer:
    """May a page of this origin ask? (https://fetch.spec.whatwg.org/#http-cors-protocol)"""
    origin = _origin(request, house)
    asked = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
    }
    return RouteAnswer(204, headers={**_shared(origin), **asked})


def json_answer(status: int, document: object) -> RouteAnswer:
    return RouteAnswer(status, orjson.dumps(document))


def read_body(visit: Visit, model: type[_Body]) -> _Body:
    """Raises RouteRefused for what is not JSON, or not of this form."""
    if visit.request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise RouteRefused(415, "unsupported_media_type", "Send the body as application/json.")
    try:
        return model.model_validate_json(visit.request.body)
    except ValidationError as error:
        wrong = sorted({".".join(map(str, item["loc"]))[:60] for item in error.errors(include_input=False)})
        raise RouteRefused(422, "invalid", f"The content is wrong: {', '.join(wrong[:5]) or 'no JSON'}.") from error


def _visit(request: RouteRequest, house: ChannelHouse, origin: str) -> Visit:
    """Raises RouteRefused 401 for a token that is absent, forged, another widget's or origin's, revoked, or has run
    out."""
    claims = counting(_stranger(request, house, origin), "access", bearer(request))
    if claims is None:
        raise RouteRefused(401, "token_expired", "Begin a session first; this token does not count any more.")
    who = (claims.visitor, claims.session, claims.issued_at, datetime.fromtimestamp(claims.expires, UTC))
    return Visit(_settings(house), house, request, origin, *who)


def bearer(request: RouteRequest) -> str:
    """The token of the request; empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def counting(visit: Visit, purpose: tokens.Purpose, token: str) -> tokens.Claims | None:
    """What a token says, if it counts here and now."""
    now = visit.request.received_at
    claims = tokens.read(visit.settings, visit.widget, purpose, token, origin=visit.origin, now=now)
    if claims is None or visit.house.is_revoked(claims.visitor, claims.session, claims.issued_at):
        return None
    return claims


def _stranger(request: RouteRequest, house: ChannelHouse, origin: str) -> Visit:
    now = request.received_at
    return Visit(_settings(house), house, request, origin, "", "", now, now)


def _settings(house: ChannelHouse) -> WebchatSettings:
    settings = house.channel.settings
    assert isinstance(settings, WebchatSettings), "the host gives a plugin its own settings"
    return settings


def _origin(request: RouteRequest, house: ChannelHouse) -> str:
    """Raises RouteRefused, unreadable to the page, for an origin that is not on the list."""
    origin = request.headers.get("origin", "")
    if not origin or not _settings(house).admits(origin):
        raise RouteRefused(403, "origin_refused", "Pages of this origin may not embed the widget.")
    return origin


def _shared(origin: str) -> Mapping[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin", "Access-Control-Expose-Headers": "Retry-After"}


def _readable(refusal: RouteRefused, origin: str) -> RouteRefused:
    return RouteRefused(
        refusal.status,
        refusal.code,
        refusal.text,
        retry_after=refusal.retry_after,
        headers={**refusal.headers, **_shared(origin)},
    )
