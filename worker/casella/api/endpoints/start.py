"""`/start`: all that a client needs to begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from casella.api.endpoints import models
from casella.api.endpoints.sessions import shown
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.security import Caller
from casella.inbox.reading import read_start

router = APIRouter(tags=["me"])


class Colleague(models.Named):
    role: str = Field(examples=["agent"])
    may_reply: bool = Field(description="Whether he may write to customers at all.")
    available: bool
    do_not_disturb: bool


class StartInbox(models.Named):
    timezone: str
    locale: str
    assignment_mode: bool = Field(description="Whether conversations are assigned to agents in this inbox.")
    member_ids: Sequence[str]
    face: Literal["engagement", "contact_center"]
    features: Sequence[str] = Field(
        description="assign, assistant, campaigns, canned, survey: what may be used here; without one, its calls are a "
        "403 `feature_not_in_plan` or `not_in_contact_center`."
    )
    creates: Sequence[str] = Field(description="What can be begun here: conversation, text_message, direct_chat, …")
    assignees: Sequence[str] = Field(description="Values of the filter `assignee` that this face has.")
    filters: Sequence[str] = Field(description="all, unread, archived.")


class Start(models.Answer):
    """Who you are, what you see, and where the events go on from here."""

    me: models.Me
    inboxes: Sequence[StartInbox]
    channels: Sequence[models.Channel]
    agents: Sequence[Colleague]
    teams: Sequence[models.Team]
    tags: Sequence[str] = Field(description="The desk's tags.")
    unseen_notices: int
    events_after: str = Field(description="The cursor from which the event stream tells what is newer.")


@router.get("/start", response_model=Start, responses=errors())
def start(rooms: House, member: Caller) -> Start:
    """In one answer what would otherwise take seven."""
    if rooms.directory.refresh():  # whoever was told of another desk (`desk.updated`) is shown it
        rooms.desk.refresh()
    with rooms.store.read() as db:
        found = read_start(db, rooms, member)
    return Start(
        me=shown(member),
        inboxes=[StartInbox.model_validate(one) for one in found.inboxes],
        channels=[models.Channel.model_validate(one) for one in found.channels],
        agents=[Colleague.model_validate(one) for one in found.agents],
        teams=[models.Team.model_validate(one) for one in found.teams],
        tags=list(found.tags),
        unseen_notices=found.unseen_notices,
        events_after=found.cursor,
    )
