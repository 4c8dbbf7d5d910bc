"""The channel plugin: one class per channel type.

A plugin is a distribution with an entry point in the group "casella" and a module that registers its class:

    from casella.plugin import hookimpl

    @hookimpl
    def register_channels(register):
        register(AcmeChannel())

The host keeps one instance per channel type and passes everything else in: a plugin keeps no state between calls,
reads no environment, opens no database, and sees the settings of its own connections only.
`verify` and `translate` are pure: no I/O, no clock but `webhook.received_at`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import BinaryIO, ClassVar, Generic, Literal

import httpx
from pydantic import BaseModel
from typing_extensions import TypeVar

from casella.plugin.capabilities import Capabilities, TextMeasure
from casella.plugin.content import Content, MessageTemplate, Profile
from casella.plugin.errors import MediaUnavailable
from casella.plugin.events import AttachmentKind, Event, MediaRef
from casella.plugin.version import FIRST_VERSION
from casella.plugin.webhook import MediaRequest, Verdict, Webhook, WebhookAnswer

SettingsT = TypeVar("SettingsT", bound=BaseModel, default=BaseModel)


@dataclass(frozen=True, slots=True)
class Connection(Generic[SettingsT]):
    """One account at a provider. `key` is its name in the desk and in `/webhooks/{key}`; `webhook_url` is that
    address in public, to be given to the provider."""

    key: str
    settings: SettingsT
    webhook_url: str


@dataclass(frozen=True, slots=True)
class Channel(Generic[SettingsT]):
    """One address of a connection. `options`: the channel's own settings from the desk (for example the registration
    state of a number), text to text."""

    id: str
    address: str
    connection: Connection[SettingsT]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> SettingsT:
        return self.connection.settings


@dataclass(frozen=True, slots=True)
class ChannelOption:
    """One of a channel's own settings in the desk. `values`: the only ones it may have. `kind`: "hours" names office
    hours of the desk, "number" is a number above 0. `pattern`: a regular expression that the whole value fits.
    `by_language`: it may be written for single languages as well (`title.it`)."""

    name: str
    description: str
    example: str
    values: Sequence[str] = ()
    kind: Literal["text", "hours", "number"] = "text"
    pattern: str = ""
    by_language: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingAttachment:
    """A file to send. `url` is public https, unguessable, and valid for hours. `open`: for providers that want the
    file itself. It raises a SendError, which the plugin lets pass; its reader raises nothing, and is closed by the
    plugin."""

    url: str
    kind: AttachmentKind
    mime: str
    size: int
    name: str
    open: Callable[[], BinaryIO] | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What `send` has to deliver. `id` is ours; put it where the provider gives it back. `status_url`: where receipts
    are wanted, with the message's id in the query string. `reply_to`: the external id of the quoted message.
    `content`: what it carries besides; `text` is then its body (buttons, lists) or the same in words. `by_person`:
    written by a person, not by a rule. `in_window`: within the reply window as the host knows it; outside it comes
    only what may be sent there (a template; a person's message within `human_reply_window`). `metadata`: facts of the
    house for providers that keep a reference; `conversation_id`, since 1.4."""

    id: str
    to: str
    text: str
    status_url: str
    attachments: Sequence[OutgoingAttachment] = ()
    reply_to: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None
    by_person: bool = True
    in_window: bool = True


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider has taken the message. `external_id` is its id there; `extra_ids` of further parts."""

    external_id: str
    extra_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """A send whose outcome is unknown. `message`: as it was given to `send`, so that a request which the provider does
    once for one key may be made again; only `in_window` is not known any more, and true. `known_ids`: external ids that
    belong to other messages of this channel to this contact, so that an earlier message with the same text is not taken
    for this one."""

    message: OutgoingMessage
    started_at: datetime
    number: int
    known_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LookupResult:
    """What the provider knows of an uncertain send: `taken` (with its id), `not_taken`, or `unknown`."""

    outcome: Literal["taken", "not_taken", "unknown"]
    sent: Sent | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something may not be sent, known before trying. `code` is stable, `text` one sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What the carriers or the provider think of a sender, as far as the desk says (S-01). `state`: stable, lower case
    ("registered", "pending", "unregistered", "not_needed"). `text`: one sentence for people. `blocks`: whether
    something cannot be sent because of it; `refusal` says to whom."""

    state: str
    text: str
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """What a message is likely to cost: an estimate from the desk's price table. `currency`: ISO 4217."""

    amount: Decimal
    currency: str


