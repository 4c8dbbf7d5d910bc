"""What is read in `bench.translate`: a channel with the webhooks it gets, signed as its provider signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from casella.plugin import Connection, Webhook
from casella_sms.channel import SmsChannel
from casella_webchat.channel import WebchatChannel
from casella_webchat.letters import Message, Seen, microseconds, sealed

SECRET = "9d2f0c6b7a184e53" * 2
URL = "https://desk.example/webhooks/bench"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXT = "Is my order ready? Grüße aus Köln 😀"
BATCH = 1000
OURS, THEIRS = "+14155550178", "+12025550143"


@dataclass(frozen=True)
class Subject:
    """A channel with a realistic mix of single webhooks, and one request with a thousand updates if it has such."""

    name: str
    plugin: Any
    connection: Connection[Any]
    mix: Sequence[Webhook]
    batch: Webhook | None = None

    def read(self, webhook: Webhook) -> int:
        assert self.plugin.verify(self.connection, webhook).outcome == "authentic"
        return len(self.plugin.translate(self.connection, webhook))


def connected(plugin: Any, settings: Mapping[str, object]) -> Connection[Any]:
    return Connection("bench", plugin.settings_model.model_validate(settings), URL)


def vonage() -> Subject:
    """The SMS API: a form with `sig`, HMAC-SHA256."""
    about = {"msisdn": THEIRS[1:], "to": OURS[1:], "timestamp": str(int(NOON.timestamp())), "nonce": "7d3f0b1e"}
    text = {**about, "messageId": "0C1", "text": TEXT, "type": "unicode", "keyword": "IS", "api-key": "a1b2c3d4",
            "message-timestamp": "2026-11-22 11:59:59"}  # fmt: skip
    receipt = {**about, "messageId": "0C2", "network-code": "310090", "price": "0.007", "status": "delivered",
               "scts": "2611221205", "err-code": "0", "message-timestamp": "2026-11-22 12:05:09"}  # fmt: skip
    plugin = SmsChannel()
    settings = {"provider": "vonage", "api_key": "a1b2c3d4", "api_secret": "api-secret-1", "signature_secret": SECRET}
    return Subject("sms_vonage", plugin, connected(plugin, settings), [_with_sig(one) for one in (text, receipt)])


def _with_sig(fields: dict[str, str]) -> Webhook:
    flat = "".join(f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields))
    sig = hmac.new(SECRET.encode(), flat.encode(), hashlib.sha256).hexdigest()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Webhook("POST", URL, "", headers, urlencode({**fields, "sig": sig}).encode(), NOON)


def telnyx() -> Subject:
    """JSON, signed with Ed25519."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

    def webhook(kind: str, **payload: object) -> Webhook:
        whole = {"id": "msg-1", "type": "SMS", "from": {"phone_number": THEIRS},
                 "to": [{"phone_number": OURS, "status": "delivered"}], "media": [], "parts": 1, **payload}  # fmt: skip
        happened = {"event_type": kind, "id": "evt-1", "occurred_at": "2026-11-22T12:00:00.000+00:00",
                    "record_type": "event", "payload": whole}  # fmt: skip
        body = json.dumps({"data": happened, "meta": {"attempt": 1, "delivered_to": URL}}).encode()
        at = str(int(NOON.timestamp()))
        signature = b64encode(key.sign(at.encode() + b"|" + body)).decode()
        headers = {"content-type": "application/json", "telnyx-timestamp": at, "telnyx-signature-ed25519": signature}
        return Webhook("POST", URL, "", headers, body, NOON)

    ours = {"from": {"phone_number": OURS}, "to": [{"phone_number": THEIRS, "status": "delivered"}]}
    picture = [{"url": "https://media.telnyx.com/1.jpg", "content_type": "image/jpeg", "size": 40_000}]
    mix = [
        webhook("message.received", direction="inbound", text=TEXT),
        webhook("message.received", direction="inbound", text="", type="MMS", media=picture),
        webhook("message.finalized", direction="outbound", text=TEXT, **ours),
    ]
    plugin = SmsChannel()
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    settings = {"provider": "telnyx", "api_key": "KEY-1", "public_key": public}
    return Subject("sms_telnyx", plugin, connected(plugin, settings), mix)


def bandwidth() -> Subject:
    """A JSON array, with HTTP Basic."""

    def received(number: int, **more: object) -> dict[str, object]:
        message = {"id": f"in-{number}", "owner": OURS, "applicationId": "app-1", "time": "2026-11-22T12:00:00Z",
                   "segmentCount": 1, "direction": "in", "to": [OURS], "from": THEIRS, "text": TEXT,
                   **more}  # fmt: skip
        return {"type": "message-received", "time": "2026-11-22T12:00:00Z", "description": "Incoming message received",
                "to": OURS, "message": message}  # fmt: skip

    sent = {"id": "out-1", "owner": OURS, "applicationId": "app-1", "time": "2026-11-22T12:00:00Z", "segmentCount": 1,
            "direction": "out", "to": [THEIRS], "from": OURS, "text": "", "tag": "msg-80"}  # fmt: skip
    delivered = {"type": "message-delivered", "time": "2026-11-22T12:00:03Z", "description": "ok", "to": THEIRS,
                 "message": sent}  # fmt: skip
    login = b64encode(f"casella:{SECRET}".encode()).decode()
    headers = {"content-type": "application/json", "authorization": f"Basic {login}"}

    def webhook(*elements: object) -> Webhook:
        return Webhook("POST", URL, "", headers, json.dumps(elements).encode(), NOON)

    picture = ["https://messaging.bandwidth.com/api/v2/users/9900000/media/1/roof.jpg"]
    mix = [webhook(received(1)), webhook(received(2, text="", media=picture)), webhook(delivered)]
    plugin = SmsChannel()
    settings = {"provider": "bandwidth", "account_id": "9900000", "username": "user", "password": "password-1",
                "application_id": "app-1", "webhook_username": "casella", "webhook_password": SECRET}  # fmt: skip
    many = webhook(*(received(number) for number in range(BATCH)))
    return Subject("sms_bandwidth", plugin, connected(plugin, settings), mix, many)


def webchat() -> Subject:
    """The letters that its own routes seal."""
    plugin = WebchatChannel()
    connection = connected(plugin, {"secret": SECRET, "origins": ["https://shop.example"]})
    who: dict[str, Any] = {"widget": "shop", "visitor": "v:0123456789abcdefABCDEF__"}
    file = {"id": "u-1", "kind": "image", "mime": "image/png", "name": "a.png", "size": 68}
    facts = {"page_url": "https://shop.example/cart", "language": "it"}
    letters = (
        Message(**who, client_id="0191c2d4-0000-7000-8000-000000000001", text=TEXT, facts=facts),
        Message.model_validate({**who, "client_id": "0191c2d4-0000-7000-8000-000000000002", "files": [file]}),
        Seen(**who, state="read", until=microseconds(NOON)),
    )
    return Subject("webchat", plugin, connection, [sealed(connection, letter, NOON) for letter in letters])
