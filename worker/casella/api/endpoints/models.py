"""What the API answers. Field by field what `casella.inbox.reading` gives, with words for whoever writes a client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Named(Answer):
    """Something of the organisation, by its id, its key in the desk, and its name."""

    id: str
    key: str
    name: str


class ChannelRef(Answer):
    """The channel a conversation takes place on."""

    id: str
    key: str
    name: str
    channel_type: str = Field(examples=["sms"])
    address: str = Field(description="Our own address on it.", examples=["+12025550178"])


class ContactRef(Answer):
    """The other side of a conversation."""

    id: str
    name: str | None
    address: str = Field(examples=["+393331234567"])
    linked: bool = Field(description="Whether somebody has said who this is.")
    display_name: str = Field(description="The name of a linked contact, else the number; the provider's name for ids.")
    opted_out: bool = Field(description="Whether nothing may be sent, because the contact has opted out.")


class Queue(Answer):
    """A place in a team's queue, and what the rule that brought the conversation there asked for."""

    since: datetime
    rule: str | None = Field(description="Who asked; null: nothing but the team was asked for.")
    strategy: str | None = Field(description="How an agent is to be chosen; null: in the team's own manner.")
    skills: Sequence[str] = Field(description="What the agent must be able to do.", examples=[["italian"]])
    otherwise: str | None = Field(description="Key of the team that may take it, too.")


class ConversationSummary(Answer):
    """A row of the list."""

    id: str = Field(examples=["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"])
    status: Literal["open", "snoozed", "closed"]
    priority: Literal["low", "normal", "high", "urgent"] = Field(description="How urgent it is.")
    subject: str | None
    inbox: Named
    channel: ChannelRef
    contact: ContactRef
    assignee: Named | None
    team: Named | None
    queue: Queue | None = Field(description="Null when it waits in no team's queue.")
    tags: Sequence[str]
    message_count: int
    last_message_text: str | None = Field(description="The beginning of the newest message.")
    last_message_at: datetime | None
    last_message_kind: str | None = Field(description="Of the newest message: text, image, audio, …")
    last_message_direction: Literal["in", "out", "note"] | None
    inbound_count: int = Field(description="How many messages the contact has written in it.")
    last_inbound_at: datetime | None = Field(
        description="When the contact wrote last: the reply window counts from it."
    )
    waiting_since: datetime | None = Field(description="Since when the contact waits for an answer; null: he does not.")
    opened_at: datetime
    assigned_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    turned_at: datetime = Field(description="When it was opened or closed, the later: what it is sorted by.")
    version: int = Field(description="Rises with every change.")


class Mine(Answer):
    """What a conversation is to you alone. Nobody else is told."""

    unread: int = Field(description="How many of the contact's messages came in after your mark.")
    mentioned: bool = Field(description="Whether a note names you that you have not read.")
    with_me: bool = Field(description="Whether you have written in it, it was ever yours, or a note named you.")


class ConversationRow(ConversationSummary):
    """A row of the list, and what it is to you. Events carry the row without it: `unread` rises by as much as
    `inbound_count`, and `conversation.marked` tells the rest."""

    mine: Mine


class CanSend(Answer):
    """Whether a reply may be sent now, and if not: why, until when, what instead. `channel_paused` comes with yes: what
    is sent waits until a manager has repaired the channel."""

    allowed: bool
    code: str | None = Field(description="Why not, for programs.", examples=["contact_stopped"])
    text: str | None = Field(description="Why not, for people.")
    until: datetime | None = Field(description="When the answer may change.")
    instead: str | None = Field(description="What would be possible instead.")


class Referral(Answer):
    """The advertisement or link by which the contact came; `referral.source` in rules."""

    source: str = Field(examples=["ad"])
    text: str = Field(description="The advertisement's headline, or what the link says.")
    url: str | None
    at: datetime


class Conversation(ConversationRow):
    """A conversation, with the answer to whether a reply may be sent."""

    participants: Sequence[Named] = Field(description="Who has written in it, had it, or was named in a note.")
    can_send: CanSend
    referral: Referral | None
    window_closes_at: datetime | None = Field(
        description="When the time to answer freely ends, or did; null where the channel knows no such time."
    )
    window_seconds_left: int | None = Field(
        description="The same as a countdown, whatever the client's clock says; 0 when it is over."
    )


