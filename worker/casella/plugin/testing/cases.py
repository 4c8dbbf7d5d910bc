"""The rows of a plugin's case tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

import httpx
import orjson

from casella.plugin.channel import LookupResult, OutgoingAttachment, Sent
from casella.plugin.content import MessageTemplate, Profile
from casella.plugin.errors import SendError
from casella.plugin.events import Event, MediaRef
from casella.plugin.rules import ActionFailed, ActionResult, RuleFact, RuleValue
from casella.plugin.webhook import MediaRequest, Webhook

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class WebhookCase:
    """A provider's request, and what it must give.

    `signed`: whether the suite signs it. `outcome`: of `verify`. `status` and `answer`: the HTTP status and the body
    that it must be answered with, where given. `events`: of `translate`, in order."""

    label: str
    body: bytes = b""
    content_type: str = JSON
    method: Literal["GET", "POST"] = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bool = True
    outcome: Literal["authentic", "refused", "answered"] = "authentic"
    status: int | None = None
    answer: bytes | None = None
    events: Sequence[Event] = ()

    @classmethod
    def of_form(
        cls, label: str, fields: Mapping[str, str] | Sequence[tuple[str, str]], *, events: Sequence[Event] = ()
    ) -> WebhookCase:
        """An authentic HTML form, blank values included."""
        return cls(label, urlencode(fields).encode(), FORM, events=events)

    @classmethod
    def of_json(cls, label: str, document: object, *, events: Sequence[Event] = ()) -> WebhookCase:
        """An authentic JSON document."""
        return cls(label, orjson.dumps(document), JSON, events=events)

    def refused(self, label: str, status: int, *, signed: bool = True) -> WebhookCase:
        """The same request, expected to be refused."""
        return dataclasses.replace(
            self, label=label, signed=signed, outcome="refused", status=status, answer=None, events=()
        )

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Answer:
    """What the pretended provider answers to one request: a response, or (`raises`) an error of the connection."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raises: type[httpx.RequestError] | None = None

    @classmethod
    def of_json(cls, status: int, document: object, headers: Mapping[str, str] | None = None) -> Answer:
        return cls(status, orjson.dumps(document), {"content-type": JSON, **(headers or {})})

    @classmethod
    def broken(cls, error: type[httpx.RequestError]) -> Answer:
        return cls(raises=error)


@dataclass(frozen=True, slots=True)
class ExpectedRequest:
    """One request the plugin must make. `form` and `json` must be the whole body; `headers` are some of them."""

    url: str
    method: str = "POST"
    form: Mapping[str, str | Sequence[str]] | None = None
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendCase:
    """A message, the provider's answers in order, and the outcome: `sent`, or the class of `error` and, where given,
    its `provider_code`, `retry_after` and `max_attempts`. `requests`: what the plugin must ask, where given."""

    label: str
    text: str = "Hello"
    attachments: Sequence[OutgoingAttachment] = ()
    reply_to: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    sent: Sent | None = None
    error: type[SendError] | None = None
    provider_code: str | None = None
    retry_after: float | None = None
    max_attempts: int | None = None

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class LookupCase:
    """An uncertain send, what the provider answers when it is asked, and the outcome: `result`, or the class of
    `error`. `requests`: what the plugin must ask, where given."""

    label: str
    text: str = "Hello"
    known_ids: frozenset[str] = frozenset()
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    result: LookupResult | None = None
    error: type[SendError] | None = None


@dataclass(frozen=True, slots=True)
class ProfileCase:
    """A contact's `address` (the suite's, unless said), what the provider tells of him, and the outcome: `profile`, or
    the class of `error`."""

    label: str
    address: str = ""
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    profile: Profile | None = None
    error: type[SendError] | None = None


@dataclass(frozen=True, slots=True)
class TemplatesCase:
    """What the provider answers when it is asked for its templates, and the outcome: `templates`, or the class of
    `error`."""

    label: str
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    templates: Sequence[MessageTemplate] = ()
    error: type[SendError] | None = None


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A message that was read here, and what the plugin must ask to say so; or the class of `error`."""

    label: str
    external_id: str = "m-1"
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    error: type[SendError] | None = None


@dataclass(frozen=True, slots=True)
class MediaCase:
    """An attachment of a received message, what the provider answers where it is asked for the place, and the outcome:
    `request`, or that it is unavailable: `retryable`, or not."""

    label: str
    ref: MediaRef
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    request: MediaRequest | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class FieldCase:
    """A question about a field of the rules and what it gives: `value`, or that it is `unavailable`."""

    label: str
    name: str
    contact_address: str = "+390555000001"
    facts: Mapping[str, RuleFact] = field(default_factory=dict)
    trigger: str = "message_received"
    value: RuleValue = None
    unavailable: bool = False


@dataclass(frozen=True, slots=True)
class ActionCase:
    """An action as a rule writes it, what the other side answers, and the outcome: `result`, or the class of `error`
    and, where given, its `retryable` and `retry_after`. `requests`: what the plugin must ask, where given."""

    label: str
    name: str
    argument: Mapping[str, object] = field(default_factory=dict)
    contact_address: str = "+390555000001"
    facts: Mapping[str, RuleFact] = field(default_factory=dict)
    trigger: str = "message_received"
    answers: Sequence[Answer] = ()
    requests: Sequence[ExpectedRequest] | None = None
    result: ActionResult = field(default_factory=ActionResult)
    error: type[ActionFailed] | None = None
    retryable: bool | None = None
    retry_after: float | None = None


def with_headers(webhook: Webhook, headers: Mapping[str, str]) -> Webhook:
    """The request with these headers, names in lower case."""
    return dataclasses.replace(webhook, headers={**webhook.headers, **headers})


def without_headers(webhook: Webhook, *names: str) -> Webhook:
    """The request without these headers."""
    return dataclasses.replace(
        webhook, headers={name: value for name, value in webhook.headers.items() if name not in names}
    )


def with_body(webhook: Webhook, body: bytes) -> Webhook:
    """The request with another body."""
    return dataclasses.replace(webhook, body=body)
