"""`/enter/{secret}`: a link that signs in once, on this machine only. The demo prints one, so that nobody types."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection
from starlette.responses import RedirectResponse

from casella.api.endpoints.sign_on.beginning import begin_session, keep_session
from casella.api.frame.context import Context
from casella.api.frame.local import is_local
from casella.errors import NotAuthenticated, NotFound
from casella.inbox.reading import sessions

router = APIRouter(include_in_schema=False)
_HOME = "/app/"


@router.get("/enter/{secret}")
def enter(request: Request, context: Context, secret: str) -> Response:
    """Whoever opens it first is signed in; it is of no use afterwards, and never was from another machine."""
    if not is_local(request):
        raise NotFound
    response = RedirectResponse(_HOME, 303)

    def agent_of(db: Connection, now: datetime) -> str:
        agent_id = sessions.take_link(db, secret, now)
        if agent_id is None:
            raise NotAuthenticated
        return agent_id

    with suppress(NotAuthenticated):
        keep_session(context, response, begin_session(request, context, agent_of))
    return response