class ConversationPage(Answer):
    items: Sequence[ConversationRow]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class Attachment(Answer):
    id: str
    kind: str = Field(description="image, audio, voice, video, document or sticker.")
    mime: str
    size: int | None = Field(description="In bytes; null until it is known.")
    name: str | None
    state: str = Field(description="pending: still being fetched; stored: can be downloaded; failed: cannot be had.")
    url: str = Field(description="Where to download it, relative to this server.")
    thumbnail_url: str | None = Field(
        description="Where a small WebP of a picture is, relative to this server; null where there is none (yet)."
    )
    width: int | None = Field(description="Of a picture, in pixels, as it is to be looked at; null until it is known.")
    height: int | None


class AttachmentLinks(Answer):
    """Addresses for programs that cannot sign in, such as an <img>. Whoever has them can fetch the file."""

    url: str
    thumbnail_url: str | None
    expires_at: datetime


class Sender(Answer):
    kind: str = Field(description="contact, agent, rule, or other_client: the business through another program.")
    id: str | None
    name: str | None


class MessageError(Answer):
    """Why a message failed."""

    code: str
    retryable: bool = Field(description="Whether sending it again may help.")
    text: str


class Message(Answer):
    """A message, in or out, or an internal note."""

    id: str = Field(description="The same from arrival to every log line.", examples=["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"])
    external_id: str | None = Field(description="The provider's id, once it is known.")
    direction: str = Field(description="in, out or note.")
    kind: str = Field(description="text, image, audio, voice, video, document, location, … or unsupported.")
    text: str
    sender: Sender
    attachments: Sequence[Attachment]
    reply_to: str | None = Field(
        description="Id of the quoted message; the provider's id of it when this conversation does not hold it."
    )
    provider_time: datetime | None = Field(description="When the provider says it was written.")
    received_at: datetime = Field(description="When it came here, or was queued here.")
    state: str = Field(
        description="received; or queued, sending, sent, delivered, read, failed, unconfirmed, canceled."
    )
    error: MessageError | None
    details: Mapping[str, JsonValue] = Field(
        description="What the provider said besides (a button's payload, a place's latitude and longitude), and under "
        "`content` what was sent besides words."
    )


class MessagePage(Answer):
    """Messages in the order people read them, the oldest first."""

    items: Sequence[Message]
    older: str | None = Field(description="Give it as `before` for the page before; null at the beginning.")
    newer: str | None = Field(description="Give it as `after` for the page behind; null at the end.")


class SearchHit(Answer):
    conversation_id: str
    message: Message


class SearchPage(Answer):
    items: Sequence[SearchHit]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class Me(Answer):
    """Who is signed in."""

    id: str
    key: str
    name: str
    email: str | None
    role: Literal["agent", "manager", "admin"]
    locale: str
    available: bool = Field(description="Whether new conversations may be given to this agent.")
    do_not_disturb: bool = Field(description="Whether this agent is to be left in peace, though at work.")
    inbox_ids: Sequence[str]


class Token(Answer):
    id: str
    label: str
    created_at: datetime
    expires_at: datetime | None


class NewToken(Token):
    """`text` is shown this once; only a digest of it is kept."""

    text: str = Field(examples=["csl_…"])


class Inbox(Named):
    timezone: str
    assignment_mode: bool = Field(description="Whether conversations are assigned to agents in this inbox.")


class Channel(Answer):
    """`paused` and its reason are for managers; others are shown null."""

    id: str
    key: str
    name: str
    channel_type: str
    address: str
    inbox_id: str
    connection: str
    paused_code: str | None = Field(description="Why nothing leaves through it at the moment.")
    paused_text: str | None
    paused_until: datetime | None
    registration: Registration | None = Field(
        description="Whether the sender is registered with the carriers; null where there is nothing to register."
    )


class Registration(Answer):
    state: str = Field(examples=["registered"])
    text: str
    blocks: bool = Field(description="Whether messages are refused because of it.")


class Agent(Answer):
    id: str
    key: str
    name: str


class Team(Named):
    member_ids: Sequence[str]


class Contact(Answer):
    id: str
    name: str | None
    linked: bool
    locale: str | None
    created_at: datetime
    addresses: Sequence[ContactAddress]
    tags: Sequence[str]
    favourite: bool
    picture_url: str | None = Field(description="Where his picture is, relative to this server; null: there is none.")


class ContactAddress(Answer):
    kind: str = Field(examples=["phone"])
    address: str
    opted_out: bool = Field(description="Whether he has opted out, under it, of one of your channels.")


class Connection(Answer):
    """The health of one account at a provider."""

    key: str
    channel_type: str
    problem: str | None = Field(description="Why it cannot be used; null when it can.")
    kept_webhooks: int = Field(description="Raw webhooks that wait for `casella replay`.")


class Attempt(Answer):
    """One try to send a message."""

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    provider_code: str | None
    text: str | None
    external_id: str | None
