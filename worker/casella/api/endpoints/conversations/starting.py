"""Beginning a conversation; and the templates that may be sent at any time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.conversations.messages import Reply
from casella.api.frame.context import Context, House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ChannelId, Id, Line
from casella.api.frame.once import RequiredOnce
from casella.api.frame.security import Caller
from casella.inbox.commands import starting
from casella.inbox.house import guest_client
from casella.inbox.reading import contacts, lists
from casella.inbox.sending import Draft, templates
from casella.inbox.state import delivery_events
from casella.plugin import MessageTemplate
from casella.plugin.content import HeaderKind, TemplateState

router = APIRouter(tags=["conversations"])


class Beginning(Reply):
    """To whom, on which channel, and the first message. Name the contact by `contact` or by `to`."""

    model_config = ConfigDict(extra="forbid")

    channel: Line = Field(description="Id or key of the channel.", examples=["main-sms"])
    to: Line | None = Field(
        None, min_length=1, description="An address of the channel's kind.", examples=["+12025550143"]
    )
    contact: Id | None = Field(None, description="Id of a known contact.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.to is None) == (self.contact is None):
            raise ValueError("name the contact by exactly one of `to` and `contact`")
        return self


class Begun(BaseModel):
    """The conversation the message is in: a new one, or the one that was open with this contact."""

    conversation_id: str
    message: models.Message


@router.post("/conversations", response_model=Begun, status_code=201, responses=errors(*WRITE_ERRORS))
def start_conversation(rooms: House, member: Caller, body: Beginning, once: RequiredOnce) -> Response:
    """Write to a contact first. On channels where only the contact may begin (WhatsApp, Messenger, Instagram) it is a
    422 `conversation_not_startable`, with `alternative_channel_id`, `alternative_channel_type` and
    `alternative_address` if another of your channels reaches the same contact."""

    def deed(db: Connection, at: datetime) -> Begun:
        draft = Draft(body.text, tuple(body.attachment_ids), body.reply_to, "agent", member.id, body.content)
        begun = starting.start(db, rooms, member, body.channel, body.to, body.contact, draft, at)
        message = models.Message.model_validate(lists.read_message(db, member, begun[1]))
        return Begun(conversation_id=begun[0], message=message)

    def sight_again(db: Connection, answered: str) -> None:
        lists.read_message(db, member, Begun.model_validate_json(answered).message.id)

    def sight(db: Connection) -> None:
        if body.contact is not None:
            contacts.require_contact(db, member, body.contact)

    answer = once.do(201, deed, sight, sight_again=sight_again)
    rooms.bell.deliveries()
    rooms.bell.feed()
    rooms.bell.search()
    delivery_events.ring(rooms)
    return answer


class Template(models.Answer):
    """A template at the provider, as it is there now."""

    name: str
    language: str
    state: TemplateState = Field(description="Only an approved one can be sent.")
    reason: str = Field(description="Why it cannot be sent, in the provider's words.")
    category: str
    header_kind: HeaderKind = Field(description="text, or the kind of file that `header_media` must give.")
    header_text: str
    body: str
    footer: str
    header_variables: int = Field(description="How many values `header` needs.")
    variables: int = Field(description="How many values `body` needs.")
    buttons: Sequence[str]


@router.get("/channels/{channel_id}/templates", response_model=list[Template], responses=errors(404, 503))
async def list_templates(context: Context, rooms: House, member: Caller, channel_id: ChannelId) -> list[Template]:
    """The templates of a channel with their states, asked of the provider now. Empty where there are none. While too
    many ask at once: 503 `busy`."""

    def ask() -> Sequence[MessageTemplate]:
        with guest_client() as http:
            return templates.of_channel(rooms, member, channel_id, http)

    return [Template.model_validate(one) for one in await context.pools.providers.run(member.id, ask)]
