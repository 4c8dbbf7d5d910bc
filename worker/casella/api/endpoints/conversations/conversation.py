"""`/conversations`: the list, one conversation, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, Responses, errors
from casella.api.frame.fields import ConversationId, Id, Tag
from casella.api.frame.once import OptionalOnce, Sight
from casella.api.frame.security import Caller
from casella.errors import NotFound
from casella.inbox import links
from casella.inbox.commands import archiving, assigning, closing, prioritizing, tagging
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, Mine, lists, own
from casella.inbox.sending import permission
from casella.inbox.views import ConversationView, labelled
from casella.texts import locale_of

router = APIRouter(tags=["conversations"])
HANDED_OVER: Responses = {
    **errors(*WRITE_ERRORS),
    204: {"description": "Done; and a rule has moved the conversation to where it is not yours to see."},
}


@router.get("/conversations/{conversation_id}", response_model=models.Conversation, responses=errors(404))
def read_conversation(rooms: House, member: Caller, conversation_id: ConversationId) -> models.Conversation:
    """One conversation, and whether a reply may be sent now."""
    with rooms.store.read() as db:
        return shown(db, rooms, member, conversation_id, rooms.clock.now())


class ConversationLink(models.Answer):
    """Something to open in a window of its own."""

    key: str = Field(description="`call`, the desk's own name for it, or a plugin's.", examples=["call"])
    kind: Literal["call", "meeting", "co_browse", "other"]
    label: str = Field(description="In your language.", examples=["Call"])
    url: str = Field(description="https, tel or sip.", examples=["tel:+12025550123"])


@router.get("/conversations/{conversation_id}/links", response_model=list[ConversationLink], responses=errors(404))
def list_links(request: Request, rooms: House, member: Caller, conversation_id: ConversationId) -> list[links.LinkView]:
    """What may be opened from a conversation: a call where it has a phone number, what the desk links to, what plugins
    bring. Open it in a new window, without a referrer; nothing is told to Casella."""
    with rooms.store.read() as db:
        locale = locale_of(request.headers.get("accept-language", ""))
        return links.offered(db, rooms, member, conversation_id, locale)


class Assignment(BaseModel):
    """Whom to give a conversation, and who has it as far as you know."""

    model_config = ConfigDict(extra="forbid")

    assignee: Literal["me"] | Id | None = Field(description="An agent's id, `me`, or null for nobody.", examples=["me"])
    expected: Literal["me"] | Id | None = Field(
        None, description="Who has it now, as you were shown. If somebody else has it by now, nothing is changed."
    )


@router.post("/conversations/{conversation_id}/assign", response_model=models.Conversation, responses=HANDED_OVER)
def assign_conversation(
    rooms: House, member: Caller, conversation_id: ConversationId, body: Assignment, once: OptionalOnce
) -> Response:
    """Assign it, if it still is with whom you think. Whoever comes second gets 409 `assignment_lost` with the
    `assignee_id` and `assignee_name` who has it."""

    def change(db: Connection, at: datetime) -> None:
        to, expected = _agent(member, body.assignee), _agent(member, body.expected)
        assigning.assign(db, rooms, conversation_id, to=to, expected=expected, by=member.id, at=at)

    return changed(rooms, member, conversation_id, once, change)


@router.post("/conversations/{conversation_id}/close", response_model=models.Conversation, responses=HANDED_OVER)
def close_conversation(rooms: House, member: Caller, conversation_id: ConversationId, once: OptionalOnce) -> Response:
    """Mark it closed. Closing a closed one changes nothing."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: closing.close(db, rooms, conversation_id, by=member.id, at=at),
        lambda db: lists.require_answerable(db, member, conversation_id),
    )


@router.post("/conversations/{conversation_id}/reopen", response_model=models.Conversation, responses=HANDED_OVER)
def reopen_conversation(rooms: House, member: Caller, conversation_id: ConversationId, once: OptionalOnce) -> Response:
    """Open a closed one again. 409 when the contact has another open conversation on this channel by now."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: closing.reopen(db, rooms, conversation_id, by=member.id, at=at),
        lambda db: lists.require_answerable(db, member, conversation_id),
    )


@router.post("/conversations/{conversation_id}/archive", response_model=models.Conversation, responses=HANDED_OVER)
def archive_conversation(rooms: House, member: Caller, conversation_id: ConversationId, once: OptionalOnce) -> Response:
    """Put a closed one away: it is found with `archived=true`. That happens by itself in time (`archive_after`)."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: archiving.archive(db, rooms, conversation_id, by=member.id, at=at),
        lambda db: lists.require_answerable(db, member, conversation_id),
    )


