"""`/inboxes`, `/channels`, `/agents`, `/teams`: who and what there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import AgentId, Limit
from casella.api.frame.security import Caller, Manager
from casella.inbox import activity
from casella.inbox.activity import StatusView
from casella.inbox.reading import overview
from casella.inbox.views import Named

router = APIRouter(tags=["organisation"])


@router.get("/inboxes", response_model=list[models.Inbox], responses=errors())
def list_inboxes(rooms: House, member: Caller) -> Sequence[overview.InboxView]:
    """Your inboxes."""
    with rooms.store.read() as db:
        return overview.inboxes(db, member)


@router.get("/channels", response_model=list[models.Channel], responses=errors())
def list_channels(rooms: House, member: Caller) -> Sequence[overview.ChannelView]:
    """The channels of your inboxes."""
    with rooms.store.read() as db:
        return overview.channels(db, rooms, member)


@router.get("/agents", response_model=list[models.Agent], responses=errors())
def list_agents(rooms: House, member: Caller) -> Sequence[Named]:
    """Everybody's name, to assign to and to mention."""
    with rooms.store.read() as db:
        return overview.agents(db)


class Status(models.Answer):
    """How an agent's switch stood, from a moment on until the next one of the list."""

    at: datetime
    available: bool
    do_not_disturb: bool


@router.get("/agents/{agent_id}/statuses", response_model=list[Status], responses=errors(403, 404))
def list_statuses(rooms: House, member: Manager, agent_id: AgentId, limit: Limit = 50) -> Sequence[StatusView]:
    """When an agent was there: each change of his one switch for new work, the newest first. For managers."""
    with rooms.store.read() as db:
        overview.require_agent(db, agent_id)
        return activity.list_statuses(db, agent_id, limit)


@router.get("/teams", response_model=list[models.Team], responses=errors())
def list_teams(rooms: House, member: Caller) -> Sequence[overview.TeamView]:
    """The teams, and who is in them."""
    with rooms.store.read() as db:
        return overview.teams(db)
