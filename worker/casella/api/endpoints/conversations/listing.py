"""`/conversations`: the list, and how many there are of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame import paging
from casella.api.frame.answers import json_answer
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import CursorText, Id, Limit, Line
from casella.api.frame.security import Caller
from casella.inbox.commands import Priority
from casella.inbox.house import Rooms, desk_tag
from casella.inbox.reading import Filters, Member, Status, World, count_conversations, lists
from casella.inbox.views import labelled, row_content
from casella.store import feed
from casella.store.queries.conversation_queries import Sort

router = APIRouter(tags=["conversations"])
Names = Annotated[list[Line], Field(max_length=50)]


class FilterQuery(BaseModel):
    """Every filter narrows; together they give the intersection. Given several times, any of its values."""

    model_config = ConfigDict(extra="forbid")

    status: Status | None = Field(
        None, description="Open (the usual), closed, snoozed, or all (the usual with ids, and of the history)."
    )
    inbox: Names = Field([], description="Id or key of an inbox.")
    channel: Names = Field([], description="Id or key of a channel.")
    kind: Names = Field([], description="Type of the channel.", examples=[["whatsapp"]])
    assignee: Names = Field(
        [],
        description="me, others, unassigned, with_me (you took part, whoever has it now), or an agent's id.",
        examples=[["me"]],
    )
    unread: bool = Field(False, description="Only where something came in after your own read mark.")
    team: Names = Field([], description="Id or key of a team.")
    tag: Names = Field([], description="Only with this tag of the desk, however it is written.")
    priority: Annotated[list[Priority], Field(max_length=4)] = Field([], description="low, normal, high or urgent.")
    contact: Annotated[list[Id], Field(max_length=50)] = Field([], description="Only of this contact: his history.")
    archived: bool | None = Field(None, description="Of the closed ones those that are put away, or only the others.")
    ids: Annotated[list[Id], Field(max_length=100)] = Field([], description="Only these.")
    world: World = Field(
        "shared",
        description="shared; private: on your own numbers; history: the Archived tab, what was written on a number "
        "before it came into the inbox (another thing than `archived`).",
    )

    def filters(self, rooms: Rooms, sort: Sort) -> Filters:
        """Raises Invalid for a tag that the desk does not have."""
        return Filters(
            status=self.status or ("all" if self.ids or self.world == "history" else "open"),
            inbox=self.inbox,
            channel=self.channel,
            kind=self.kind,
            assignee=self.assignee,
            team=self.team,
            tag=[desk_tag(rooms, tag) for tag in self.tag],
            priority=self.priority,
            contact=self.contact,
            unread=self.unread,
            archived=self.archived,
            ids=self.ids,
            sort=sort,
            world=self.world,
        )


class SortedQuery(FilterQuery):
    """The filters, and in which order."""

    sort: Sort | None = Field(
        None,
        description="By the newest message (the usual one for open conversations: those without a message come first, "
        "both ways), or by when it was opened or closed (the usual one otherwise).",
    )


class ListQuery(SortedQuery):
    """The filters, in which order, and which page."""

    cursor: CursorText = None
    limit: Limit = 25


@router.get("/conversations", response_model=models.ConversationPage, responses=errors(404))
def list_conversations(rooms: House, member: Caller, query: Annotated[ListQuery, Query()]) -> Response:
    """The conversations you may see, filtered and sorted, page by page. `events_after` is the cursor from which the
    event stream tells what is newer than this page."""
    with rooms.store.read() as db:
        return json_answer(read_page(db, rooms, member, query, query.limit, query.cursor))


def read_page(
    db: Connection, rooms: Rooms, member: Member, query: SortedQuery, limit: int, behind: str | None = None
) -> dict[str, object]:
    """One page of the list, behind a cursor: a `models.ConversationPage` to be written as it is. Its rows are those of
    events, and made by the same code; to have them checked field by field took half the time of a list."""
    is_open = query.filters(rooms, "recent_messages").status == "open"
    sort: Sort = query.sort or ("recent_messages" if is_open else "recent_conversations")
    place = paging.conversation_place(sort, behind) if behind is not None else None
    cursor = str(feed.newest(db))
    page = lists.list_conversations(db, member, query.filters(rooms, sort), place, limit)
    rows = labelled(db, rooms, page.items)
    following = paging.conversation_cursor(sort, page.behind) if page.behind else None
    return {
        "items": [{**row_content(item), "mine": page.mine[item.id]} for item in rows],
        "next": following,
        "events_after": cursor,
    }


class Counts(models.Answer):
    """How many there are: all, yours, others', nobody's, those with you, those unread to you."""

    total: int
    me: int
    others: int
    unassigned: int
    with_me: int
    unread: int


class ChannelCounts(models.Answer):
    id: str = Field(description="Of the channel.")
    counts: Counts


class InboxCounts(models.Answer):
    id: str = Field(description="Of the inbox.")
    counts: Counts
    channels: Sequence[ChannelCounts]


class AllCounts(models.Answer):
    """Inboxes and channels without any are left out."""

    all: Counts
    inboxes: Sequence[InboxCounts]
    more: bool = Field(description="There are more than 20,000, of which these are the figures: at least so many.")
    events_after: str = Field(description="The cursor from which the event stream tells what may move them.")


@router.get("/conversations/counts", response_model=AllCounts, responses=errors(404))
def read_counts(rooms: House, member: Caller, query: Annotated[FilterQuery, Query()]) -> AllCounts:
    """How many conversations the list has with these filters, by inbox and channel, for badges."""
    with rooms.store.read() as db:
        return count_all(db, rooms, member, query)


def count_all(db: Connection, rooms: Rooms, member: Member, query: FilterQuery) -> AllCounts:
    """By inbox and channel."""
    cursor = str(feed.newest(db))
    found = count_conversations(db, member, query.filters(rooms, "recent_messages"))
    return AllCounts(
        all=Counts.model_validate(found.all),
        inboxes=[InboxCounts.model_validate(one) for one in found.inboxes],
        more=found.more,
        events_after=cursor,
    )
