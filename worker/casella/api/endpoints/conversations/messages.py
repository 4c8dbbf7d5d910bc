"""`/conversations/{id}/messages`: reading and answering; and what is known of a message's way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.new_message import answer_with_new
from casella.api.frame import paging
from casella.api.frame.context import Context, House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ConversationId, Id, Limit, MessageId, MessageText
from casella.api.frame.once import OptionalOnce, RequiredOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Caller
from casella.inbox.commands import noting, resending
from casella.inbox.reading import lists
from casella.inbox.sending import Draft, Preview, outbox, preview
from casella.plugin import Content

router = APIRouter(tags=["messages"])
_PLACE = Query(max_length=300, description="A cursor of an earlier page.")


@router.get("/conversations/{conversation_id}/messages", response_model=models.MessagePage, responses=errors(404))
def list_messages(
    rooms: House,
    member: Caller,
    conversation_id: ConversationId,
    before: Annotated[str | None, _PLACE] = None,
    after: Annotated[str | None, _PLACE] = None,
    around: Annotated[Id | None, Query(description="Id of a message: it, and what stands around it.")] = None,
    limit: Limit = 50,
) -> models.MessagePage:
    """The newest messages, oldest first; `before` and `after` go on in either direction (`after` wins). `around` opens
    in the middle, at a hit of a search."""
    older = paging.message_place(before) if before is not None else None
    newer = paging.message_place(after) if after is not None else None
    with rooms.store.read() as db:
        if around is not None and older is None and newer is None:
            page = lists.messages_around(db, member, conversation_id, around, limit)
        else:
            page = lists.list_messages(db, member, conversation_id, limit, before=older, after=newer)
    return models.MessagePage(
        items=[models.Message.model_validate(item) for item in page.items],
        older=paging.message_cursor(page.older) if page.older else None,
        newer=paging.message_cursor(page.newer) if page.newer else None,
    )


@router.get("/messages/{message_id}", response_model=models.Message, responses=errors(404))
def read_message(rooms: House, member: Caller, message_id: MessageId) -> models.Message:
    """One message, as it is now."""
    with rooms.store.read() as db:
        return models.Message.model_validate(lists.read_message(db, member, message_id))


class Reply(BaseModel):
    """What to send. A text, attachments, or both."""

    model_config = ConfigDict(extra="forbid")

    text: MessageText = Field("", examples=["Your order is ready."])
    attachment_ids: Annotated[Sequence[Id], Field(max_length=10)] = Field(
        (), description="Uploaded before at /api/v1/attachments."
    )
    reply_to: Id | None = Field(None, description="Id of a message to quote, or to react to, where the channel can.")
    content: Content | None = Field(
        None,
        description="What it carries besides: a place, cards of people, a reaction, buttons, a list, or a template. "
        "Which of them a channel takes, GET /channels says.",
        examples=[{"kind": "location", "latitude": 45.07, "longitude": 7.69, "name": "Shop"}],
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.text.strip() and not self.attachment_ids and self.content is None:
            raise ValueError("a message needs a text, an attachment or a content")
        if self.content is not None and "\x00" in self.content.model_dump_json().replace("\\u0000", "\x00"):
            raise ValueError("must not contain U+0000")
        return self


class Cost(models.Answer):
    """An estimate, by the price table of the desk."""

    amount: Decimal = Field(description="As a text, so that no digit is lost.", examples=["0.0158"])
    currency: str = Field(examples=["USD"])


class MessagePreview(BaseModel):
    """What a message would be. `characters_left`: below zero when the text is too long."""

    can_send: models.CanSend
    encoding: str | None = Field(description="How it is written: gsm7 or ucs2 for SMS.", examples=["gsm7"])
    units: int | None = Field(description="How much of the limit the text takes.")
    limit: int | None
    characters_left: int | None
    segments: int | None = Field(description="In how many parts it is sent, and paid.")
    cost: Cost | None = Field(description="null: the desk names no price.")


class Outline(Reply):
    """What might be sent. It may be empty: somebody is about to write."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        return self


