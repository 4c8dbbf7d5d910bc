"""What a channel type can do. The core decides by these, never by a channel's name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from casella.plugin.content import ContentKind
from casella.plugin.events import AttachmentKind


class AttachmentLimits(BaseModel):
    """What may be attached to one outgoing message. Sizes in bytes; `mimes` empty means any. `count_by_kind`: how many
    instead of `count`, when all are of this one kind. `size_by_type`, then
    `size_by_kind`, say what one file may have instead of `size_each`. `caption`: a text may stand beside the files, of
    `caption_limit` units at most if that is not 0, but not beside `uncaptioned` kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: frozenset[AttachmentKind] = frozenset()
    mimes: frozenset[str] = frozenset()
    count: int = 0
    count_by_kind: Mapping[AttachmentKind, int] = {}
    size_each: int = 0
    size_total: int = 0
    caption: bool = True
    caption_limit: int = 0
    uncaptioned: frozenset[AttachmentKind] = frozenset()
    size_by_kind: Mapping[AttachmentKind, int] = {}
    size_by_type: Mapping[str, int] = {}

    def count_of(self, kinds: Collection[AttachmentKind]) -> int:
        """How many files of these kinds one message may have."""
        only = next(iter(kinds)) if len(set(kinds)) == 1 else None
        return max(self.count, self.count_by_kind.get(only, 0) if only else 0)

    @property
    def largest(self) -> int:
        """The most bytes any one file may have here."""
        most = max((self.size_each, *self.size_by_kind.values(), *self.size_by_type.values()))
        return min(most, self.size_total) if self.size_total else most

    def size_of(self, kind: AttachmentKind, mime: str) -> int:
        """The most bytes one file of this kind and type may have; 0: no limit."""
        return self.size_by_type.get(mime) or self.size_by_kind.get(kind) or self.size_each


class ContactPace(BaseModel):
    """How fast one contact may be written to: a message in so many seconds, after a burst of so many at once, which is
    then paid for by waiting as long as they would have taken one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float
    burst: int = 1


class Capabilities(BaseModel):
    """Declared once per channel type; shown by `casella channels` and by the API.

    `text_limit` is counted in `text_unit`. `business_may_start`: whether an agent may open a conversation.
    `reply_window`: seconds after the contact's last message in which free text is allowed; None means always.
    `human_reply_window`: the same for what a person writes himself, where that is longer (rules, surveys and other
    automatic senders keep to `reply_window`). `message_templates`: it has templates, which may be sent at any time.
    `location`, `contact_cards`, `list_rows`, `buttons`, `reactions`: what else a message can carry, see `Content`.
    `button_title`, `row_title`: characters of a button's or row's title at most; 0: no limit.
    `read_marks`: it can be told that a message was read. `profiles`: it can be asked for a contact's name.
    `aliases`: one contact may have several addresses here (`MessageReceived.aliases`).
    `names`: messages bring the contact's name, or it can be asked for; False is said by `casella check`. Since 1.2.
    `contact_pace`: how fast one contact may be written to; None: no limit. `sends_per_second`: the default rate per
    channel. `receipts`: which receipts the provider sends.
    `consent_required`: people can opt out here, and the consent ledger is asked before every send.
    `address_kind`: what a contact's address is ("phone", "psid"…); addresses of one kind are one namespace, unless
    `address_scoped`: then each channel has its own (page-scoped ids).
    `max_webhook_bytes`: larger requests are refused with 413.
    `missed_every`: seconds between two questions for what webhooks did not bring (`ChannelPlugin.missed`); None: this
    provider delivers again until it is acknowledged, or cannot be asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address_kind: str
    address_scoped: bool = False
    text_limit: int
    text_unit: Literal["characters", "bytes"] = "characters"
    attachments: AttachmentLimits = AttachmentLimits()
    voice_notes: bool = False
    buttons: int = 0
    list_rows: int = 0
    button_title: int = 0
    row_title: int = 0
    location: bool = False
    contact_cards: bool = False
    message_templates: bool = False
    quoted_replies: bool = False
    reactions: bool = False
    receipts: frozenset[Literal["sent", "delivered", "read"]] = frozenset()
    typing: bool = False
    read_marks: bool = False
    profiles: bool = False
    aliases: bool = False
    names: bool = True
    business_may_start: bool = False
    reply_window: float | None = None
    human_reply_window: float | None = None
    consent_required: bool = False
    contact_pace: ContactPace | None = None
    sends_per_second: float = 10.0
    send_time_limit: float = 30.0
    max_webhook_bytes: int = 262_144
    missed_every: float | None = None

    def carries(self, kind: ContentKind) -> bool:
        """Whether a message can carry this kind of content."""
        return {
            "location": self.location,
            "contacts": self.contact_cards,
            "reaction": self.reactions,
            "buttons": self.buttons > 0,
            "list": self.list_rows > 0,
            "template": self.message_templates,
        }[kind]


class TextMeasure(BaseModel):
    """How much a text takes on a channel: `units` of `limit`, sent in `parts`, in `encoding` (shown to agents)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: int
    limit: int
    parts: int = 1
    encoding: str = "unicode"

    @property
    def fits(self) -> bool:
        return self.units <= self.limit
