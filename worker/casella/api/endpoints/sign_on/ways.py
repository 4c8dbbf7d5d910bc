"""`/sign-in` and `/session/code`: which ways of signing in there are, and the code that the provider's may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from casella import metrics
from casella.api.endpoints import models
from casella.api.endpoints.sessions import require_own_site_if_browser, shown
from casella.api.endpoints.sign_on.beginning import Sender, begin_session, check_code, keep_session
from casella.api.frame import cookies
from casella.api.frame.context import ApiContext, Context
from casella.api.frame.documentation import errors
from casella.api.frame.fields import Line
from casella.api.frame.problems import described
from casella.api.limits.login_limits import TooManyAttempts, network_of
from casella.api.limits.pools import Busy
from casella.errors import CasellaError, DiskFull, StoreUnavailable
from casella.inbox.reading import find_member
from casella.inbox.sign_on import (
    LASTS,
    Attempt,
    EmailUnverified,
    NoSuchAgent,
    ProviderAway,
    ProviderMistaken,
    SignInRefused,
    SignInStale,
    spend,
)

router = APIRouter(tags=["sign in"])
_HALF_LASTS = timedelta(minutes=5)
_PROBLEMS: Mapping[str, type[CasellaError]] = {
    kind.code: kind
    for kind in (
        SignInStale,
        SignInRefused,
        EmailUnverified,
        NoSuchAgent,
        ProviderAway,
        ProviderMistaken,
        TooManyAttempts,
        Busy,
        DiskFull,
        StoreUnavailable,
    )
}
"""How a sign-in by the provider can have failed."""


class ProviderWay(models.Answer):
    name: str = Field(description="What people call the sign-in provider.", examples=["Acme accounts"])
    path: str = Field(description="Where a browser goes to sign in by it.", examples=["/sign-in/provider"])


class SignInProblem(models.Answer):
    code: str
    title: str
    detail: str


class WaysIn(models.Answer):
    password: bool = Field(description="Whether `POST /session` takes passwords here.")
    provider: ProviderWay | None
    code_needed: bool = Field(description="The provider has let this browser in; `POST /session/code` is what is left.")
    problem: SignInProblem | None = Field(
        description="Why this browser's last sign-in by the provider failed, told once."
    )


class SignInCode(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[Line, Field(min_length=1, max_length=40)] = Field(
        description="Six digits of the authenticator app, or a recovery code.", examples=["123456"]
    )


@router.get("/sign-in", response_model=WaysIn, responses=errors())
async def read_ways_in(request: Request, response: Response, context: Context) -> WaysIn:
    """Which ways of signing in there are here, and how far this browser has come. For anybody."""
    pending = context.pending.read(request)
    provider = ProviderWay(name=context.sign_on.name, path="/sign-in/provider") if context.sign_on.enabled else None
    if pending.problem:
        context.pending.set(response, replace(pending, told=True))
    return WaysIn(
        password=context.rooms.settings.password_sign_in,
        provider=provider,
        code_needed=_half(context, request) is not None,
        problem=_problem(request, pending.problem) if not pending.told else None,
    )


@router.post("/session/code", response_model=models.Me, responses=errors(400, 403, 413, 415, 429, 503))
async def finish_sign_in(request: Request, response: Response, context: Context, body: SignInCode) -> models.Me:
    """The code of the second factor, after the sign-in provider has let this browser in: sets the session cookie. 401
    `wrong_code`, or `sign_in_stale` where it has not, or longer than five minutes ago."""
    require_own_site_if_browser(request, context)
    return await run_in_threadpool(_finish, request, response, context, body.code)


def _finish(request: Request, response: Response, context: ApiContext, code: str) -> models.Me:
    found = _half(context, request)
    if found is None:
        raise SignInStale
    agent_id, seed = found
    rooms = context.rooms
    with rooms.store.read() as db:
        member = find_member(db, agent_id)
    if member is None:
        raise SignInStale
    email, sent = member.email or "", cookies.read(request, context.known.name)
    network = network_of(request.client.host if request.client else "")
    sender = Sender(email, network, context.known.of(sent, email))
    context.limits.check(sender.email, sender.network, sender.browser)
    check_code(context, agent_id, code, sender)

    def agent_of(db: Connection, now: datetime) -> str:
        spend(db, Attempt.of(rooms.settings.secret_keys()[0], seed).digest, now + 2 * LASTS)
        return agent_id

    begun = begin_session(request, context, agent_of)
    keep_session(context, response, begun)
    context.known.remember(response, sent, email)
    context.pending.clear(response)
    metrics.sign_ins.labels("right").inc()
    return shown(rooms, begun.member, begun.expires_at)


def _half(context: ApiContext, request: Request) -> tuple[str, str] | None:
    """Whom the provider has vouched for in this browser, and his seed."""
    half, now = context.pending.read(request).half, context.rooms.clock.now().timestamp()
    if half is None or not now - _HALF_LASTS.total_seconds() <= half[2] <= now + 60:
        return None
    return half[0], half[1]


def _problem(request: Request, code: str) -> SignInProblem | None:
    if not code:
        return None
    told = described(request, _PROBLEMS.get(code, CasellaError)())
    return SignInProblem(code=str(told["code"]), title=str(told["title"]), detail=str(told["detail"]))
