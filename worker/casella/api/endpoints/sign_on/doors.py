"""`/sign-in/provider` and `/sign-in/return`: the two steps of a browser, to the sign-in provider and back.

Both answer with a redirect, always: to the provider, or to our own page, which asks `/api/v1/sign-in` how it went. No
address of where to go is ever taken from a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from casella import metrics
from casella.api.endpoints.sign_on.beginning import begin_session, keep_session, needs_code
from casella.api.frame import cookies
from casella.api.frame.context import ApiContext, Context
from casella.api.frame.cookies import Pending
from casella.api.limits.login_limits import network_of
from casella.errors import CasellaError, NotFound
from casella.inbox.reading import sessions
from casella.inbox.sign_on import (
    LASTS,
    Attempt,
    EmailUnverified,
    Identity,
    NoSuchAgent,
    SignInStale,
    attempt_for,
    new_seed,
    spend,
)

router = APIRouter(include_in_schema=False)
_HOME = "/app/"
_DOOR = "/sign-in/provider"
_MOST_TABS = 4
_MOST = 4096
_ANOTHER_ACCOUNT = (NoSuchAgent.code, EmailUnverified.code)


@router.get(_DOOR)
async def to_provider(request: Request, context: Context, here: str = "") -> RedirectResponse:
    """Sends a browser to the provider."""
    if not context.sign_on.enabled:
        raise NotFound
    public = context.rooms.settings.public_url
    if request.headers.get("host", "").lower() != urlsplit(public).netloc.lower() and not here:
        # The provider sends back to the public name, where a cookie of another one would not come along.
        return RedirectResponse(f"{public}{_DOOR}?here=1", 303)
    pending, now = context.pending.read(request), context.rooms.clock.now()
    seed = new_seed()
    network = _network(request)
    another = pending.problem in _ANOTHER_ACCOUNT
    try:
        await run_in_threadpool(context.limits.visit, network)
        attempt = _attempt(context, seed)
        address = await context.pools.sign_on.run(
            network, partial(context.sign_on.address, attempt, now, another=another)
        )
    except CasellaError as error:
        return _failed(context, replace(pending, half=None), error)
    response = RedirectResponse(address, 303)
    tabs = (*_fresh(pending, now)[-_MOST_TABS + 1 :], (seed, int(now.timestamp())))
    context.pending.set(response, Pending(begun=tabs, problem=pending.problem if another else "", told=True))
    return response


@router.get("/sign-in/return")
async def from_provider(request: Request, context: Context) -> RedirectResponse:
    """Takes a browser back that the provider has sent."""
    if not context.sign_on.enabled:
        raise NotFound
    pending, now = context.pending.read(request), context.rooms.clock.now()
    network = _network(request)
    left = replace(pending, begun=_fresh(pending, now), half=None, problem="")
    try:
        await run_in_threadpool(context.limits.visit, network)
        returned = _answer(request)
        seeds = [seed for seed, _ in left.begun]
        found = attempt_for(context.rooms.settings.secret_keys(), seeds, returned.get("state", ""))
        if found is None:
            raise SignInStale
        seed, attempt = found
        left = replace(left, begun=tuple(one for one in left.begun if one[0] != seed))
        identity = await context.pools.sign_on.run(network, partial(context.sign_on.identify, attempt, returned, now))
        return await run_in_threadpool(_let_in, request, context, attempt, identity)
    except CasellaError as error:
        metrics.sign_ins.labels("wrong").inc()
        return _failed(context, left, error)


def _let_in(request: Request, context: ApiContext, attempt: Attempt, identity: Identity) -> RedirectResponse:
    """A session, or the question for a code. Raises SignInStale, NoSuchAgent."""
    rooms = context.rooms
    now = rooms.clock.now()
    with rooms.store.write() as db:
        spend(db, attempt.digest, now + 2 * LASTS)
        agent_id = sessions.agent_with_email(db, identity.email)
    if agent_id is None:
        raise NoSuchAgent
    proven = bool(identity.ways & rooms.settings.trusted_factors())
    response = RedirectResponse(_HOME, 303)
    if not proven and needs_code(context, agent_id):
        context.pending.set(response, Pending(half=(agent_id, new_seed(), int(now.timestamp()))))
        return response

    def agent_of(_db: Connection, _now: datetime) -> str:
        return agent_id

    keep_session(context, response, begin_session(request, context, agent_of, factor_proven=proven))
    context.known.remember(response, cookies.read(request, context.known.name), identity.email)
    context.pending.clear(response)
    metrics.sign_ins.labels("right").inc()
    return response


def _failed(context: ApiContext, pending: Pending, error: CasellaError) -> RedirectResponse:
    response = RedirectResponse(_HOME, 303)
    context.pending.set(response, replace(pending, problem=error.reason, told=False))
    return response


def _attempt(context: ApiContext, seed: str) -> Attempt:
    return Attempt.of(context.rooms.settings.secret_keys()[0], seed)


def _answer(request: Request) -> Mapping[str, str]:
    """What the provider has added to our address. Raises SignInStale where it can be read in two ways."""
    given = request.query_params.multi_items()
    if len({name for name, _ in given}) != len(given) or any(len(value) > _MOST for _, value in given):
        raise SignInStale
    return dict(given)


def _fresh(pending: Pending, now: datetime) -> tuple[tuple[str, int], ...]:
    oldest, newest = (now - LASTS).timestamp(), (now + timedelta(minutes=1)).timestamp()
    return tuple(one for one in pending.begun if oldest <= one[1] <= newest)


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else "")
