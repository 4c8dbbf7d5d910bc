"""What Telnyx sends us (channels.md §3.2): signed JSON, one event per request.

verify     content type (415), Ed25519 over timestamp|body, at most 300 s old (403), well formed (400)
translate  message.received; message.sent, finalized and read for each recipient; anything else is kept
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from urllib.parse import parse_qs

import orjson
from cryptography.exceptions import InvalidSignature

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
from casella_sms.keywords import TELNYX_WORDS
from casella_sms.numbers import is_e164
from casella_sms.telnyx.errors import delivery_problem
from casella_sms.telnyx.settings import TelnyxSettings

SIGNATURE_HEADER, TIMESTAMP_HEADER = "telnyx-signature-ed25519", "telnyx-timestamp"
WINDOW_SECONDS = 300
_NEWS: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivery_unconfirmed": "sent",  # the carrier tells no more
    "delivered": "delivered",
    "read": "read",
    "sending_failed": "failed",
    "delivery_failed": "failed",
    "expired": "failed",
}
_NO_NEWS = frozenset({"queued", "sending", ""})
_OUTGOING = frozenset({"message.sent", "message.finalized", "message.read"})
Node = dict[str, object]


def verify(settings: TelnyxSettings, webhook: Webhook) -> Verdict:
    if webhook.method != "POST" or webhook.content_type != "application/json":
        return Verdict.refused(415, "unsupported_content_type")
    problem = _signature_problem(settings, webhook)
    if problem:
        return Verdict.refused(403, problem)
    payload = webhook.once(_event)
    if payload is None:
        return Verdict.refused(400, "malformed_request")
    return Verdict.authentic()


def _signature_problem(settings: TelnyxSettings, webhook: Webhook) -> str | None:
    signature, timestamp = (webhook.headers.get(name, "") for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER))
    if not signature or not timestamp:
        return "missing_signature"
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "bad_timestamp"
    try:
        settings.key.verify(b64decode(signature, validate=True), timestamp.encode() + b"|" + webhook.body)
    except (InvalidSignature, Base64Error, ValueError):
        return "bad_signature"
    age = abs(webhook.received_at.timestamp() - int(timestamp))
    return "stale_signature" if age > WINDOW_SECONDS else None


def translate(settings: TelnyxSettings, webhook: Webhook) -> list[Event]:
    event = webhook.once(_event)
    if event is None:
        return [unreadable(webhook.body)]
    kind, payload = text_of(event.get("event_type"), 64), _object(event.get("payload"))
    if kind == "message.received":
        return _received(settings, payload)
    if kind in _OUTGOING:
        return _statuses(payload, event, webhook)
    return [_kept(_recipient(payload), _phone(payload.get("from")), f"An event of the kind {kind}.", payload)]


def _event(webhook: Webhook) -> Node | None:
    """The `data` of the request; None if it cannot be read."""
    try:
        document = orjson.loads(webhook.body)
    except ValueError:
        return None
    data = document.get("data") if isinstance(document, dict) else None
    return data if isinstance(data, dict) else None


def _received(settings: TelnyxSettings, payload: Node) -> list[Event]:
    ours, theirs = _recipient(payload), _phone(payload.get("from"))
    message_id, written = any_id_of(payload.get("id")), text_of(payload.get("text")) or _rich_words(payload)
    if not ours:
        return [unreadable(payload)]
    if not message_id:
        return [_kept(ours, theirs, "A message without an id.", payload)]
    subject = text_of(payload.get("subject"))
    attachments, text = _attachments(payload), with_subject(subject, written)
    place = {} if text.strip() or attachments else _place(payload)
    keyword = settings.keyword_list.match(written)
    everybody = (_phone(entry) for name in ("to", "cc") for entry in _list(payload.get(name)))
    facts = also_to(everybody, ours, theirs) | ({"keyword": keyword} if keyword else {})
    message = MessageReceived(
        channel_address=ours,
        contact_address=sender_of(theirs, ours, message_id),
        external_id=message_id,
        provider_time=iso_time(payload.get("received_at")),
        message_kind="location" if place else kind_of(attachments) or "text",
        text=", ".join(place.values()) if place else text,
        subject=subject.strip(),
        attachments=attachments,
        provider_replies=written.strip().lower() in TELNYX_WORDS,
        replyable=is_e164(theirs),
        metadata=facts | place,
    )
    return with_consent(message, keyword, settings.messaging_profile_id or "")


def _rich_words(payload: Node) -> str:
    """Of a message by RCS, whose words are in a body of their own: written, or said by pressing a suggestion. Telnyx's
    page "Receiving RCS webhooks" names `text`, `suggestion_response`, `user_file` and `location`; what is in each is
    taken from Google's schema, to which it refers."""
    body = payload.get("body")
    parts = [body, *body.values()] if isinstance(body, dict) else []
    found = (text_of(part.get("text")) for part in parts if isinstance(part, dict))
    return "\n".join(dict.fromkeys(words for words in found if words))


