"""The channel type "sms": four providers behind one plugin, chosen by the connection's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, cast

import httpx

from casella.plugin import (
    Capabilities,
    Channel,
    ChannelOption,
    ChannelPlugin,
    Connection,
    Cost,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Refusal,
    Registration,
    SendAttempt,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
    WebhookAnswer,
)
from casella_sms import numbers, registration
from casella_sms.account import AccountSettings
from casella_sms.bandwidth.provider import Bandwidth
from casella_sms.provider import Provider
from casella_sms.settings import SmsSettings
from casella_sms.telnyx.provider import Telnyx
from casella_sms.twilio.provider import Twilio
from casella_sms.vonage.provider import Vonage

AnyProvider = Provider[AccountSettings]
_PROVIDERS: Mapping[str, AnyProvider] = {
    "twilio": cast(AnyProvider, Twilio()),
    "vonage": cast(AnyProvider, Vonage()),
    "telnyx": cast(AnyProvider, Telnyx()),
    "bandwidth": cast(AnyProvider, Bandwidth()),
}
"""Each is only ever given the settings of its own model: `provider` is what tells the models apart."""
_NO_ANSWER = WebhookAnswer(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
"""TwiML that says nothing: Twilio would send a text/plain body to the customer (channels.md §1.2). The other providers
read no body."""


class SmsChannel(ChannelPlugin[SmsSettings]):
    """SMS and MMS through Twilio, Vonage, Telnyx or Bandwidth."""

    channel_type: ClassVar[str] = "sms"
    title: ClassVar[str] = "SMS and MMS"
    settings_model = SmsSettings
    capabilities: ClassVar[Capabilities] = Twilio.able
    acknowledgement: ClassVar[WebhookAnswer] = _NO_ANSWER
    contract_version: ClassVar[str] = "1.4"
    channel_options: ClassVar[Sequence[ChannelOption]] = (registration.OPTION,)

    def verify(self, connection: Connection[SmsSettings], webhook: Webhook) -> Verdict:
        account = connection.settings.root
        return _PROVIDERS[account.provider].verify(account, webhook)

    def translate(self, connection: Connection[SmsSettings], webhook: Webhook) -> list[Event]:
        account = connection.settings.root
        return _PROVIDERS[account.provider].translate(account, webhook)

    def send(self, channel: Channel[SmsSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        account = channel.settings.root
        connection = cast(Connection, channel.connection)
        return _PROVIDERS[account.provider].send(connection, account, channel.address, message, http)

    def lookup(self, channel: Channel[SmsSettings], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        account = channel.settings.root
        return _PROVIDERS[account.provider].lookup(account, channel.address, attempt, http)

    def missed(self, channel: Channel[SmsSettings], since: datetime, http: httpx.Client) -> Sequence[Event]:
        account = channel.settings.root
        return _PROVIDERS[account.provider].missed(account, channel.address, since, http)

    def locate_media(self, channel: Channel[SmsSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        account = channel.settings.root
        return _PROVIDERS[account.provider].locate_media(account, ref, http)

    def address_problem(self, address: str) -> str:
        return numbers.address_problem(address)

    def refusal(self, channel: Channel[SmsSettings], to: str) -> Refusal | None:
        return registration.refusal(channel.address, channel.options, to)

    def registration(self, channel: Channel[SmsSettings]) -> Registration:
        return registration.state_of(channel.address, channel.options)

    def consent_pool(self, channel: Channel[SmsSettings]) -> str:
        account = channel.settings.root
        return _PROVIDERS[account.provider].pool(account)

    def capabilities_of(self, channel: Channel[SmsSettings]) -> Capabilities:
        account = channel.settings.root
        return _PROVIDERS[account.provider].capabilities(account)

    def measure(self, channel: Channel[SmsSettings], text: str) -> TextMeasure:
        """The parts are counted in septets or UTF-16 units; units and limit as the provider's own limit counts."""
        account = channel.settings.root
        return _PROVIDERS[account.provider].measure(account, text)

    def cost(self, channel: Channel[SmsSettings], to: str, text: str, attachments: int) -> Cost | None:
        prices = channel.settings.root.prices
        return prices.cost(to, text, attachments) if prices else None

    def health(self, channel: Channel[SmsSettings], http: httpx.Client) -> Refusal | None:
        account = channel.settings.root
        return _PROVIDERS[account.provider].health(account, http)
