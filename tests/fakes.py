"""A channel that exists nowhere: the whole contract, with a provider in memory whose mood tests decide.

acme = AcmeChannel()
acme.provider.answers["+39055500001"] = [ChannelThrottled(retry_after=30), Sent("x-1")]   # in this order
acme.provider.gates["+39055500002"] = threading.Event()       # sends to this one wait for it
acme.instead["translate"] = lambda *_: "nonsense"             # any method may be replaced
"""

from __future__ import annotations

import hmac
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar, TypeVar

import httpx
import orjson
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Profile,
    Refusal,
    SendAttempt,
    Sent,
    Unsupported,
    Verdict,
    Webhook,
    WebhookAnswer,
    event_from_json,
)

SECRET = "acme-secret-5c1d0f7e"
CHALLENGE = b"acme-challenge"
PATIENCE = 20.0  # no send waits longer for its gate than this

T = TypeVar("T")
Answer = Sent | BaseException | Callable[[OutgoingMessage], Sent]


class AcmeSettings(BaseModel):
    """One account at ACME. `pool`: the sender pool its channels share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: SecretStr
    pool: str = ""


@dataclass(frozen=True)
class Arrived:
    """A message that reached the provider, when it began and ended by the wall clock."""

    message: OutgoingMessage
    sender: str
    external_id: str | None
    began: datetime
    ended: datetime


@dataclass
class AcmeProvider:
    """What ACME does with what it is sent. Without an entry for a recipient it takes everything at once."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    gates: dict[str, threading.Event] = field(default_factory=dict)
    lookups: dict[str, LookupResult | Exception] = field(default_factory=dict)
    media: dict[str, MediaRequest | Exception] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    arrived: list[Arrived] = field(default_factory=list)
    asked: list[SendAttempt] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._begun: dict[str, int] = defaultdict(int)
        self._inside: dict[str, int] = defaultdict(int)

    def take(self, sender: str, message: OutgoingMessage) -> Sent:
        """One send, from its beginning to its outcome."""
        began = datetime.now(UTC)
        self._enter(message.to)
        try:
            if gate := self.gates.get(message.to):
                gate.wait(PATIENCE)
            sent = self._answer(message)
        except BaseException:
            self._leave(message.to, Arrived(message, sender, None, began, datetime.now(UTC)))
            raise
        self._leave(message.to, Arrived(message, sender, sent.external_id, began, datetime.now(UTC)))
        return sent

    def wait_begun(self, to: str, count: int = 1) -> None:
        """Until so many sends to this recipient have begun."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._begun[to] >= count, PATIENCE), f"no send to {to} began"

    def texts(self, to: str | None = None) -> list[str]:
        """What was sent, in order of its end."""
        return [item.message.text for item in self.arrived if to in (None, item.message.to)]

    def _answer(self, message: OutgoingMessage) -> Sent:
        waiting = self.answers.get(message.to)
        answer = waiting.pop(0) if waiting else None
        if isinstance(answer, BaseException):
            raise answer
        if callable(answer):
            return answer(message)
        if answer is not None:
            return answer
        with self._changed:
            self._count += 1
            return Sent(f"acme-{self._count}")

    def _enter(self, to: str) -> None:
        with self._changed:
            self._begun[to] += 1
            self._inside[to] += 1
            if self._inside[to] > 1:
                self.overlaps.append(to)
            self._changed.notify_all()

    def _leave(self, to: str, arrived: Arrived) -> None:
        with self._changed:
            self._inside[to] -= 1
            self.arrived.append(arrived)
            self._changed.notify_all()


CAPABILITIES = Capabilities(
    address_kind="phone",
    text_limit=500,
    attachments=AttachmentLimits(kinds=frozenset({"image", "document"}), count=3, size_each=10_000, size_total=20_000),
    receipts=frozenset({"sent", "delivered", "read"}),
    business_may_start=True,
    consent_required=True,
    sends_per_second=1000.0,
    send_time_limit=30.0,
)


class AcmeChannel(ChannelPlugin[AcmeSettings]):
    """Webhooks are JSON: {"events": [...]}, each an event of the contract; the header x-acme-secret authenticates."""

    channel_type: ClassVar[str] = "acme"
    title: ClassVar[str] = "ACME"
    settings_model = AcmeSettings
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    acknowledgement: ClassVar[WebhookAnswer] = WebhookAnswer(200, b"taken")

    def __init__(self, channel_type: str = "acme", **capabilities: object) -> None:
        self.channel_type = channel_type  # type: ignore[misc]  # one class, several types
        self.capabilities = CAPABILITIES.model_copy(update=capabilities)  # type: ignore[misc]  # the same
        self.provider = AcmeProvider()
        self.instead: dict[str, Callable[..., object]] = {}

    def verify(self, connection: Connection[AcmeSettings], webhook: Webhook) -> Verdict:
        if other := self.instead.get("verify"):
            return other(connection, webhook)  # type: ignore[return-value]  # nonsense is the point
        if webhook.body == CHALLENGE:
            return Verdict.answered(WebhookAnswer(200, b"echo"))
        given = webhook.headers.get("x-acme-secret", "")
        if not hmac.compare_digest(given, connection.settings.secret.get_secret_value()):
            return Verdict.refused(403, "bad_secret")
        return Verdict.authentic()

    def translate(self, connection: Connection[AcmeSettings], webhook: Webhook) -> Sequence[Event]:
        if other := self.instead.get("translate"):
            return other(connection, webhook)  # type: ignore[return-value]  # nonsense is the point
        try:
            return [_event(item) for item in orjson.loads(webhook.body)["events"]]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return []

    def send(self, channel: Channel[AcmeSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        if other := self.instead.get("send"):
            return other(channel, message, http)  # type: ignore[return-value]  # nonsense is the point
        return self.provider.take(channel.address, message)

    def locate_media(self, channel: Channel[AcmeSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if other := self.instead.get("locate_media"):
            return other(channel, ref, http)  # type: ignore[return-value]  # nonsense is the point
        return _given(self.provider.media[ref.ref])

    def profile(self, channel: Channel[AcmeSettings], address: str, http: httpx.Client) -> Profile:
        if other := self.instead.get("profile"):
            return other(channel, address, http)  # type: ignore[return-value]  # tests answer nonsense on purpose
        return Profile()

    def lookup(self, channel: Channel[AcmeSettings], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        if other := self.instead.get("lookup"):
            return other(channel, attempt, http)  # type: ignore[return-value]  # nonsense is the point
        self.provider.asked.append(attempt)
        return _given(self.provider.lookups.get(attempt.message.to, LookupResult("unknown")))

    def refusal(self, channel: Channel[AcmeSettings], to: str) -> Refusal | None:
        return self.provider.refusals.get(to)

    def health(self, channel: Channel[AcmeSettings], http: httpx.Client) -> Refusal | None:
        if other := self.instead.get("health"):
            return other(channel, http)  # type: ignore[return-value]  # nonsense is the point
        return None

    def consent_pool(self, channel: Channel[AcmeSettings]) -> str:
        return channel.settings.pool


def _event(item: object) -> Event:
    try:
        return event_from_json(orjson.dumps(item))
    except ValidationError:
        return Unsupported(channel_address="", contact_address="", what="unknown", raw="")


def _given(answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer
