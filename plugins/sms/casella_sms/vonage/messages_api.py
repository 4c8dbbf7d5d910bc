"""The Messages API's webhooks: messages (joined already) and receipts, of SMS and MMS. WhatsApp and others that the
same account may have are not taken here."""

from __future__ import annotations

from casella.plugin import Event, MediaRef, MessageReceived, MessageStatusChanged, Unsupported
from casella.plugin.events import DeliveryStatus
from casella_sms.arrivals import (
    any_id_of,
    id_of,
    iso_time,
    kind_of,
    media_ref,
    sender_of,
    text_of,
    unreadable,
    with_consent,
)
from casella_sms.vonage.errors import delivery_problem
from casella_sms.vonage.numbers import international, is_replyable
from casella_sms.vonage.settings import VonageSettings

_NEWS: dict[str, DeliveryStatus] = {
    "submitted": "sent",
    "delivered": "delivered",
    "read": "read",
    "rejected": "failed",
    "undeliverable": "failed",
}
_CARRIED = frozenset({"", "sms", "mms"})
_MEDIA = ("image", "video", "audio", "vcard", "file")
Node = dict[str, object]


def translate(settings: VonageSettings, document: Node) -> list[Event]:
    theirs, ours = international(text_of(document.get("from"))), international(text_of(document.get("to")))
    external_id = any_id_of(document.get("message_uuid"))
    if not ours:
        return [unreadable(document)]
    if not external_id:
        return [Unsupported(channel_address=ours, contact_address=theirs, what="A message without an id.")]
    is_status = "status" in document
    channel = text_of(document.get("channel"), 64)
    if channel not in _CARRIED:
        ours, theirs = (theirs, ours) if is_status else (ours, theirs)
        what = f"A {channel} message through Vonage: this channel type carries SMS and MMS only."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what)]
    if is_status:
        return _status(document, theirs, ours, external_id)
    return _received(settings, document, ours, sender_of(theirs, ours, external_id), external_id)


def _received(settings: VonageSettings, document: Node, ours: str, theirs: str, external_id: str) -> list[Event]:
    attachments = tuple(_attachments(document))
    caption = next((text_of(one.get("caption")) for one in _media(document) if one.get("caption")), "")
    text = text_of(document.get("text")) or caption
    keyword = settings.keyword_list.match(text)
    message = MessageReceived(
        channel_address=ours,
        contact_address=theirs,
        external_id=external_id,
        provider_time=iso_time(document.get("timestamp")),
        message_kind=kind_of(attachments) or ("text" if text or "text" in document else "unsupported"),
        text=text,
        attachments=attachments,
        replyable=is_replyable(theirs),
        metadata={"keyword": keyword} if keyword else {},
    )
    return with_consent(message, keyword)


def _attachments(document: Node) -> list[MediaRef]:
    urls = ((text_of(one.get("url"), 4_000), text_of(one.get("name"), 200)) for one in _media(document))
    return [media_ref(url).model_copy(update={"name": name or None}) for url, name in urls if url]


def _media(document: Node) -> list[Node]:
    """One object under the name of its kind, or several under `content`."""
    content = document.get("content")
    several = content[:20] if isinstance(content, list) else []
    return [one for one in (*(document.get(kind) for kind in _MEDIA), *several) if isinstance(one, dict)]


def _status(document: Node, ours: str, theirs: str, external_id: str) -> list[Event]:
    reported = text_of(document.get("status"), 64)
    news = _NEWS.get(reported)
    if news is None:
        return [Unsupported(channel_address=ours, contact_address=theirs, what=f"Unknown status: {reported}")]
    event = MessageStatusChanged(
        channel_address=ours,
        contact_address=theirs,
        external_id=external_id,
        status=news,
        message_id=id_of(text_of(document.get("client_ref")).partition("|")[0]) or None,
        provider_time=iso_time(document.get("timestamp")),
        problem=delivery_problem(_code(document.get("error")), reported) if news == "failed" else None,
    )
    return [event]


def _code(error: object) -> str:
    """`title` is the code; the address of its explanation ends in it too."""
    if not isinstance(error, dict):
        return ""
    title, page = text_of(error.get("title"), 64), text_of(error.get("type"), 400)
    return title if title.isdigit() else page.rpartition("#")[2][:16]
