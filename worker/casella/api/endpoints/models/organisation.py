"""Who and what there is: members, inboxes, channels, contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from casella.api.endpoints.models.answer import Answer, Named


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
