"""What Bandwidth sends us (channels.md §3.3): a JSON array of events, with HTTP Basic and no signature.

verify     Basic (401), content type (415), well formed (400)
translate  every element on its own: message-received, message-delivered, message-failed, message-sending
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from binascii import Error as Base64Error

import orjson

from casella.plugin import Event, MediaRef, MessageReceived, MessageStatusChanged, Unsupported, Verdict, Webhook
from casella.plugin.events import DeliveryStatus
from casella_sms.arrivals import (
    address_of,
    also_to,
    any_id_of,
    id_of,
    iso_time,
    kind_of,
    media_ref,
    sender_of,
    text_of,
    unreadable,
    with_consent,
    with_subject,
)
from casella_sms.bandwidth.errors import delivery_problem
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.keywords import TOLL_FREE_WORDS
from casella_sms.numbers import is_e164, is_toll_free

_NEWS: dict[str, DeliveryStatus] = {
    "message-sent": "sent",
    "message-delivered": "delivered",
    "message-read": "read",
    "message-failed": "failed",
}
_NO_NEWS = frozenset({"message-sending"})
_LAYOUT = re.compile(r"\.(?:smil|xml)(?:\?|$)", re.IGNORECASE)
Node = dict[str, object]


def verify(settings: BandwidthSettings, webhook: Webhook) -> Verdict:
    if not _is_theirs(settings, webhook):
        return Verdict.refused(401, "bad_credentials")
    if webhook.method != "POST" or webhook.content_type != "application/json":
        return Verdict.refused(415, "unsupported_content_type")
    return Verdict.authentic() if webhook.once(_elements) is not None else Verdict.refused(400, "malformed_request")


def _is_theirs(settings: BandwidthSettings, webhook: Webhook) -> bool:
    """Both halves are compared whatever the first comparison says, and in constant time."""
    scheme, _, given = webhook.headers.get("authorization", "").partition(" ")
    try:
        login = b64decode(given, validate=True)
    except (Base64Error, ValueError):
        return False
    expected = f"{settings.webhook_username}:{settings.webhook_password.get_secret_value()}".encode()
    return hmac.compare_digest(login, expected) and scheme.lower() == "basic"


def translate(settings: BandwidthSettings, webhook: Webhook) -> list[Event]:
    return [event for element in webhook.once(_elements) or () for event in _events(settings, element)]


def _elements(webhook: Webhook) -> tuple[Node, ...] | None:
    """The objects of the array; None if the body is none."""
    try:
        document = orjson.loads(webhook.body)
    except ValueError:
        return None
    if not isinstance(document, list):
        return None
    return tuple(element for element in document if isinstance(element, dict))


def _events(settings: BandwidthSettings, element: Node) -> list[Event]:
    message, kind = element.get("message"), text_of(element.get("type"), 64)
    if not isinstance(message, dict):
        what = f"An event of the kind {kind}, without a message."
        return [Unsupported(channel_address=address_of(element.get("to")), contact_address="", what=what)]
    if kind == "message-received":
        return _received(settings, element, message)
    return _status(kind, element, message)


def _received(settings: BandwidthSettings, element: Node, message: Node) -> list[Event]:
    """To a group, one event comes for each of our numbers, with an id of its own: `owner` says which."""
    ours = address_of(message.get("owner")) or address_of(element.get("to"))
    theirs, message_id, written = (
        address_of(message.get("from")),
        any_id_of(message.get("id")),
        text_of(message.get("text")),
    )
    if not ours:
        return [unreadable(element)]
    if not message_id:
        what = "A message without an id."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what)]
    subject = text_of(message.get("subject"))
    attachments, text = _attachments(message), with_subject(subject, written)
    keyword = settings.keyword_list.match(written)
    recipients = message.get("to")
    everybody = (address_of(one) for one in (recipients if isinstance(recipients, list) else []))
    facts = also_to(everybody, ours, theirs) | ({"keyword": keyword} if keyword else {})
    received = MessageReceived(
        channel_address=ours,
        contact_address=sender_of(theirs, ours, message_id),
        external_id=message_id,
        provider_time=iso_time(message.get("time")) or iso_time(element.get("time")),
        message_kind=kind_of(attachments) or "text",
        text=text,
        subject=subject.strip(),
        attachments=attachments,
        provider_replies=is_toll_free(ours) and written.strip().lower() in TOLL_FREE_WORDS,
        replyable=is_e164(theirs),
        metadata=facts,
    )
    return with_consent(received, keyword)


def _attachments(message: Node) -> tuple[MediaRef, ...]:
    """Without the layout file that carriers put in front of the pictures."""
    media = message.get("media")
    urls = [text_of(url, 4_000) for url in (media if isinstance(media, list) else [])[:20]]
    return tuple(media_ref(url) for url in urls if url and not _LAYOUT.search(url))


def _status(kind: str, element: Node, message: Node) -> list[Event]:
    ours = address_of(message.get("owner")) or address_of(message.get("from"))
    recipients = message.get("to")
    first = recipients[0] if isinstance(recipients, list) and recipients else None
    theirs, message_id = address_of(element.get("to")) or address_of(first), any_id_of(message.get("id"))
    if not (ours and theirs and message_id) or kind in _NO_NEWS:
        return []
    news = _NEWS.get(kind)
    if news is None:
        return [Unsupported(channel_address=ours, contact_address=theirs, what=f"Unknown event: {kind}")]
    event = MessageStatusChanged(
        channel_address=ours,
        contact_address=theirs,
        external_id=message_id,
        status=news,
        message_id=id_of(message.get("tag")) or None,
        provider_time=iso_time(element.get("time")),
        problem=delivery_problem(element.get("errorCode")) if news == "failed" else None,
    )
    return [event]
