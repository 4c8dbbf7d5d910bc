"""Webhooks as Vonage sends them, signed by Vonage's own library, and the settings that fit them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import md5, sha256
from typing import Any, Literal
from urllib.parse import urlencode

import jwt
import orjson
from vonage_http_client.auth import Auth

from casella.plugin import Channel, Connection, Webhook
from casella_sms.settings import SmsSettings

KEY, SECRET, SIGNATURE_SECRET = "a1b2c3d4", "api-secret-1234", "signature-secret-0123456789abcdef" * 2
OURS, THEIRS = "+14155550178", "+12025550143"
URL = "https://desk.example/webhooks/vonage"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETTINGS: dict[str, object] = {
    "provider": "vonage",
    "api_key": KEY,
    "api_secret": SECRET,
    "signature_secret": SIGNATURE_SECRET,
}
Method = Literal["md5", "sha1", "sha256", "sha512"]


def inbound(message_id: str = "in-1", text: str = "Hello", **changes: str) -> dict[str, str]:
    return {
        "msisdn": THEIRS[1:],
        "to": OURS[1:],
        "messageId": message_id,
        "text": text,
        "type": "text",
        "keyword": text.partition(" ")[0].upper(),
        "api-key": KEY,
        "message-timestamp": "2026-11-22 11:59:59",
        **changes,
    }


def receipt(message_id: str, status: str, **changes: str) -> dict[str, str]:
    return {
        "msisdn": THEIRS[1:],
        "to": OURS[1:],
        "network-code": "310090",
        "messageId": message_id,
        "price": "0.007",
        "status": status,
        "scts": "2611221205",
        "err-code": "0",
        "message-timestamp": "2026-11-22 12:05:09",
        **changes,
    }


def signed(
    fields: Mapping[str, str], secret: str = SIGNATURE_SECRET, method: Method = "sha256", at: datetime = NOON
) -> dict[str, str]:
    """With a timestamp and the signature of Vonage's library."""
    complete = {**fields, "timestamp": str(int(at.timestamp())), "nonce": "7d3f0b1e"}
    auth = Auth(api_key=KEY, signature_secret=secret, signature_method=method)
    return {**complete, "sig": auth.sign_params(dict(complete))}


def plain_md5(fields: Mapping[str, str], secret: str = SIGNATURE_SECRET) -> dict[str, str]:
    """The plain hash of older accounts, which the library does not offer."""
    complete = {**fields, "timestamp": str(int(NOON.timestamp()))}
    flat = {name: value.replace("&", "_").replace("=", "_") for name, value in complete.items()}
    text = "".join(f"&{name}={flat[name]}" for name in sorted(flat)) + secret
    return {**complete, "sig": md5(text.encode(), usedforsecurity=False).hexdigest()}


def form_webhook(fields: Mapping[str, str]) -> Webhook:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Webhook("POST", URL, "", headers, urlencode(fields).encode(), NOON)


def get_webhook(fields: Mapping[str, str]) -> Webhook:
    query = urlencode(fields)
    return Webhook("GET", f"{URL}?{query}", query, {}, b"", NOON)


def json_webhook(document: object, headers: Mapping[str, str] | None = None) -> Webhook:
    return Webhook(
        "POST", URL, "", {"content-type": "application/json", **(headers or {})}, orjson.dumps(document), NOON
    )


def token(body: bytes, secret: str = SIGNATURE_SECRET, algorithm: str = "HS256", **claims: object) -> dict[str, str]:
    """The header of the Messages API."""
    payload = {
        "iat": int(NOON.timestamp()),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "api_key": KEY,
        "payload_hash": sha256(body).hexdigest(),
        **claims,
    }
    return {"authorization": f"Bearer {jwt.encode(payload, secret, algorithm=algorithm)}"}


def message(message_id: str = "9a1c-1", text: str | None = "Hello", **changes: object) -> dict[str, object]:
    return {
        "channel": "sms",
        "message_uuid": message_id,
        "to": OURS[1:],
        "from": THEIRS[1:],
        "timestamp": "2026-11-22T11:59:59Z",
        "message_type": "text",
        **({} if text is None else {"text": text}),
        **changes,
    }


def token_webhook(document: object, secret: str = SIGNATURE_SECRET, **claims: Any) -> Webhook:
    return json_webhook(document, token(orjson.dumps(document), secret, **claims))


def connection(**settings: object) -> Connection[SmsSettings]:
    return Connection("vonage", SmsSettings.model_validate({**SETTINGS, **settings}), URL)


def channel(**settings: object) -> Channel[SmsSettings]:
    return Channel("channel-1", OURS, connection(**settings), {"registration": "registered"})
