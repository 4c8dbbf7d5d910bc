"""`/session` and `/me`: signing in and out, tokens for programs, one's own switch for new work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from casella import metrics
from casella.api.endpoints import models
from casella.api.endpoints.sign_on.beginning import Sender, WrongCredentials, begin_session, check_code, keep_session
from casella.api.frame import cookies
from casella.api.frame.context import ApiContext, Context, House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import Line, TokenId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller, Session, require_own_site
from casella.api.limits.login_limits import network_of
from casella.inbox.commands import set_available
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, find_member, sessions
from casella.inbox.sign_on import PasswordsOff

router = APIRouter(tags=["sign in"])


class Credentials(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Annotated[Line, Field(min_length=1)] = Field(examples=["ann@example.com"])
    password: Annotated[str, Field(min_length=1, max_length=1024)] = Field(examples=["correct horse battery"])
    code: Annotated[Line, Field(max_length=40)] | None = Field(
        None, description="Of the second factor, where there is one: six digits, or a recovery code."
    )


@router.post("/session", response_model=models.Me, responses=errors(400, 403, 413, 415, 429, 503))
async def sign_in(request: Request, response: Response, context: Context, body: Credentials) -> models.Me:
    """Sign a browser in: sets the session cookie, and ends the session that the browser sent. After too many failures
    from one network, or for one e-mail address from there: 429 with Retry-After; a browser in which this agent has
    signed in before is counted by itself. 401 `second_factor_needed` asks for a `code` besides the right password; 403
    `password_sign_in_off` where only the sign-in provider lets in (`GET /sign-in`)."""
    require_own_site_if_browser(request, context)
    if not context.rooms.settings.password_sign_in:
        raise PasswordsOff
    sent = cookies.read(request, context.known.name)
    browser = context.known.of(sent, body.email)
    network = network_of(request.client.host if request.client else "")
    await run_in_threadpool(context.limits.check, body.email, network, browser)
    pool = context.pools.known if browser else context.pools.strangers
    check = partial(sessions.check_password, context.rooms.store, context.passwords, body.email, body.password)
    agent_id = await pool.run(browser or network, check)
    metrics.sign_ins.labels("right" if agent_id else "wrong").inc()
    if agent_id is None:
        await run_in_threadpool(context.limits.failed, body.email, network, browser)
        raise WrongCredentials
    sender = Sender(body.email, network, browser)
    await run_in_threadpool(check_code, context, agent_id, body.code, sender)
    await run_in_threadpool(context.limits.forgive, body.email, network)
    context.known.remember(response, sent, body.email)
    return await run_in_threadpool(_begin, request, response, context, agent_id)


def _begin(request: Request, response: Response, context: ApiContext, agent_id: str) -> models.Me:
    begun = begin_session(request, context, lambda _db, _now: agent_id)
    keep_session(context, response, begun)
    if cookies.read(request, context.pending.name):
        context.pending.clear(response)
    return shown(context.rooms, begun.member, begun.expires_at)


@router.get("/session", response_model=models.Me, responses=errors())
def read_session(rooms: House, session: Session) -> models.Me:
    """Who is signed in, and until when if nothing is done meanwhile."""
    return shown(rooms, session.member, session.expires_at)


@router.delete("/session", status_code=204, responses=errors(403))
def sign_out(context: Context, session: Session) -> Response:
    """End this session. A bearer token that is used here is revoked."""
    rooms = context.rooms
    with rooms.store.write() as db:
        sessions.revoke_token(db, session.member.id, session.token_id, rooms.clock.now())
    rooms.bell.feed()
    response = Response(status_code=204)
    context.cookie.clear(response)
    return response


@router.get("/me", response_model=models.Me, responses=errors())
def read_me(rooms: House, session: Session) -> models.Me:
    """Who is signed in, and until when if nothing is done meanwhile."""
    return shown(rooms, session.member, session.expires_at)


class Availability(BaseModel):
    model_config = ConfigDict(extra="forbid")

    available: bool = Field(description="Whether new conversations may be given to you.")
    do_not_disturb: bool | None = Field(
        None,
        description="Leave me in peace: no new conversations and no sound, though I am there. Unchanged if absent.",
    )


@router.put("/me/availability", response_model=models.Me, responses=errors(400, 403, 409, 413, 415))
def set_availability(rooms: House, member: Caller, body: Availability, once: OptionalOnce) -> Response:
    """One switch for all your inboxes. What you have stays yours."""

    def deed(db: Connection, at: datetime) -> models.Me:
        set_available(db, rooms, member, at, available=body.available, do_not_disturb=body.do_not_disturb)
        return shown(rooms, find_member(db, member.id) or member)

    answer = once.do(200, deed, None)
    rooms.bell.feed()
    return answer


class TokenWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: Annotated[Line, Field(min_length=1)] = Field(examples=["nightly report"])
    days: Annotated[int, Field(ge=1, le=3650)] | None = Field(
        None, description="How long it lasts; without it, until it is revoked."
    )


@router.get("/me/tokens", response_model=list[models.Token], responses=errors())
def list_tokens(rooms: House, member: Caller) -> Sequence[sessions.TokenView]:
    """Your tokens, without their texts."""
    with rooms.store.read() as db:
        return sessions.tokens_of(db, member.id, rooms.clock.now())


@router.post("/me/tokens", response_model=models.NewToken, status_code=201, responses=errors(400, 403, 409, 413, 415))
def create_token(rooms: House, member: Caller, body: TokenWish, once: OptionalOnce) -> Response:
    """A new token for a program of yours. Its text is shown this once, and to whoever repeats the request with the
    same Idempotency-Key; the answer is kept encrypted for that."""

    def deed(db: Connection, at: datetime) -> models.NewToken:
        expires = at + timedelta(days=body.days) if body.days is not None else None
        made = sessions.create_token(db, member.id, body.label, at, expires)
        return models.NewToken.model_validate(made, from_attributes=True)

    return once.do(201, deed, None, is_secret=True)


@router.delete("/me/tokens/{token_id}", status_code=204, responses=errors(403, 404))
def revoke_token(rooms: House, member: Caller, token_id: TokenId) -> Response:
    """Revoke one of your tokens, at once."""
    with rooms.store.write() as db:
        sessions.revoke_token(db, member.id, token_id, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)


def shown(rooms: Rooms, member: Member, expires_at: datetime | None = None) -> models.Me:
    return models.Me(
        id=member.id,
        key=member.key,
        name=member.name,
        email=member.email,
        role=member.role,
        locale=member.locale,
        available=member.available,
        do_not_disturb=member.do_not_disturb,
        inbox_ids=sorted(member.inbox_ids),
        second_factor=member.has_second_factor,
        second_factor_required=member.role in rooms.desk.current.second_factor_roles,
        expires_at=expires_at,
    )


def require_own_site_if_browser(request: Request, context: Context) -> None:
    """Another site must not sign somebody in here under a name of its choice. Programs send neither header."""
    if "origin" in request.headers or "sec-fetch-site" in request.headers:
        require_own_site(request, context)
