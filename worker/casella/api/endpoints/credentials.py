"""What others are signed in with: admins see it, and end it."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Response

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import AgentId, TokenId
from casella.api.frame.security import Admin
from casella.inbox.reading import sessions

router = APIRouter(tags=["managers"])


@router.get("/agents/{agent_id}/credentials", response_model=list[models.Credential], responses=errors(403, 404))
def list_credentials(rooms: House, admin: Admin, agent_id: AgentId) -> Sequence[sessions.CredentialView]:
    """The browsers and programs that an agent is signed in with, without their secrets. For admins."""
    with rooms.store.read() as db:
        return sessions.credentials_of(db, agent_id, rooms.clock.now())


@router.delete("/agents/{agent_id}/credentials", status_code=204, responses=errors(403, 404))
def end_credentials(rooms: House, admin: Admin, agent_id: AgentId) -> Response:
    """Sign an agent out everywhere, at once; his tokens end, too. For admins."""
    with rooms.store.write() as db:
        sessions.credentials_of(db, agent_id, rooms.clock.now())
        sessions.end_all(db, agent_id, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)


@router.delete("/agents/{agent_id}/credentials/{token_id}", status_code=204, responses=errors(403, 404))
def end_credential(rooms: House, admin: Admin, agent_id: AgentId, token_id: TokenId) -> Response:
    """End one of an agent's sessions or tokens, at once. For admins."""
    with rooms.store.write() as db:
        sessions.revoke_token(db, agent_id, token_id, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)
