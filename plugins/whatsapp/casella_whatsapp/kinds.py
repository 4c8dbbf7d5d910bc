"""What each kind of message says: its text, its files, and small facts."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass, field

from casella.plugin import MediaRef
from casella.plugin.events import AttachmentKind, MessageKind
from casella_whatsapp.reading import Document, items, mapping, number, word

_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+_-]*")
_SHORT, _LONG = 300, 4000
_MEDIA: dict[str, AttachmentKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "document",
    "sticker": "sticker",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, in words every channel shares."""

    kind: MessageKind
    text: str = ""
    attachments: tuple[MediaRef, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


def say(message: Document) -> Said:
    """The content of a message of any kind; one that is not known is `unsupported`."""
    kind = word(message.get("type"))
    reader = _READERS.get(kind)
    if reader is None:
        return _unsupported(message, kind)
    return reader(message, mapping(message.get(kind)))


def _text(_: Document, text: Document) -> Said:
    return Said("text", word(text.get("body")))


def _media(message: Document, media: Document) -> Said:
    kind = _MEDIA[word(message.get("type"))]
    if kind == "audio" and media.get("voice") is True:
        kind = "voice"
    reference = word(media.get("id"))
    if not reference:
        return _unsupported(message, kind)
    ref = MediaRef(
        ref=reference[:_SHORT],
        kind=kind,
        mime=_mime(word(media.get("mime_type"))),
        name=word(media.get("filename"))[:_SHORT] or None,
        sha256=_hex_digest(word(media.get("sha256"))),
    )
    facts = {"animated": "yes"} if media.get("animated") is True else {}
    return Said(kind, word(media.get("caption")), (ref,), facts)


def _mime(given: str) -> str:
    mime = given.partition(";")[0].strip().lower()
    return mime[:127] if _MIME.fullmatch(mime) else "application/octet-stream"


def _hex_digest(given: str) -> str | None:
    """It is base64 here and hexadecimal at the media endpoint; we keep the latter."""
    try:
        digest = b64decode(given, validate=True)
    except (Base64Error, ValueError):
        return None
    return digest.hex() if len(digest) == 32 else None


def _location(message: Document, place: Document) -> Said:
    latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
    if latitude is None or longitude is None:
        return _unsupported(message, "location")
    facts = {"latitude": f"{latitude:.7g}", "longitude": f"{longitude:.7g}"}
    for name in ("name", "address", "url"):
        if value := word(place.get(name)):
            facts[name] = value[:_SHORT]
    words = ", ".join(facts[name] for name in ("name", "address") if name in facts)
    return Said("location", words or f"{facts['latitude']}, {facts['longitude']}", (), facts)


def _contacts(message: Document, _: Document) -> Said:
    lines = [line for card in items(message.get("contacts")) if (line := _card(mapping(card)))]
    return Said("contacts", "\n".join(lines)[:_LONG]) if lines else _unsupported(message, "contacts")


def _card(card: Document) -> str:
    name = word(mapping(card.get("name")).get("formatted_name"))
    phones = [word(mapping(phone).get("phone")) for phone in items(card.get("phones"))]
    emails = [word(mapping(email).get("email")) for email in items(card.get("emails"))]
    company = word(mapping(card.get("org")).get("company"))
    return ", ".join(part for part in (name, *phones, *emails, company) if part)


def _reaction(message: Document, _: Document) -> Said:
    return _unsupported(message, "reaction")  # one without its message; the others are events of their own


def _button(_: Document, button: Document) -> Said:
    """A quick reply of a template."""
    return Said("button", word(button.get("text")), (), _payload(word(button.get("payload"))))


def _interactive(message: Document, interactive: Document) -> Said:
    kind = word(interactive.get("type"))
    reply = mapping(interactive.get(kind))
    if kind in ("button_reply", "list_reply"):
        facts = _payload(word(reply.get("id")))
        if description := word(reply.get("description")):
            facts["description"] = description[:_SHORT]
        return Said("button" if kind == "button_reply" else "interactive", word(reply.get("title")), (), facts)
    if kind == "nfm_reply":
        facts = {"flow": word(reply.get("name"))[:_SHORT], "response": word(reply.get("response_json"))[:_LONG]}
        return Said("interactive", word(reply.get("body")), (), {name: value for name, value in facts.items() if value})
    if kind == "call_permission_reply":
        return Said("interactive", word(reply.get("response")), (), {"call_permission": word(reply.get("response"))})
    return _unsupported(message, f"interactive {kind}".strip())


def _payload(payload: str) -> dict[str, str]:
    return {"payload": payload[:1000]} if payload else {}


def _order(_: Document, order: Document) -> Said:
    lines = [_position(mapping(item)) for item in items(order.get("product_items"))]
    words = "\n".join(line for line in (word(order.get("text")), *lines) if line)
    catalog = word(order.get("catalog_id"))
    return Said("interactive", words[:_LONG], (), {"catalog": catalog[:_SHORT]} if catalog else {})


def _position(item: Document) -> str:
    quantity, price = item.get("quantity"), number(item.get("item_price"))
    amount = f" {price:.2f} {word(item.get('currency'))}".rstrip() if price is not None else ""
    return f"{word(quantity) or '1'} × {word(item.get('product_retailer_id'))}{amount and ' à' + amount}"


def _unsupported(message: Document, kind: str) -> Said:
    """Shown as a message that cannot be shown; which kind it was, and what WhatsApp says of it, is kept."""
    first = mapping(next(iter(items(message.get("errors"))), None))
    more = word(mapping(message.get("unsupported")).get("type"))
    facts = {"kind": (more or kind)[:_SHORT], "error": word(first.get("code"))[:_SHORT]}
    return Said("unsupported", "", (), {name: value for name, value in facts.items() if value})


_READERS: dict[str, Callable[[Document, Document], Said]] = {
    "text": _text,
    **dict.fromkeys(_MEDIA, _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
}
