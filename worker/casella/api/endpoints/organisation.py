"""`/inboxes`, `/channels`, `/agents`, `/teams`: who and what there is."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.security import Caller
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


@router.get("/teams", response_model=list[models.Team], responses=errors())
def list_teams(rooms: House, member: Caller) -> Sequence[overview.TeamView]:
    """The teams, and who is in them."""
    with rooms.store.read() as db:
        return overview.teams(db)
