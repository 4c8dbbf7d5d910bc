"""Who and what there is: members, inboxes, channels, contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue, field_validator

from casella.api.endpoints.models.answer import Answer, Named, Sentence


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
    second_factor: bool = Field(False, description="Whether signing in asks this agent for a code.")
    second_factor_required: bool = Field(False, description="Whether this agent's role needs one.")
    expires_at: datetime | None = Field(
        None, description="When this session ends unless it is used before; null: not known here, or not by itself."
    )


class Credential(Answer):
    """A session of a browser, or a token of a program."""

    id: str
    kind: Literal["session", "bearer"]
    label: str
    created_at: datetime
    expires_at: datetime | None


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
    paused_text: Sentence | None
    paused_until: datetime | None
    registration: Registration | None = Field(
        description="Whether the sender is registered with the carriers; null where there is nothing to register."
    )
    capabilities: ChannelCapabilities | None = Field(
        description="What can be sent through it; null while its plugin cannot be asked."
    )
    joined_at: datetime | None = Field(
        description="When somebody's private number came into its inbox: what was written before is in the Archived "
        "tab (`world=history`). Null: it was never private."
    )


class AttachmentLimits(Answer):
    """What may be attached to one message. Sizes in bytes; 0: no limit."""

    kinds: Sequence[str] = Field(description="image, audio, voice, video, document, sticker.")
    mimes: Sequence[str] = Field(description="Types; empty: any.")
    count: int
    size_each: int
    size_total: int
    size_by_kind: Mapping[str, int] = Field(description="Instead of `size_each`, for files of a kind.")
    caption: bool = Field(description="Whether a text may stand beside files.")

    @field_validator("kinds", "mimes", mode="before")
    @classmethod
    def _in_order(cls, given: Iterable[str]) -> list[str]:
        return sorted(given)


class ChannelCapabilities(Answer):
    """What a channel can carry."""

    text_limit: int
    text_unit: Literal["characters", "bytes"]
    attachments: AttachmentLimits
    voice_notes: bool
    buttons: int = Field(description="How many; 0: none.")
    list_rows: int = Field(description="How many; 0: none.")
    location: bool
    contact_cards: bool
    message_templates: bool = Field(description="Whether templates may be sent, also when the window is over.")
    quoted_replies: bool
    reactions: bool
    typing: bool
    read_marks: bool = Field(description="Whether the contact is told that he was read.")
    business_may_start: bool = Field(description="Whether you may begin a conversation here.")
    reply_window: float | None = Field(description="Seconds after the contact's last message; null: always.")
    human_reply_window: float | None = Field(description="The same for what you write yourself, where it is longer.")
    consent_required: bool = Field(description="Whether contacts can opt out here.")


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
    attributes: Mapping[str, JsonValue] = Field(description="The desk's own, as rules know them: `contact.custom.…`.")
    favourite: bool = Field(description="Whether he is a favourite of yours.")
    picture_url: str | None = Field(description="Where his picture is, relative to this server; null: there is none.")
    private: bool = Field(description="Your own: nobody else finds him.")


class ContactPage(Answer):
    items: Sequence[Contact]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    unknown_number: str | None = Field(
        description="What was searched for is a whole number that is nobody's: you may make a contact of it.",
        examples=["+12025550123"],
    )


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
