"""Webhooks as Meta sends them for pages and Instagram accounts, and the settings that fit them."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from hashlib import sha256

from pydantic import BaseModel

from casella.plugin import Channel, Connection, Event, OutgoingMessage, Webhook
from casella_meta.channel import InstagramChannel, MessengerChannel
from casella_meta.settings import InstagramSettings, MessengerSettings

SECRET = "9d2f0c6b7a184e53bb10c2d4e6f80a1c"
PAGE, OTHER_PAGE, PERSON = "314500", "314501", "730100"
ACCOUNT, FOLLOWER = "178400", "118700"
TOKEN = "EAApage-token-of-the-test"
COMMON: dict[str, object] = {"app_secret": SECRET, "verify_token": "verify-token-of-the-test"}
MESSENGER_SETTINGS: dict[str, object] = {
    **COMMON,
    "human_agent": True,
    "pages": {PAGE: TOKEN, OTHER_PAGE: "second-token"},
}
INSTAGRAM_SETTINGS: dict[str, object] = {**COMMON, "accounts": {ACCOUNT: TOKEN}}
URL = "https://desk.example/webhooks/meta"
STATUS_URL = f"{URL}?message_id=m-1"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = 1789387200250
THEN = datetime(2026, 9, 14, 12, 0, 0, 250_000, tzinfo=UTC)
MESSENGER, INSTAGRAM = MessengerChannel(), InstagramChannel()


def update(page: str = PAGE, person: str = PERSON, **what: object) -> dict[str, object]:
    """One element of `messaging`, from the person to the page."""
    return {"sender": {"id": person}, "recipient": {"id": page}, "timestamp": AT, **what}


def echo(page: str = PAGE, person: str = PERSON, **message: object) -> dict[str, object]:
    return {
        "sender": {"id": page},
        "recipient": {"id": person},
        "timestamp": AT,
        "message": {"is_echo": True, **message},
    }


def entry(*updates: object, page: str = PAGE, name: str = "messaging") -> dict[str, object]:
    return {"id": page, "time": AT + 250, name: list(updates)}


def page_body(*entries: dict[str, object]) -> dict[str, object]:
    return {"object": "page", "entry": list(entries)}


def instagram_body(*updates: object) -> dict[str, object]:
    return {"object": "instagram", "entry": [entry(*updates, page=ACCOUNT)]}


def signature_of(content: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), content, sha256).hexdigest()


def webhook(document: object, secret: str = SECRET) -> Webhook:
    """A signed POST, with what is not ASCII escaped as Meta escapes it."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": signature_of(content, secret)}
    return Webhook("POST", URL, "", headers, content, NOON)


def messenger(**settings: object) -> Channel[MessengerSettings]:
    model = MessengerSettings.model_validate({**MESSENGER_SETTINGS, **settings})
    return Channel("channel-1", PAGE, Connection("messenger", model, URL))


def instagram(**settings: object) -> Channel[InstagramSettings]:
    model = InstagramSettings.model_validate({**INSTAGRAM_SETTINGS, **settings})
    return Channel("channel-2", ACCOUNT, Connection("instagram", model, URL))


def page_events(*updates: object, name: str = "messaging") -> list[Event]:
    return MESSENGER.translate(messenger().connection, webhook(page_body(entry(*updates, name=name))))


def instagram_events(*updates: object) -> list[Event]:
    return INSTAGRAM.translate(instagram().connection, webhook(instagram_body(*updates)))


def outgoing(text: str = "Hello", **more: object) -> OutgoingMessage:
    values: dict[str, object] = {"id": "m-1", "to": PERSON, "text": text, "status_url": STATUS_URL, **more}
    return OutgoingMessage(**values)  # type: ignore[arg-type]  # a short way to write tests


def secret_of(settings: BaseModel) -> str:
    assert isinstance(settings, MessengerSettings | InstagramSettings)
    return settings.app_secret.get_secret_value()
