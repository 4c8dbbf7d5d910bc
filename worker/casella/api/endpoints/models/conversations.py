"""Conversations: rows of lists, and one with all that is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from casella.api.endpoints.models.answer import Answer, Named, Sentence


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


class CampaignRef(Answer):
    """The campaign that wrote in a conversation last: what the contact answers."""

    id: str
    name: str


class ConversationSummary(Answer):
    """A row of the list."""

    id: str = Field(examples=["01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"])
    world: Literal["shared", "private", "history"] = Field(
        description="private: on a number of your own; history: written on a number before it came into the inbox."
    )
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
    archived_at: datetime | None = Field(description="When it was put away, some time after it was closed.")
    turned_at: datetime = Field(description="When it was opened or closed, the later: what it is sorted by.")
    version: int = Field(description="Rises with every change.")
    campaign: CampaignRef | None = Field(description="Which campaign wrote here last; null: none.")


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
    text: Sentence | None = Field(description="Why not, for people.")
    until: datetime | None = Field(description="When the answer may change.")
    instead: Sentence | None = Field(description="What would be possible instead.")


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
    events_after: str = Field(description="The cursor from which the event stream tells what is newer.")
