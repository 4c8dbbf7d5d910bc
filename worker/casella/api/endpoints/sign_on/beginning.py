"""How every session of a browser begins, whoever has vouched for the agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import Connection

from casella.api.frame import cookies
from casella.api.frame.context import ApiContext
from casella.errors import NotAuthenticated
from casella.inbox.reading import Member, find_member, second_factors, sessions


class WrongCredentials(NotAuthenticated):
    """The e-mail address or the password is wrong."""

    code = "wrong_credentials"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose failures are counted: of this e-mail, from this network, in a browser that is known for it."""

    email: str
    network: str
    browser: str | None


@dataclass(frozen=True, slots=True)
class Begun:
    """`text`: what the session's cookie holds."""

    member: Member
    text: str
    expires_at: datetime | None


def begin_session(
    request: Request,
    context: ApiContext,
    agent_of: Callable[[Connection, datetime], str],
    *,
    factor_proven: bool = False,
) -> Begun:
    """A new session in place of the one that this browser had. `agent_of` says whose, in the same transaction, and may
    refuse. Raises NotAuthenticated where he is gone."""
    rooms, now = context.rooms, context.rooms.clock.now()
    lasting = min(timedelta(hours=rooms.settings.session_hours), sessions.LONGEST)
    former = context.cookie.open(cookies.read(request, context.cookie.name) or "")
    with rooms.store.write() as db:
        agent_id = agent_of(db, now)
        member = find_member(db, agent_id)
        if member is None:
            raise NotAuthenticated
        if former:
            sessions.end_session(db, former, now)
        made = sessions.create_token(
            db, agent_id, "browser", now, now + lasting, kind="session", factor_proven=factor_proven
        )
    rooms.bell.feed()
    return Begun(member, made.text, made.expires_at)


def needs_code(context: ApiContext, agent_id: str) -> bool:
    with context.rooms.store.read() as db:
        return second_factors.view(db, agent_id).active_since is not None


def check_code(context: ApiContext, agent_id: str, code: str | None, sender: Sender) -> None:
    """Of whoever has a second factor. Raises CodeNeeded, WrongCredentials (wrong_code), TooManyAttempts."""
    if not needs_code(context, agent_id):
        return
    rooms = context.rooms
    context.limits.check_code(agent_id, sender.browser)
    try:
        with rooms.store.write() as db:
            second_factors.require_code(db, rooms.sealer, agent_id, code, rooms.clock.now())
    except second_factors.WrongCode as error:
        context.limits.failed(sender.email, sender.network, sender.browser)
        context.limits.code_failed(agent_id, sender.browser)
        raise WrongCredentials(error.text, code=error.reason) from None


def keep_session(context: ApiContext, response: Response, begun: Begun) -> None:
    """The cookie outlives the session, whose end moves while it is used; what is in it opens nothing any more then."""
    context.cookie.set(response, begun.text, int(sessions.LONGEST.total_seconds()))
