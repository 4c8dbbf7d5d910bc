"""Webhooks as Telnyx sends them, and the settings that fit them. The private key is made from the API key, so that an
account with other secrets signs with another one."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casella.plugin import Channel, Connection, Webhook
from casella_sms.settings import SmsSettings

API_KEY = "KEY0198A7C2D5telnyx"
OURS, THEIRS = "+14155550178", "+12025550143"
URL = "https://desk.example/webhooks/telnyx"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def private_key(api_key: str = API_KEY) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(api_key.encode()).digest())


PUBLIC_KEY = b64encode(private_key().public_key().public_bytes_raw()).decode()
SETTINGS: dict[str, object] = {"provider": "telnyx", "api_key": API_KEY, "public_key": PUBLIC_KEY}


def signed_headers(body: bytes, at: datetime = NOON, api_key: str = API_KEY) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = private_key(api_key).sign(timestamp.encode() + b"|" + body)
    return {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": b64encode(signature).decode()}


def inbound(message_id: str = "msg-1", text: object = "Hello", **payload: object) -> dict[str, object]:
    return {
        "data": {
            "event_type": "message.received",
            "id": f"evt-{message_id}",
            "occurred_at": "2026-11-22T12:00:00.000+00:00",
            "record_type": "event",
            "payload": {
                "id": message_id,
                "direction": "inbound",
                "type": "SMS",
                "from": {"phone_number": THEIRS, "carrier": "T-Mobile", "line_type": "Wireless"},
                "to": [{"phone_number": OURS, "status": "webhook_delivered"}],
                "cc": [],
                "text": text,
                "media": [],
                "parts": 1,
                "encoding": "GSM-7",
                "received_at": "2026-11-22T11:59:59.000+00:00",
                "errors": [],
                **payload,
            },
        },
        "meta": {"attempt": 1, "delivered_to": URL},
    }


def status(reported: str, message_id: str = "out-1", event: str = "message.finalized", **payload: object) -> object:
    return {
        "data": {
            "event_type": event,
            "id": f"evt-{message_id}-{reported}",
            "occurred_at": "2026-11-22T12:00:03.000+00:00",
            "record_type": "event",
            "payload": {
                "id": message_id,
                "direction": "outbound",
                "from": {"phone_number": OURS},
                "to": [{"phone_number": THEIRS, "status": reported}],
                "errors": [],
                **payload,
            },
        }
    }


def webhook(document: object, at: datetime = NOON, query: str = "") -> Webhook:
    body = orjson.dumps(document)
    headers = {"content-type": "application/json", **signed_headers(body, at)}
    return Webhook("POST", f"{URL}?{query}" if query else URL, query, headers, body, NOON)


def connection(**settings: object) -> Connection[SmsSettings]:
    return Connection("telnyx", SmsSettings.model_validate({**SETTINGS, **settings}), URL)


def channel(**settings: object) -> Channel[SmsSettings]:
    return Channel("channel-1", OURS, connection(**settings), {"registration": "registered"})