@router.post(
    "/conversations/{conversation_id}/messages/preview",
    response_model=MessagePreview,
    responses=errors(400, 403, 404, 413, 415, 422, 429, 503),
    dependencies=[at_most("preview")],
)
async def preview_message(
    context: Context, rooms: House, member: Caller, conversation_id: ConversationId, body: Outline
) -> MessagePreview:
    """What this message would be: whether it may be sent (the same gate as when it is), how long it is, in how many
    parts, at what cost. Nothing is stored and nothing is sent."""
    draft = Draft(body.text, tuple(body.attachment_ids), body.reply_to, "agent", member.id, body.content)

    def look() -> Preview:
        with rooms.store.read() as db:
            lists.require_answerable(db, member, conversation_id)
            return preview(db, rooms, conversation_id, draft, rooms.clock.now())

    found = await context.pools.providers.run(member.id, look)
    taken = found.measure
    return MessagePreview(
        can_send=models.CanSend.model_validate(found.permission),
        encoding=taken.encoding if taken else None,
        units=taken.units if taken else None,
        limit=taken.limit if taken else None,
        characters_left=taken.limit - taken.units if taken else None,
        segments=taken.parts if taken else None,
        cost=Cost.model_validate(found.cost) if found.cost else None,
    )


class NoteBody(BaseModel):
    """For colleagues only."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[MessageText, Field(min_length=1)] = Field(examples=["Bob, can you look at this?"])
    mentions: Annotated[Sequence[Id], Field(max_length=50)] = Field(
        (), description="Ids of agents whom it names: each gets a notice and takes part from then on."
    )


@router.post(
    "/conversations/{conversation_id}/notes",
    response_model=models.Message,
    status_code=201,
    responses=errors(*WRITE_ERRORS),
)
def write_note(
    rooms: House, member: Caller, conversation_id: ConversationId, body: NoteBody, once: RequiredOnce
) -> Response:
    """A note that the contact never sees. 422 `not_a_member` for the mention of somebody who does not see the
    conversation."""

    def write(db: Connection, at: datetime) -> str:
        return noting.write_note(db, rooms, conversation_id, body.text, body.mentions, by=member.id, at=at)

    return answer_with_new(once, write, lambda db: lists.require_conversation(db, member, conversation_id))


@router.post(
    "/conversations/{conversation_id}/messages",
    response_model=models.Message,
    status_code=201,
    responses=errors(*WRITE_ERRORS),
)
def send_message(
    rooms: House, member: Caller, conversation_id: ConversationId, body: Reply, once: RequiredOnce
) -> Response:
    """Answer the contact. The message is `queued` when this returns, and leaves at once; the event stream and
    `GET /messages/{id}` tell how it fares. 422 with a code of its own when it may not be sent, 403
    `may_not_reply` when you may only read: the conversation's `can_send` says so beforehand."""

    def write(db: Connection, at: datetime) -> str:
        draft = Draft(body.text, tuple(body.attachment_ids), body.reply_to, "agent", member.id, body.content)
        return outbox.queue_reply(db, rooms, conversation_id, draft, at)

    return answer_with_new(once, write, lambda db: lists.require_answerable(db, member, conversation_id))


@router.post(
    "/messages/{message_id}/retry", response_model=models.Message, status_code=201, responses=errors(*WRITE_ERRORS)
)
def retry_message(rooms: House, member: Caller, message_id: MessageId, once: OptionalOnce) -> Response:
    """Send a failed message again, as a new one, where its `error` says that this may help. 409 `not_retryable`
    otherwise, and `already_retried` with the new one's `message_id` when somebody was first."""

    def write(db: Connection, at: datetime) -> str:
        return resending.retry(db, rooms, message_id, by=member.id, at=at)

    return answer_with_new(once, write, lambda db: lists.require_message(db, member, message_id))


@router.post("/messages/{message_id}/withdraw", response_model=models.Message, responses=errors(*WRITE_ERRORS))
def withdraw_message(rooms: House, member: Caller, message_id: MessageId, once: OptionalOnce) -> Response:
    """Take back a message that is `queued`: it never leaves (`canceled`). 409 `not_queued` when it is on its way."""

    def deed(db: Connection, at: datetime) -> models.Message:
        resending.withdraw(db, rooms, message_id, by=member.id, at=at)
        return models.Message.model_validate(lists.read_message(db, member, message_id))

    answer = once.do(200, deed, lambda db: lists.require_message(db, member, message_id))
    rooms.bell.feed()
    return answer
