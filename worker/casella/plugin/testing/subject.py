"""What a suite is about: the plugin, its settings, its tables, and the making of requests from them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from string import ascii_lowercase, ascii_uppercase, digits
from typing import ClassVar, TypeAlias, TypeVar

from pydantic import BaseModel, RootModel, SecretStr

from casella.plugin.capabilities import Capabilities
from casella.plugin.channel import Channel, ChannelPlugin, Connection, OutgoingMessage, Sent
from casella.plugin.errors import SendError
from casella.plugin.events import Event, MessageReceived
from casella.plugin.testing.cases import (
    Answer,
    LookupCase,
    MediaCase,
    ProfileCase,
    ReadCase,
    SendCase,
    TemplatesCase,
    WebhookCase,
)
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.watch import limited
from casella.plugin.webhook import Verdict, Webhook

AnyPlugin: TypeAlias = "ChannelPlugin[BaseModel]"
AnyConnection: TypeAlias = "Connection[BaseModel]"
AnyChannel: TypeAlias = "Channel[BaseModel]"

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_NEXT = {
    character: characters[(at + 1) % len(characters)]
    for characters in (ascii_lowercase, ascii_uppercase, digits)
    for at, character in enumerate(characters)
}
STATUS_URL = "https://desk.example/webhooks/conformance?message_id=m-1"


_SubjectT = TypeVar("_SubjectT", bound="Subject")


class Subject:
    """What the author of a plugin fills in.

    `settings`: of one connection, as they would be written in the desk, every secret filled in. `address`, `options`:
    of one channel. `contact`: an address it can send to. `signature_headers`: without them no request is authentic;
    empty for a provider that does not sign by header. `has_provider`: False for a channel that asks nobody, because its
    contacts read in the house itself; the checks of a provider's answers then only see that nobody is asked.
    `media_answers`: what the provider answers when `locate_media` asks where a file is.
    `lookups`, `profiles`, `templates`, `reads` (of `mark_read`), `media`: tables for what else it can be asked.
    `signs_body`: whether the signature covers the body.
    `patience`: seconds after which a call of `verify`, `translate` or `send` counts as one that never ends."""

    plugin: ClassVar[object]
    settings: ClassVar[Mapping[str, object]] = {}
    address: ClassVar[str]
    contact: ClassVar[str]
    options: ClassVar[Mapping[str, str]] = {}
    signature_headers: ClassVar[Sequence[str]] = ()
    signs_body: ClassVar[bool] = True
    has_provider: ClassVar[bool] = True
    media_answers: ClassVar[Sequence[Answer]] = ()
    webhooks: ClassVar[Sequence[WebhookCase]] = ()
    sends: ClassVar[Sequence[SendCase]] = ()
    lookups: ClassVar[Sequence[LookupCase]] = ()
    profiles: ClassVar[Sequence[ProfileCase]] = ()
    templates: ClassVar[Sequence[TemplatesCase]] = ()
    reads: ClassVar[Sequence[ReadCase]] = ()
    media: ClassVar[Sequence[MediaCase]] = ()
    patience: ClassVar[float] = 10.0
    webhook_url: ClassVar[str] = "https://desk.example/webhooks/conformance"

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        """The request as the provider would sign it with this connection's secrets."""
        raise NotImplementedError

    @property
    def channel_plugin(self) -> AnyPlugin:
        plugin = self.plugin
        assert isinstance(plugin, ChannelPlugin), "plugin: must be an instance of ChannelPlugin"
        return plugin

    @property
    def _able(self) -> Capabilities:
        """What the channel of this suite can do."""
        return self.channel_plugin.capabilities_of(self.channel())

    def connection(self, settings: BaseModel | None = None) -> AnyConnection:
        model = settings or self.channel_plugin.settings_model.model_validate(dict(self.settings))
        return Connection("conformance", model, self.webhook_url)

    def channel(self) -> AnyChannel:
        return Channel("channel-1", self.address, self.connection(), self.options)

    def other_connection(self) -> AnyConnection:
        """The same connection with every secret exchanged for another of the same form."""
        secrets = frozenset(secrets_in(self.connection().settings))
        other = _exchanged(self.settings, secrets)
        assert isinstance(other, dict)
        return self.connection(self.channel_plugin.settings_model.model_validate(other))

    @property
    def secrets(self) -> frozenset[str]:
        """The secrets of the settings, as written and as they appear in HTTP Basic."""
        return frozenset(secret for secret in secrets_in(self.connection().settings) if len(secret) >= 4)

    def unsigned(self, case: WebhookCase) -> Webhook:
        url = f"{self.webhook_url}?{case.query}" if case.query else self.webhook_url
        headers = {**({"content-type": case.content_type} if case.content_type else {}), **case.headers}
        return Webhook(case.method, url, case.query, headers, case.body, NOON)

    def request(self, case: WebhookCase) -> Webhook:
        """The request of a case, signed if it says so."""
        webhook = self.unsigned(case)
        return self.sign(self.connection(), webhook) if case.signed else webhook

    @property
    def authentic(self) -> list[WebhookCase]:
        return [case for case in self.webhooks if case.outcome == "authentic"]

    def message(self, case: SendCase) -> OutgoingMessage:
        return OutgoingMessage(
            id="m-1",
            to=self.contact,
            text=case.text,
            status_url=STATUS_URL,
            attachments=case.attachments,
            reply_to=case.reply_to,
            metadata=case.metadata,
        )

    def verdict(self, webhook: Webhook, connection: AnyConnection | None = None) -> Verdict:
        with limited(self.patience, "verify"):
            return self.channel_plugin.verify(connection or self.connection(), webhook)

    def translated(self, webhook: Webhook, connection: AnyConnection | None = None) -> list[Event]:
        with limited(self.patience, "translate"):
            return list(self.channel_plugin.translate(connection or self.connection(), webhook))

    def sent(self, case: SendCase, provider: Provider, **changes: object) -> Sent | SendError:
        """The outcome of a case at this provider. `changes`: of the message, for example `to`."""
        message = dataclasses.replace(self.message(case), **changes)  # type: ignore[arg-type]  # fields of a message
        with provider.client() as http, limited(self.patience, "send"):
            try:
                return self.channel_plugin.send(self.channel(), message, http)
            except SendError as error:
                return error

    def asks_nobody(self) -> None:
        """Every case is sent without a request."""
        for case in self.sends:
            provider = Provider(case.answers)
            assert isinstance(self.sent(case, provider), Sent), case.label
            assert not provider.requests, f"{case.label}: a request, although `has_provider` is False"

    @property
    def _quotable(self) -> str | None:
        """The id of a message of the cases."""
        events = (event for case in self.authentic for event in case.events)
        return next((event.external_id for event in events if isinstance(event, MessageReceived)), None)

    @property
    def any_send(self) -> SendCase:
        """A case that is sent, for checks that need one."""
        return next((case for case in self.sends if case.sent is not None), SendCase("a text"))

    def leaked(self, *texts: str) -> list[str]:
        """Which secrets stand in these texts, shortened so that the report does not leak them again."""
        return sorted({f"{secret[:2]}…" for secret in self.secrets for text in texts if secret in text})


def by_provider(check: Callable[[_SubjectT], None]) -> Callable[[_SubjectT], None]:
    """A check of what follows from a provider's answers."""

    @functools.wraps(check)
    def checked(self: _SubjectT) -> None:
        (check if self.has_provider else type(self).asks_nobody)(self)

    return checked


def secrets_in(value: object) -> Iterator[str]:
    """Every SecretStr in a settings model, however deep."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, RootModel):
        yield from secrets_in(value.root)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from secrets_in(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from secrets_in(inner)


def another_secret(secret: str) -> str:
    """A secret of the same form: every letter and digit is the next one, so that a model which checks the form takes
    it as well."""
    return "".join(_NEXT.get(character, character) for character in secret)


def _exchanged(value: object, secrets: frozenset[str]) -> object:
    if isinstance(value, Mapping):
        return {name: _exchanged(inner, secrets) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_exchanged(inner, secrets) for inner in value]
    return another_secret(value) if isinstance(value, str) and value in secrets else value