@router.post("/conversations/{conversation_id}/unarchive", response_model=models.Conversation, responses=HANDED_OVER)
def unarchive_conversation(
    rooms: House, member: Caller, conversation_id: ConversationId, once: OptionalOnce
) -> Response:
    """Among the closed ones again."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: archiving.unarchive(db, rooms, conversation_id, by=member.id, at=at),
        lambda db: lists.require_answerable(db, member, conversation_id),
    )


class TagBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tag: Tag = Field(examples=["vip"])


@router.post("/conversations/{conversation_id}/tags", response_model=models.Conversation, responses=HANDED_OVER)
def add_tag(
    rooms: House, member: Caller, conversation_id: ConversationId, body: TagBody, once: OptionalOnce
) -> Response:
    """Add a tag of the desk, whatever its case and spaces. Adding one it has changes nothing."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: tagging.add_tag(db, rooms, conversation_id, body.tag, by=member.id, at=at),
    )


@router.post(
    "/conversations/{conversation_id}/tags/remove",
    response_model=models.Conversation,
    responses=HANDED_OVER,
)
def remove_tag(
    rooms: House, member: Caller, conversation_id: ConversationId, body: TagBody, once: OptionalOnce
) -> Response:
    """Remove a tag. Removing one it has not changes nothing."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: tagging.remove_tag(db, rooms, conversation_id, body.tag, by=member.id, at=at),
    )


class PriorityBody(BaseModel):
    """How urgent a conversation is from now on."""

    model_config = ConfigDict(extra="forbid")

    priority: prioritizing.Priority = Field(description="low, normal, high or urgent.", examples=["urgent"])


@router.put("/conversations/{conversation_id}/priority", response_model=models.Conversation, responses=HANDED_OVER)
def set_priority(
    rooms: House, member: Caller, conversation_id: ConversationId, body: PriorityBody, once: OptionalOnce
) -> Response:
    """Say how urgent it is: in its team's queue it stands before those that are less urgent, and rules hear of it
    (`conversation_prioritized`). The priority it has already changes nothing."""

    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: prioritizing.set_priority(db, rooms, conversation_id, body.priority, by=member.id, at=at),
    )


def changed(
    rooms: Rooms,
    member: Member,
    conversation_id: str,
    once: OptionalOnce,
    change: Callable[[Connection, datetime], object],
    sight: Sight | None = None,
) -> Response:
    """Do this once to a conversation that the member may see, and answer with what it is then. `sight`: what else he
    must see."""

    def deed(db: Connection, at: datetime) -> models.Conversation | None:
        change(db, at)
        return shown_if_his(db, rooms, member, conversation_id, at)

    answer = once.do(200, deed, sight or (lambda db: lists.require_conversation(db, member, conversation_id)))
    rooms.bell.deliveries()  # rules may have answered
    rooms.bell.feed()
    return answer


def shown(db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> models.Conversation:
    """A conversation as its page shows it. Raises NotFound."""
    [view] = labelled(db, rooms, [lists.look_at(db, member, conversation_id)])
    allowed = permission.can_send(db, rooms, conversation_id, at, member.id)
    row = row_of(view, own.mine(db, member, [conversation_id])[conversation_id])
    referral = lists.referral_of(db, conversation_id)
    return models.Conversation(
        **dict(row),
        participants=[models.Named.model_validate(one) for one in own.participants(db, conversation_id)],
        can_send=models.CanSend.model_validate(allowed),
        referral=models.Referral.model_validate(referral) if referral else None,
        window_closes_at=allowed.window_closes_at,
        window_seconds_left=_seconds_left(allowed.window_closes_at, at),
    )


def row_of(view: ConversationView, mine: Mine) -> models.ConversationRow:
    """A row of a list. Its parts are validated here, and not once more as parts of it: that took most of the time."""
    summary = models.ConversationSummary.model_validate(view)
    return models.ConversationRow.model_construct(**dict(summary), mine=models.Mine.model_validate(mine))


def rows_of(
    db: Connection, rooms: Rooms, member: Member, conversation_ids: Sequence[str]
) -> dict[str, models.ConversationRow]:
    """Rows of a list, by id: of those of these conversations that the member sees."""
    found = labelled(db, rooms, lists.some_conversations(db, member, conversation_ids))
    mine = own.mine(db, member, [view.id for view in found])
    return {view.id: row_of(view, mine[view.id]) for view in found}


def shown_if_his(
    db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime
) -> models.Conversation | None:
    """None when what he has done made a rule move it out of his sight: it is done all the same."""
    with suppress(NotFound):
        return shown(db, rooms, member, conversation_id, at)
    return None


def _seconds_left(closes_at: datetime | None, at: datetime) -> int | None:
    return max(0, int((closes_at - at).total_seconds())) if closes_at is not None else None


def _agent(member: Member, given: str | None) -> str | None:
    return member.id if given == "me" else given
