"""`/start`: all that a client needs to begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.chats.chats import Chat
from casella.api.endpoints.conversations.listing import AllCounts, FilterQuery, SortedQuery, count_all, read_page
from casella.api.endpoints.me.own import Draft
from casella.api.endpoints.me.settings import OwnSettings
from casella.api.endpoints.sessions import shown
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.security import Caller
from casella.inbox import chats
from casella.inbox.house import Rooms
from casella.inbox.personal import drafts, settings
from casella.inbox.reading import Member, read_start
from casella.inbox.reading import Start as Found

router = APIRouter(tags=["me"])
_CHATS = 50


class Colleague(models.Named):
    role: str = Field(examples=["agent"])
    may_reply: bool = Field(description="Whether he may write to customers at all.")
    available: bool
    do_not_disturb: bool
    status_message: str = Field(description="What he says of himself, for colleagues.")
    extension: str = Field(description="Where he is called.")


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


class StartQuery(SortedQuery):
    """The list to begin with. It is always one inbox's: of those named the first that is yours, else the one with the
    most channels; channels of another are passed over."""

    limit: Annotated[int, Field(ge=0, le=100)] = Field(
        0, description="How many rows of the list to begin with; with 0, the usual, there is none."
    )


class StartList(models.ConversationPage):
    """The first page of the list to begin with."""

    inbox_id: str
    channel_ids: Sequence[str] = Field(description="Of this inbox, those that were asked for; empty: all of them.")


class Start(models.Answer):
    """Who you are, what you see, and where the events go on from here."""

    me: models.Me
    inboxes: Sequence[StartInbox]
    channels: Sequence[models.Channel]
    numbers: Sequence[models.Channel] = Field(description="Your own, which nobody else sees.")
    agents: Sequence[Colleague]
    teams: Sequence[models.Team]
    tags: Sequence[str] = Field(description="The desk's tags.")
    unseen_notices: int
    settings: OwnSettings = Field(description="What you have chosen for yourself, as `GET /me/settings` says it.")
    drafts: Sequence[Draft] = Field(description="What you have begun to write, the newest first.")
    chats: Sequence[Chat] = Field(description="The first page of `GET /chats`.")
    list: StartList | None = Field(description="Null unless a `limit` was given, and without any inbox.")
    counts: AllCounts = Field(description="Of all that is open, as `GET /conversations/counts` says it.")
    events_after: str = Field(description="The cursor from which the event stream tells what is newer.")


@router.get("/start", response_model=Start, responses=errors(404))
def start(rooms: House, member: Caller, query: Annotated[StartQuery, Query()]) -> Start:
    """In one answer what would otherwise take ten. The filters are those of `GET /conversations`: with them and a
    `limit`, the list to begin with is in it too."""
    if rooms.directory.refresh():  # whoever was told of another desk (`desk.updated`) is shown it
        rooms.desk.refresh()
    with rooms.store.read() as db:
        found = read_start(db, rooms, member)
        return Start(
            me=shown(rooms, member),
            inboxes=[StartInbox.model_validate(one) for one in found.inboxes],
            channels=[models.Channel.model_validate(one) for one in found.channels],
            numbers=[models.Channel.model_validate(one) for one in found.numbers],
            agents=[Colleague.model_validate(one) for one in found.agents],
            teams=[models.Team.model_validate(one) for one in found.teams],
            tags=list(found.tags),
            unseen_notices=found.unseen_notices,
            settings=OwnSettings.model_validate(settings.read(db, rooms, member)),
            drafts=[Draft.model_validate(one) for one in drafts.list_drafts(db, member)],
            chats=[Chat.model_validate(one) for one in chats.list_chats(db, member, (), None, _CHATS).items],
            list=_first_page(db, rooms, member, found, query),
            counts=count_all(db, rooms, member, FilterQuery(status="open")),
            events_after=found.cursor,
        )


def _first_page(db: Connection, rooms: Rooms, member: Member, found: Found, query: StartQuery) -> StartList | None:
    if not query.limit or not found.inboxes or query.world == "private":
        return None
    theirs = Counter(one.inbox_id for one in found.channels)
    named = [one for name in query.inbox for one in found.inboxes if name in (one.id, one.key)]
    inbox = named[0] if named else max(found.inboxes, key=lambda one: theirs[one.id])
    channels = [
        one.id for one in found.channels if one.inbox_id == inbox.id and {one.id, one.key} & set(query.channel)
    ]  # fmt: skip
    wanted = query.model_copy(update={"inbox": [inbox.id], "channel": channels})
    page = read_page(db, rooms, member, wanted, query.limit)
    return StartList.model_validate({"inbox_id": inbox.id, "channel_ids": channels, **page})