def _place(payload: Node) -> dict[str, str]:
    """Where somebody says that he is, by RCS."""
    place = _object(_object(payload.get("body")).get("location"))
    found = {name: place.get(name) for name in ("latitude", "longitude")}
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in found.values()):
        return {}
    return {name: f"{one:.7g}" for name, one in found.items()}


def _rich_files(payload: Node) -> list[Node]:
    """Of a message by RCS: the file itself, and not its small picture, written as Telnyx writes the others."""
    file = _object(_object(_object(payload.get("body")).get("user_file")).get("payload"))
    return (
        [{"url": file["file_uri"], "content_type": file.get("mime_type"), "size": file.get("file_size_bytes")}]
        if file.get("file_uri")
        else []
    )


def _kept(ours: str, theirs: str, what: str, payload: Node) -> Event:
    raw = orjson.dumps(payload).decode().replace("\\u0000", "")[:4000]
    return Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=raw)


def _recipient(payload: Node) -> str:
    """Our number among the recipients: the one the webhook is about."""
    entries = [entry for entry in _list(payload.get("to")) if isinstance(entry, dict)]
    about = [entry for entry in entries if entry.get("status") == "webhook_delivered"]
    return next((number for entry in (*about, *entries) if (number := _phone(entry))), "")


def _attachments(payload: Node) -> tuple[MediaRef, ...]:
    written = [*_list(payload.get("media"))[:20], *_rich_files(payload)]
    entries = (entry for entry in written if isinstance(entry, dict))
    return tuple(
        media_ref(url, text_of(entry.get("content_type"), 127), entry.get("size"))
        for entry in entries
        if (url := text_of(entry.get("url"), 4_000))
    )


def _statuses(payload: Node, event: Node, webhook: Webhook) -> list[Event]:
    ours, message_id = _phone(payload.get("from")), any_id_of(payload.get("id"))
    entries = [entry for entry in _list(payload.get("to")) if isinstance(entry, dict)]
    if not (ours and message_id):
        return []
    found = [_status(ours, message_id, entry, payload, event, webhook) for entry in entries[:20]]
    return [one for one in found if one is not None]


def _status(ours: str, message_id: str, entry: Node, payload: Node, event: Node, webhook: Webhook) -> Event | None:
    theirs, reported = _phone(entry), text_of(entry.get("status"), 64)
    if not theirs or reported in _NO_NEWS:
        return None
    news = _NEWS.get(reported)
    if news is None:
        return Unsupported(channel_address=ours, contact_address=theirs, what=f"Unknown status: {reported}")
    return MessageStatusChanged(
        channel_address=ours,
        contact_address=theirs,
        external_id=message_id,
        status=news,
        message_id=_our_id(webhook),
        provider_time=iso_time(event.get("occurred_at")),
        problem=delivery_problem(payload.get("errors"), reported) if news == "failed" else None,
    )


def _our_id(webhook: Webhook) -> str | None:
    """Our own id, which we put into the callback's address."""
    return id_of(parse_qs(webhook.query[:2000]).get("message_id", [""])[0]) or None


def _phone(value: object) -> str:
    return address_of(value.get("phone_number")) if isinstance(value, dict) else ""


def _object(value: object) -> Node:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
