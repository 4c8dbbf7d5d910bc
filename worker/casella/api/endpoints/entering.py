"""`/enter/{secret}`: a link that signs in once, on this machine only. The demo prints one, so that nobody types."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from casella.api.frame.context import Context
from casella.api.frame.local import is_local
from casella.errors import NotFound
from casella.inbox.reading import sessions

router = APIRouter(include_in_schema=False)
_HOME = "/app/"


@router.get("/enter/{secret}")
def enter(request: Request, context: Context, secret: str) -> Response:
    """Whoever opens it first is signed in; it is of no use afterwards, and never was from another machine."""
    rooms = context.rooms
    if not is_local(request):
        raise NotFound
    now = rooms.clock.now()
    lasting = timedelta(hours=rooms.settings.session_hours)
    with rooms.store.write() as db:
        agent_id = sessions.take_link(db, secret, now)
        if agent_id is None:
            return RedirectResponse(_HOME, 303)
        session = sessions.create_token(db, agent_id, "browser", now, now + lasting, kind="session")
    response = RedirectResponse(_HOME, 303)
    context.cookie.set(response, session.text, int(lasting.total_seconds()))
    return response
