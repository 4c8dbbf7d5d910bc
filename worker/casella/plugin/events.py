"""What happened on a channel, in words every channel shares. Frozen, and told apart by `kind`.

Every event names the channel it belongs to by the channel's own address (one request may carry events of many
channels) and the other party by the contact's address. `external_id` is the provider's id; `identity` makes a
repeated delivery of the same event recognisable, also when the provider gives it no id.

Kinds of messages are those of every inbox test: text image audio voice video document location contacts sticker
reaction interactive button story_reply story_mention share call unsupported. A message with text and media takes the
kind of its first attachment; a button's title is the text and its payload is kept in `metadata`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter

from casella.plugin.values import MAX_TEXT as MAX_TEXT
from casella.plugin.values import AttachmentKind as AttachmentKind
from casella.plugin.values import DeliveryProblem as DeliveryProblem
from casella.plugin.values import Frozen, clean_name, digest
from casella.plugin.values import MediaRef as MediaRef
from casella.plugin.values import MessagePart as MessagePart
from casella.plugin.values import clean_text as clean_text
from casella.plugin.values import utc_from_timestamp as utc_from_timestamp

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
    "call",
    "unsupported",
]
DeliveryStatus = Literal["sent", "delivered", "read", "failed"]
ConsentState = Literal["opted_out", "opted_in"]


class _Event(Frozen):
    channel_address: str
    contact_address: str
    provider_time: AwareDatetime | None = None

    @property
    def identity(self) -> str:
        """The same for every delivery of the same event, different for every other event of the channel."""
        return digest(self.model_dump_json(exclude={"provider_time"}))


class MessageReceived(_Event):
    """The contact wrote.

    `provider_replies`: the provider answers this message itself (Twilio on STOP and HELP), so nothing automatic may
    answer it. `part`: the host joins the parts of a message, in the order of their numbers, and shows what there is
    when the rest does not come. `replyable`: false for senders that cannot be answered (alphanumeric sender ids).
    `reply_to`: the external id of the quoted message. `metadata`: small provider facts kept for rules and people, text
    to text; "language" among them is the contact's own, as `it` or `it-IT`. `subject`: what the sender says it is
    about; the first one of a conversation becomes its own. Since 1.4.
    `aliases`: further addresses this same contact is known by here (an id besides a number, a number's other
    spellings): whoever is known by one of them is known by all, and is answered under `contact_address`.
    """

    kind: Literal["message_received"] = "message_received"
    external_id: str
    message_kind: MessageKind = "text"
    text: str = ""
    contact_name: Annotated[str | None, AfterValidator(clean_name)] = None
    attachments: tuple[MediaRef, ...] = ()
    reply_to: str | None = None
    provider_replies: bool = False
    replyable: bool = True
    part: MessagePart | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    subject: str = ""

    @property
    def identity(self) -> str:
        return self.external_id


class MessageEchoed(_Event):
    """The business wrote through another client of the provider (its app, its web inbox). The contact is who it wrote
    to; `contact_name`, `reply_to` and `aliases` are those of `MessageReceived` (since 1.3)."""

    kind: Literal["message_echoed"] = "message_echoed"
    external_id: str
    message_id: str | None = None
    message_kind: MessageKind = "text"
    text: str = ""
    contact_name: Annotated[str | None, AfterValidator(clean_name)] = None
    attachments: tuple[MediaRef, ...] = ()
    reply_to: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    aliases: tuple[str, ...] = ()

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
    (the provider's id or number of the edit). `number`: which change of this message it is, counted from 1, where the
    provider counts them; the highest wins, otherwise the latest by `provider_time`, whichever comes last. It may come
    before its message. `by_business`: the business changed a message of its own, through another client (since 1.3)."""

    kind: Literal["message_edited"] = "message_edited"
    external_id: str
    text: str
    revision: str = ""
    number: int | None = Field(None, ge=0)
    by_business: bool = False


class MessageDeleted(_Event):
    """The contact took an earlier message back, or (`by_business`, since 1.3) the business one of its own, through
    another client. It may come before its message."""

    kind: Literal["message_deleted"] = "message_deleted"
    external_id: str
    by_business: bool = False

    @property
    def identity(self) -> str:
        return self.external_id


class ReactionChanged(_Event):
    """The contact reacted to the message `external_id`. An empty `emoji` removes the reaction. `revision`: what tells
    this change from another one like it, because a reaction may be given, removed and given again (the provider's id
    of it, or its time); the latest by `provider_time` is the one that counts. `by_business`: the business did, through
    another client. `participant`: who did, where several people are one contact (a group). Both since 1.3."""

    kind: Literal["reaction"] = "reaction"
    external_id: str
    emoji: str
    revision: str = ""
    by_business: bool = False
    participant: str = ""


class ConsentChanged(_Event):
    """The contact opted out of or back into this sender. `pool`: what the decision covers; empty means this channel's
    address, otherwise a name all channels of one sender pool share (a Twilio Messaging Service).
    `evidence`: the words or the provider's code. `external_id`: of the message that said so, if there was one.
    `topic`: "marketing" if only advertising is meant (WhatsApp's own switch): all else may be sent. Since 1.3."""

    kind: Literal["consent"] = "consent"
    state: ConsentState
    source: Literal["keyword", "provider"]
    evidence: str
    pool: str = ""
    external_id: str | None = None
    topic: Literal["", "marketing"] = ""

    @property
    def identity(self) -> str:
        return self.external_id or super().identity


class AddressChanged(_Event):
    """The contact is now reached under `new_address`. `aliases`: every other address the notice names, old or new; they
    lead to him as well (since 1.3)."""

    kind: Literal["address_changed"] = "address_changed"
    new_address: str
    aliases: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return digest(self.model_dump_json(exclude={"provider_time", "aliases"}))


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
    """Something authentic that this plugin does not know, or that is no message: kept, never shown as the contact's
    words. With a `contact_address` that is known, people find `what` (one sentence) in the conversation; otherwise it
    is counted, and shown to managers. (An unknown kind of *message* is a MessageReceived with message_kind
    "unsupported" instead.)"""

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