class ChannelPlugin(ABC, Generic[SettingsT]):
    """One channel type. Everything here is called by the host, under time limits; whatever is raised beyond the
    errors named here, or returned beyond the types named here, quarantines the plugin."""

    contract_version: ClassVar[str] = FIRST_VERSION
    """The version of the contract this class was written against, "major.minor"."""
    channel_type: ClassVar[str]
    """Stable name, lower case: "sms", "acme"."""
    title: ClassVar[str]
    """The name people read: "SMS and MMS"."""
    settings_model: type[SettingsT]
    """A pydantic model of one connection's settings. Secrets are SecretStr: they are encrypted at rest."""
    capabilities: ClassVar[Capabilities]
    acknowledgement: ClassVar[WebhookAnswer] = WebhookAnswer(200)
    """The answer to every webhook that was stored, repeated or ignored, unless `verify` gave another for this one."""
    channel_options: ClassVar[Sequence[ChannelOption] | None] = None
    """The options that a channel may have in the desk; others are refused as misspelt. None: any. Since 1.2."""

    @abstractmethod
    def verify(self, connection: Connection[SettingsT], webhook: Webhook) -> Verdict:
        """Is this request authentic and well formed? No I/O; secrets are compared in constant time."""

    @abstractmethod
    def translate(self, connection: Connection[SettingsT], webhook: Webhook) -> Sequence[Event]:
        """The events of an authentic webhook, in order. Pure and total: unknown things become `Unsupported`, or
        nothing; one bad element never drops its neighbours; nothing is raised."""

    @abstractmethod
    def send(self, channel: Channel[SettingsT], message: OutgoingMessage, http: httpx.Client) -> Sent:
        """Deliver one message to the provider. Raises a SendError; wrap the call in `casella.plugin.sending()` to have
        the errors of httpx classed. Called at most once at a time per conversation, never inside a transaction."""

    def locate_media(self, channel: Channel[SettingsT], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        """How to download an attachment of a received message. Raises MediaUnavailable."""
        raise MediaUnavailable("This channel type does not fetch attachments.")

    def lookup(self, channel: Channel[SettingsT], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        """Did an uncertain send arrive? Where the provider answers a repeated request with what came of the first (an
        idempotency key made of `message.id`), making it again is the best proof. Raises a SendError when the provider
        cannot be asked."""
        return LookupResult("unknown")

    def refusal(self, channel: Channel[SettingsT], to: str) -> Refusal | None:
        """Why nothing may be sent from this channel to this address at all (an unregistered number), or None. Pure."""
        return None

    def address_problem(self, address: str) -> str:
        """What is wrong with the address that a desk gives a channel, and what to write instead, in one sentence
        ("'x' is no page id: write its digits"); empty: nothing. Pure. Since 1.2."""
        return ""

    def consent_pool(self, channel: Channel[SettingsT]) -> str:
        """The sender pool this channel belongs to for opt-outs; empty: the channel stands alone. Pure."""
        return ""

    def capabilities_of(self, channel: Channel[SettingsT]) -> Capabilities:
        """What this one channel can do, where a channel type has several providers or kinds of senders: its limits are
        asked before every send. `address_kind`, `address_scoped`, `consent_required` and `max_webhook_bytes` are those
        of the channel type. Pure."""
        return self.capabilities

    def measure(self, channel: Channel[SettingsT], text: str) -> TextMeasure:
        """How much of the channel's limit a text takes. Pure."""
        can = self.capabilities_of(channel)
        units = len(text.encode(errors="surrogatepass")) if can.text_unit == "bytes" else len(text)
        return TextMeasure(units=units, limit=can.text_limit)

    def cost(self, channel: Channel[SettingsT], to: str, text: str, attachments: int) -> Cost | None:
        """What a message with this text and this many attachments is likely to cost; None: nobody knows. Pure."""
        return None

    def registration(self, channel: Channel[SettingsT]) -> Registration | None:
        """Whether the sender is registered where it must be; None where there is nothing to register. Pure."""
        return None

    def missed(self, channel: Channel[SettingsT], since: datetime, http: httpx.Client) -> Sequence[Event]:
        """What the provider has had for this channel since then, oldest first: the same events, with the same
        identities, as the webhooks that may have been lost. What is known already vanishes by its identity. Asked every
        `capabilities_of(channel).missed_every` seconds. Raises a SendError when the provider cannot be asked."""
        return ()

    def health(self, channel: Channel[SettingsT], http: httpx.Client) -> Refusal | None:
        """Ask the provider whether this channel works. None means it does. Raises a SendError when it cannot be
        asked. Called by `casella doctor`, never on the way of a message."""
        return None

    def templates(self, channel: Channel[SettingsT], http: httpx.Client) -> Sequence[MessageTemplate]:
        """The templates of this channel with their states, as the provider has them now. Raises a SendError. Asked
        for when an agent opens the list (`capabilities.message_templates`)."""
        return ()

    def show_typing(self, channel: Channel[SettingsT], to: str, external_id: str | None, http: httpx.Client) -> None:
        """Show the contact that somebody writes, for as long as the provider shows it. `external_id`: of his newest
        message. Raises a SendError. Called if `capabilities.typing`."""

    def mark_read(self, channel: Channel[SettingsT], to: str, external_id: str, http: httpx.Client) -> None:
        """Tell the contact that his messages up to this one were read. Raises a SendError. Called if
        `capabilities.read_marks`."""

    def profile(self, channel: Channel[SettingsT], address: str, http: httpx.Client) -> Profile:
        """What the provider tells of a contact. Raises a SendError. Called if `capabilities.profiles`: once for
        somebody new and then rarely, never on the way of a message."""
        return Profile()
