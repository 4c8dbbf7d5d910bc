"""What happened on a channel, in words every channel shares. Frozen, and told apart by `kind`.

Every event names the channel it belongs to by the channel's own address (one request may carry events of many
channels) and the other party by the contact's address. `external_id` is the provider's id; `identity` makes a
repeated delivery of the same event recognisable, also when the provider gives it no id.

Kinds of messages are those of every inbox test: text image audio voice video document location contacts sticker
reaction interactive button story_reply story_mention share unsupported. A message with text and media takes the kind
of its first attachment; a button's title is the text and its payload is kept in `metadata`.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

MessageKind = Literal[
    "text",
    "image",
    "audio",
    "voice",
    "video",
    "document",
    "location",
    "contacts",
    "sticker",
    "reaction",
    "interactive",
    "button",
    "story_reply",
    "story_mention",
    "share",
    "unsupported",
]
AttachmentKind = Literal["image", "audio", "voice", "video", "document", "sticker"]
DeliveryStatus = Literal["sent", "delivered", "read", "failed"]
ConsentState = Literal["opted_out", "opted_in"]

MAX_TEXT = 65_536
"""Stored text is capped at 64 Ki characters (channels.md §0)."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaRef(_Frozen):
    """An attachment the provider holds. `ref` is whatever `locate_media` needs (a URL, an id): it is never fetched
    by anybody else, and never shown. `upload`: the id of a file the house keeps already (`ChannelHouse.keep_upload`);
    nothing is fetched then."""

    ref: str = ""
    upload: str | None = None
    kind: AttachmentKind = "document"
    mime: str = "application/octet-stream"
    name: str | None = None
    size: int | None = None
    sha256: str | None = None


class MessagePart(_Frozen):
    """Which part of a long message this is, of a provider that does not join them: `number`, from 1, of `total`.
    `group`: the same for all its parts; it may be used again later for another message."""

    group: str
    number: int
    total: int


class DeliveryProblem(_Frozen):
    """Why a message failed after the provider had taken it. `code`: the provider's own, as text. `text`: one sentence
    for people. `retryable`: worth sending again by hand. `stops_contact`: the recipient has opted out.
    `pauses_channel`: nothing will leave through this channel until somebody repairs it."""

    code: str
    text: str
    retryable: bool = False
    stops_contact: bool = False
    pauses_channel: bool = False


class _Event(_Frozen):
    channel_address: str
    contact_address: str
    provider_time: AwareDatetime | None = None

    @property
    def identity(self) -> str:
        """The same for every delivery of the same event, different for every other event of the channel."""
        return _digest(self.model_dump_json(exclude={"provider_time"}))


class MessageReceived(_Event):
    """The contact wrote.

    `provider_replies`: the provider answers this message itself (Twilio on STOP and HELP), so nothing automatic may
    answer it. `part`: the host joins the parts of a message, in the order of their numbers, and shows what there is
    when the rest does not come. `replyable`: false for senders that cannot be answered (alphanumeric sender ids).
    `reply_to`: the external id of the quoted message. `metadata`: small provider facts kept for rules and people, text
    to text.
    `aliases`: further addresses this same contact is known by here (an id besides a number, a number's other
    spellings): whoever is known by one of them is known by all, and is answered under `contact_address`.
    """

    kind: Literal["message_received"] = "message_received"
    external_id: str
    message_kind: MessageKind = "text"
    text: str = ""
    contact_name: str | None = None
    attachments: tuple[MediaRef, ...] = ()
    reply_to: str | None = None
    provider_replies: bool = False
    replyable: bool = True
    part: MessagePart | None = None
    metadata: dict[str, str] = {}
    aliases: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return self.external_id


class MessageEchoed(_Event):
    """The business wrote through another client of the provider (its app, its web inbox)."""

    kind: Literal["message_echoed"] = "message_echoed"
    external_id: str
    message_id: str | None = None
    message_kind: MessageKind = "text"
    text: str = ""
    attachments: tuple[MediaRef, ...] = ()
    metadata: dict[str, str] = {}

    @property
    def identity(self) -> str:
        return self.external_id


