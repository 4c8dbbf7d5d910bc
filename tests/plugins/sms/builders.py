"""Requests as Twilio sends them, signed by Twilio's own library, and the settings that fit them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from twilio.request_validator import RequestValidator

from casella.plugin import Channel, Connection, OutgoingAttachment, OutgoingMessage, Webhook
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings

TOKEN = "3f9c1d7be02a4468915dc07be4a1f2d8"
ACCOUNT = "AC00112233445566778899aabbccddeeff"
URL = "https://desk.example/webhooks/main-sms"
STATUS_URL = f"{URL}?message_id=m-1"
OURS, THEIRS = "+14155550178", "+12025550143"
SID = "SM" + "0a" * 16
SETTINGS: dict[str, object] = {"provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN}
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PLUGIN = SmsChannel()

INBOUND = {
    "ToCountry": "US",
    "ToState": "CA",
    "SmsMessageSid": SID,
    "NumMedia": "0",
    "ToCity": "SAN FRANCISCO",
    "FromZip": "",
    "SmsSid": SID,
    "FromState": "DC",
    "SmsStatus": "received",
    "FromCity": "",
    "Body": "Hello",
    "FromCountry": "US",
    "To": OURS,
    "ToZip": "94110",
    "NumSegments": "1",
    "MessageSid": SID,
    "AccountSid": ACCOUNT,
    "From": THEIRS,
    "ApiVersion": "2010-04-01",
}
STATUS = {
    "SmsSid": SID,
    "SmsStatus": "delivered",
    "MessageStatus": "delivered",
    "To": THEIRS,
    "MessageSid": SID,
    "AccountSid": ACCOUNT,
    "From": OURS,
    "ApiVersion": "2010-04-01",
}

Pairs = Sequence[tuple[str, str]]


class MultiValued(dict[str, list[str]]):
    """The kind of mapping Twilio's validator reads repeated parameters from."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def signature_of(url: str, pairs: Pairs, secret: str = TOKEN, algorithm: str = "HMAC_SHA1") -> str:
    """What Twilio's library computes for these parameters."""
    values = MultiValued()
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return str(RequestValidator(secret).compute_signature(url, values, algorithm))


def connection(**settings: object) -> Connection[SmsSettings]:
    return Connection("main-sms", SmsSettings.model_validate({**SETTINGS, **settings}), URL)


def channel(address: str = OURS, options: Mapping[str, str] | None = None, **settings: object) -> Channel[SmsSettings]:
    return Channel("channel-1", address, connection(**settings), options or {"registration": "registered"})


def form_webhook(
    fields: Mapping[str, str] | Pairs,
    url: str = URL,
    secret: str = TOKEN,
    signed_url: str = "",
    content_type: str = "application/x-www-form-urlencoded; charset=UTF-8",
) -> Webhook:
    """A POST with a form, signed with the auth token. `signed_url`: if Twilio signs another URL than ours."""
    pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
    headers = {"content-type": content_type, "x-twilio-signature": signature_of(signed_url or url, pairs, secret)}
    return Webhook("POST", url, url.partition("?")[2], headers, urlencode(pairs).encode(), NOON)


def get_webhook(fields: Mapping[str, str]) -> Webhook:
    """A GET: everything is in the URL, and only the URL is signed."""
    query = urlencode(fields)
    url = f"{URL}?{query}"
    return Webhook("GET", url, query, {"x-twilio-signature": signature_of(url, [])}, b"", NOON)


def form_of(body: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def message(text: str = "Hello", attachments: Sequence[OutgoingAttachment] = ()) -> OutgoingMessage:
    return OutgoingMessage(id="m-1", to=THEIRS, text=text, status_url=STATUS_URL, attachments=attachments)
