"""Webhooks as the Cloud API sends them, and the settings that fit them."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

from casella.plugin import Channel, Connection, Event, OutgoingMessage, Webhook
from casella_whatsapp.channel import WhatsAppChannel
from casella_whatsapp.settings import WhatsAppSettings

SECRET = "9d2f0c6b7a184e53bb10c2d4e6f80a1c"
OURS, THEIRS = "+12025550142", "+4915550100231"
SECOND = "+390612345678"
PHONE_ID, SECOND_ID, WABA = "104800", "104801", "209700"
TOKEN = "EAAtoken-of-the-test"
SETTINGS: dict[str, object] = {
    "app_secret": SECRET,
    "verify_token": "verify-token-of-the-test",
    "access_token": TOKEN,
    "business_account_id": WABA,
    "numbers": {OURS: PHONE_ID, SECOND: SECOND_ID},
}
URL = "https://desk.example/webhooks/whatsapp"
STATUS_URL = f"{URL}?message_id=m-1"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = "1789387200"
THEN = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
USER_ID = "DE.483"
PLUGIN = WhatsAppChannel()
CONTACT = {"profile": {"name": "Lea"}, "wa_id": THEIRS[1:], "user_id": USER_ID}


def update(field: str = "messages", phone_id: str = PHONE_ID, **value: object) -> dict[str, object]:
    """One change of one number."""
    metadata = {"display_phone_number": OURS[1:], "phone_number_id": phone_id}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    return {"id": WABA, "changes": [{"field": field, "value": whole}]}


def body(*entries: dict[str, object]) -> dict[str, object]:
    return {"object": "whatsapp_business_account", "entry": list(entries)}


def message(type: str, id: str = "wamid.IN1", **more: object) -> dict[str, object]:
    return {"from": THEIRS[1:], "from_user_id": USER_ID, "id": id, "timestamp": AT, "type": type, **more}


def said(type: str, id: str = "wamid.IN1", **more: object) -> dict[str, object]:
    """A whole webhook with one message."""
    return body(update(contacts=[CONTACT], messages=[message(type, id, **more)]))


def status(value: str, id: str = "wamid.OUT1", **more: object) -> dict[str, object]:
    return {"id": id, "status": value, "timestamp": AT, "recipient_id": THEIRS[1:], **more}


def signature_of(content: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), content, sha256).hexdigest()


def webhook(document: object, secret: str = SECRET, **changes: object) -> Webhook:
    """A signed POST, with what is not ASCII escaped as Meta escapes it."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": signature_of(content, secret)}
    return Webhook("POST", URL, "", {**headers, **changes}, content, NOON)  # type: ignore[dict-item]  # headers are text


def connection(**settings: object) -> Connection[WhatsAppSettings]:
    return Connection("whatsapp", WhatsAppSettings.model_validate({**SETTINGS, **settings}), URL)


def channel(address: str = OURS, **settings: object) -> Channel[WhatsAppSettings]:
    return Channel("channel-1", address, connection(**settings))


def events(document: object) -> list[Event]:
    return PLUGIN.translate(connection(), webhook(document))


def outgoing(text: str = "Hello", **more: object) -> OutgoingMessage:
    values: dict[str, object] = {"id": "m-1", "to": THEIRS, "text": text, "status_url": STATUS_URL, **more}
    return OutgoingMessage(**values)  # type: ignore[arg-type]  # a short way to write tests