class MessageStatusChanged(_Event):
    """A receipt. `message_id`: our own id if the provider gave it back (Twilio: the callback's query string).
    `and_earlier`: everything sent to this contact before that message has come as far (Instagram's read marks)."""

    kind: Literal["message_status"] = "message_status"
    external_id: str
    status: DeliveryStatus
    message_id: str | None = None
    problem: DeliveryProblem | None = None
    and_earlier: bool = False

    @property
    def identity(self) -> str:
        return f"{self.external_id}:{self.status}"


class MessageEdited(_Event):
    """The contact changed an earlier message. `revision`: what tells this change from another one to the same words
    (the provider's id or number of the edit)."""

    kind: Literal["message_edited"] = "message_edited"
    external_id: str
    text: str
    revision: str = ""


class MessageDeleted(_Event):
    """The contact took an earlier message back."""

    kind: Literal["message_deleted"] = "message_deleted"
    external_id: str

    @property
    def identity(self) -> str:
        return self.external_id


class ReactionChanged(_Event):
    """The contact reacted to the message `external_id`. An empty `emoji` removes the reaction. `revision`: what tells
    this change from another one like it, because a reaction may be given, removed and given again (the provider's id
    of it, or its time)."""

    kind: Literal["reaction"] = "reaction"
    external_id: str
    emoji: str
    revision: str = ""


class ConsentChanged(_Event):
    """The contact opted out of or back into this sender. `pool`: what the decision covers; empty means this channel's
    address, otherwise a name all channels of one sender pool share (a Twilio Messaging Service).
    `evidence`: the words or the provider's code. `external_id`: of the message that said so, if there was one."""

    kind: Literal["consent"] = "consent"
    state: ConsentState
    source: Literal["keyword", "provider"]
    evidence: str
    pool: str = ""
    external_id: str | None = None

    @property
    def identity(self) -> str:
        return self.external_id or super().identity


class AddressChanged(_Event):
    """The contact is now reached under `new_address`."""

    kind: Literal["address_changed"] = "address_changed"
    new_address: str


class TypingSeen(_Event):
    """The contact is typing. `since`: when this was seen; it tells one typing from the next."""

    kind: Literal["typing"] = "typing"
    since: AwareDatetime


class ReadSeen(_Event):
    """The contact has read everything sent at or before `watermark`."""

    kind: Literal["read"] = "read"
    watermark: AwareDatetime


class DeliveredSeen(_Event):
    """Everything sent at or before `watermark` has reached the contact."""

    kind: Literal["delivered"] = "delivered"
    watermark: AwareDatetime


class Referral(_Event):
    """The contact came from an advertisement or a link. Give it before the message it came with; alone it waits for
    the contact's next conversation. `source`: lower case; "ad" and "link" where the provider's own word means these.
    `text`: the advertisement's headline, or what the link says."""

    kind: Literal["referral"] = "referral"
    source: str
    text: str = ""
    url: str | None = None


class Unsupported(_Event):
    """Something authentic that this plugin does not know: kept, never shown as the contact's words. (An unknown kind
    of *message* is a MessageReceived with message_kind "unsupported" instead.)"""

    kind: Literal["unsupported"] = "unsupported"
    what: str
    raw: str = ""


Event = Annotated[
    MessageReceived
    | MessageEchoed
    | MessageStatusChanged
    | MessageEdited
    | MessageDeleted
    | ReactionChanged
    | ConsentChanged
    | AddressChanged
    | TypingSeen
    | ReadSeen
    | DeliveredSeen
    | Referral
    | Unsupported,
    Field(discriminator="kind"),
]
EVENT_TYPES = (
    MessageReceived, MessageEchoed, MessageStatusChanged, MessageEdited, MessageDeleted, ReactionChanged,
    ConsentChanged, AddressChanged, TypingSeen, ReadSeen, DeliveredSeen, Referral, Unsupported,
)  # fmt: skip

_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


def event_from_json(text: str | bytes) -> Event:
    """The event that `event.model_dump_json()` wrote. Raises pydantic.ValidationError on anything else."""
    return _ADAPTER.validate_json(text)


def clean_text(text: str) -> str:
    """Text fit for every database: no U+0000 (PostgreSQL refuses it), no lone surrogates, at most MAX_TEXT
    characters. Never trimmed or folded otherwise."""
    return text.replace("\x00", "")[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def utc_from_timestamp(seconds: float) -> datetime:
    """An aware UTC datetime. Values of 1e12 and more are milliseconds (channels.md §5.1)."""
    return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e12 else seconds, UTC)
