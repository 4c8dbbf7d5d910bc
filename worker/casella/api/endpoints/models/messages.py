"""Messages, their files, and what a search finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import Field, JsonValue

from casella.api.endpoints.models.answer import Answer, Sentence
from casella.api.endpoints.models.conversations import ConversationRow


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
    text: Sentence


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
    conversation: ConversationRow = Field(description="As a list shows it.")
    message: Message


class SearchPage(Answer):
    items: Sequence[SearchHit]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class Attempt(Answer):
    """One try to send a message."""

    number: int
    started_at: datetime
    ended_at: datetime
    outcome: str
    provider_code: str | None
    text: Sentence | None
    external_id: str | None
