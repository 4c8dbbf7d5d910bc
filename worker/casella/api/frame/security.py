"""Who is calling. A bearer token, or the session cookie; a cookie may change something only from our own pages,
because browsers send cookies along with requests that other sites cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.requests import HTTPConnection

from casella.api.frame import cookies
from casella.api.frame.context import ApiContext, Context
from casella.errors import CasellaError, NotAllowed, NotAuthenticated
from casella.inbox.reading import Member, SignedIn, require_manager, sessions
from casella.store.queries import agent_queries

OWN_HEADER = "x-casella-request"
_WITHOUT_FACTOR = ("/api/v1/session", "/api/v1/me/second-factor")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _OwnCookie(APIKeyCookie):
    """Documented like any cookie, read as `cookies.read` says."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        context: ApiContext = request.state.context
        return cookies.read(request, context.cookie.name)


_bearer = HTTPBearer(auto_error=False, scheme_name="bearer", description="A token made at /api/v1/me/tokens.")
_cookie = _OwnCookie(
    name=cookies.NAME,
    auto_error=False,
    scheme_name="session",
    description="Set by signing in. Writes need a same-origin request, or the header X-Casella-Request.",
)


class CrossSite(CasellaError):
    """A browser sent this from another site; nothing was changed."""

    code: ClassVar[str] = "cross_site"
    status: ClassVar[int] = 403


class SecondFactorMissing(NotAllowed):
    """Your role needs a second factor: set up an authenticator app first."""

    code: ClassVar[str] = "second_factor_setup"


def signed_in(
    request: Request,
    context: Context,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    cookie: Annotated[str | None, Security(_cookie)],
) -> SignedIn:
    """Raises NotAuthenticated; CrossSite for a write by cookie from another site."""
    token = bearer.credentials if bearer else None
    return caller_of(request, context, token, cookie if not _has_header(request) else None)


def caller_of(request: Request, context: ApiContext, token: str | None, cookie: str | None) -> SignedIn:
    """Raises NotAuthenticated, CrossSite. Who was known before the body was read is not asked for again."""
    found: SignedIn | None = getattr(request.state, "signed_in", None) or identify(context, token, cookie)
    if found is None:
        raise NotAuthenticated
    if found.kind == "session":
        require_own_site(request, context)
        _require_factor(request, context, found)
    request.state.agent_id = found.member.id
    return found


def _require_factor(request: Request, context: ApiContext, found: SignedIn) -> None:
    """Raises SecondFactorMissing. Signing out and setting one up may be done without."""
    proven = found.member.has_second_factor or found.factor_proven
    missing = not proven and found.member.role in context.rooms.desk.current.second_factor_roles
    if missing and not request.url.path.startswith(_WITHOUT_FACTOR):
        raise SecondFactorMissing


def identify(context: ApiContext, token: str | None, cookie: str | None) -> SignedIn | None:
    """A token that is given counts alone: a bad one is not saved by a good cookie."""
    kind: sessions.Kind = "bearer" if token is not None else "session"
    secret = token if token is not None else context.cookie.open(cookie or "")
    if not secret:
        return None
    rooms = context.rooms
    now = rooms.clock.now()
    with rooms.store.read() as db:
        found = sessions.sign_in_with(db, secret, kind, now)
    until = sessions.prolonged(found, timedelta(hours=rooms.settings.session_hours), now) if found else None
    if found is None or until is None:
        return found
    with rooms.store.write() as db:
        agent_queries.prolong(db, found.token_id, until, now)
    return replace(found, expires_at=until)


def require_own_site(request: Request, context: ApiContext) -> None:
    """Raises CrossSite for a write that a browser sent for somebody else's page."""
    if not is_our_host(request.headers.get("host", ""), context.rooms.settings.public_url):
        raise CrossSite
    if request.method in _SAFE or OWN_HEADER in request.headers:
        return  # another site's page cannot set our header without asking first, and nobody answers that question
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise CrossSite
    elif not _is_own(request.headers.get("origin"), request, context):
        raise CrossSite


def _is_own(origin: str | None, request: Request, context: ApiContext) -> bool:
    """The public address, or the one that was asked for, scheme and all."""
    if origin is None:
        return False
    try:
        given = urlsplit(origin.lower())
    except ValueError:
        return False
    public = urlsplit(context.rooms.settings.public_url.lower())
    asked = (request.url.scheme, request.headers.get("host", "").lower())
    return bool(given.netloc) and (given.scheme, given.netloc) in {(public.scheme, public.netloc), asked}


def is_our_host(host: str, public_url: str) -> bool:
    """Whether a request was meant for us: by the public name, as this machine, or by an address. Any other name may be
    somebody's who lets it lead here (DNS rebinding)."""
    name = _name_of(host)
    if name == (urlsplit(public_url).hostname or "").lower():
        return True
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return name == "localhost"
    return True


def is_loopback(host: str) -> bool:
    """Whether a Host header names this very machine."""
    name = _name_of(host)
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _name_of(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _has_header(request: Request) -> bool:
    return "authorization" in request.headers


async def _current(found: Annotated[SignedIn, Depends(signed_in)]) -> Member:
    return found.member


async def _managing(found: Annotated[SignedIn, Depends(signed_in)]) -> Member:
    require_manager(found.member)
    return found.member


async def _administering(found: Annotated[SignedIn, Depends(signed_in)]) -> Member:
    if not found.member.is_admin:
        raise NotAllowed
    return found.member


Session = Annotated[SignedIn, Depends(signed_in)]
Caller = Annotated[Member, Depends(_current)]
Manager = Annotated[Member, Depends(_managing)]
Admin = Annotated[Member, Depends(_administering)]


async def require_inbox(member: Caller) -> None:
    """Raises NotAllowed for whoever belongs to no inbox and has no number: shared inboxes are nothing to him (S-04)."""
    if not member.every_inbox_id and not member.is_admin:
        raise NotAllowed("You belong to no inbox; ask a manager.", code="no_inbox")
