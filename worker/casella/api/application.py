"""The HTTP face, put together: the providers' door beside it, the agents' API, health, and the frame around both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from casella.api.channels.channel_house import Deliver, nobody_receives
from casella.api.channels.channel_routes import ROUTES, ChannelRoutes
from casella.api.endpoints import (
    attachments,
    credentials,
    dead_letters,
    desk,
    entering,
    events,
    managers,
    organisation,
    reports,
    search,
    sessions,
    start,
    status,
    subscriptions,
)
from casella.api.endpoints.campaigns import managing as campaigns
from casella.api.endpoints.campaigns import results as campaign_results
from casella.api.endpoints.chats import chats
from casella.api.endpoints.contacts import agreeing, editing, erasing, files, finding, joining, noting
from casella.api.endpoints.conversations import (
    activity,
    assistant,
    bulk,
    canned,
    consent,
    conversation,
    decisions,
    handing_over,
    listing,
    messages,
    presence,
    starting,
)
from casella.api.endpoints.inboxes import settings as inbox_settings
from casella.api.endpoints.me import notices, own, push, second_factors, settings
from casella.api.endpoints.sign_on import doors, ways
from casella.api.endpoints.surveys import answering, asking
from casella.api.frame import problems
from casella.api.frame.context import ApiContext, Readiness
from casella.api.frame.cookies import KnownBrowser, PendingCookie, SessionCookie
from casella.api.frame.credentials import CredentialsFirst
from casella.api.frame.documentation import DESCRIPTION, document
from casella.api.frame.known_parameters import require_known_parameters
from casella.api.frame.middleware import API, Frame
from casella.api.frame.security import require_inbox
from casella.api.limits.caller_rates import CallerRates
from casella.api.limits.login_limits import LoginLimits
from casella.api.limits.pools import Pools
from casella.api.limits.rate_limits import RateLimits
from casella.api.limits.uploads import UploadQuota
from casella.api.page import Page
from casella.api.stream.feed_hub import FeedHub
from casella.inbox.house import Rooms
from casella.inbox.reading import Passwords
from casella.inbox.sending import Signals
from casella.inbox.sign_on import SignOn

WEBHOOKS = "/webhooks/"
_BODY_LIMIT = 512 * 1024  # a text of 64 Ki characters, every one escaped as \\uXXXX, and its frame
Lifespan = Callable[[], AbstractAsyncContextManager[None]]


def create_api(
    rooms: Rooms,
    intake: ASGIApp,
    *,
    hub: FeedHub,
    readiness: Readiness,
    deliver: Deliver = nobody_receives,
    lifespan: Lifespan | None = None,
    heartbeat_seconds: float = 15.0,
    passwords: Passwords | None = None,
) -> ASGIApp:
    """The whole HTTP application. `intake` gets every request under /webhooks/ before anything else looks at it;
    `deliver` takes what channels' own routes hand in as webhooks; `lifespan` is entered when the server has started,
    within its event loop; `passwords` None hashes as strongly as argon2-cffi advises."""
    operator = rooms.settings
    secure = operator.public_url.startswith("https:")
    cookie = SessionCookie(operator.secret_keys(), secure=secure)
    known = KnownBrowser(operator.secret_keys(), secure=secure)
    limits = RateLimits(operator.redis_url)
    signals = Signals(rooms)
    quotas = operator.bounds
    uploads = UploadQuota(limits, quotas, rooms.media)
    context = ApiContext(
        rooms,
        hub,
        readiness,
        cookie,
        known,
        PendingCookie(operator.secret_keys(), secure=secure),
        SignOn(operator),
        LoginLimits(limits),
        signals,
        Pools(),
        CallerRates(limits, quotas),
        uploads,
        passwords or Passwords(),
        heartbeat_seconds,
    )
    routes = ChannelRoutes(rooms, hub, limits, uploads, deliver, heartbeat_seconds)
    agents = CredentialsFirst(Furnished(context, api_paths(), lifespan), context, f"{API}/")
    return Door(intake, Frame(Page(Gate(routes, agents)), secure=secure))


class Door:
    """Webhooks one way, everything else the other."""

    def __init__(self, intake: ASGIApp, api: ASGIApp) -> None:
        self._intake = intake
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to_intake = scope["type"] == "http" and scope["path"].startswith(WEBHOOKS)
        await (self._intake if to_intake else self._api)(scope, receive, send)


class Gate:
    """The paths of channels one way, the agents' API the other."""

    def __init__(self, routes: ASGIApp, api: ASGIApp) -> None:
        self._routes = routes
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        to_routes = scope["type"] == "http" and scope["path"].startswith(ROUTES)
        await (self._routes if to_routes else self._api)(scope, receive, send)


class Furnished:
    """The paths of the agents' API, each request with what this house has. The paths themselves know no house: putting
    them together takes longer than most tests."""

    def __init__(self, context: ApiContext, paths: ASGIApp, lifespan: Lifespan | None) -> None:
        self._context = context
        self._paths = paths
        self._life = Router(lifespan=_lifespan(context, lifespan))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._life(scope, receive, send)
            return
        scope.setdefault("state", {})["context"] = self._context
        await self._paths(scope, receive, send)


OF_EVERYBODY = (
    sessions, ways, second_factors, credentials, start, desk, attachments, events, organisation, notices, own, settings,
    push, chats, managers, reports, subscriptions, dead_letters, erasing, inbox_settings,
)  # fmt: skip
OF_MEMBERS = (
    campaigns, campaign_results, canned, bulk, listing, conversation, decisions, activity, handing_over, starting,
    messages, consent, search, files, finding, agreeing, editing, joining, noting, presence, asking, assistant,
)  # fmt: skip
"""For who belongs to an inbox (S-04)."""


@cache
def api_paths() -> FastAPI:
    """Every path of the agents' API, of files and of health, for any house: put together once, which takes a while."""
    app = FastAPI(
        title="Casella",
        version=version("casella"),
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        max_body_size=_BODY_LIMIT,
        redirect_slashes=False,
    )
    problems.install(app)
    api = APIRouter(prefix=API, dependencies=[Depends(require_known_parameters)])
    for room in OF_EVERYBODY:
        api.include_router(room.router)
    for room in OF_MEMBERS:
        api.include_router(room.router, dependencies=[Depends(require_inbox)])
    app.include_router(api)
    app.include_router(attachments.files)
    app.include_router(status.router)
    app.include_router(entering.router)
    app.include_router(answering.router)
    app.include_router(doors.router)
    app.add_api_route(f"{API}/openapi.json", _openapi, include_in_schema=False)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _openapi(request: Request) -> dict[str, Any]:
    # Not a closure over the application: FastAPI's caches would keep every application that was ever made.
    return dict(document(request.app))


def _lifespan(context: ApiContext, given: Lifespan | None) -> Callable[[object], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(_app: object) -> AsyncIterator[None]:
        if given is None:
            yield
        else:
            async with given():
                yield
        context.hub.close()
        context.signals.close()
        context.pools.close()
        await context.rooms.assistant.close()

    return life
