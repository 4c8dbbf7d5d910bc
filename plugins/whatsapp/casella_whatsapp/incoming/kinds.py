"""What each kind of message says: its text, its files, and small facts.

Nothing a person could read is lost: what has no reader of its own is shown line by line. Ids and addresses of the
provider are cut to what a fact may have; words never are."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from casella.plugin import MediaRef
from casella.plugin.events import AttachmentKind, MessageKind
from casella_whatsapp.reading import Document, items, lines, mapping, number, whole, word

_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+_-]*")
_SHORT = 300
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


def _text(message: Document, text: Document) -> Said:
    body = word(text.get("body"))
    return Said("text", body) if body else _unsupported(message, "text")


def _media(message: Document, media: Document) -> Said:
    kind = _MEDIA[word(message.get("type"))]
    if kind == "audio" and media.get("voice") is True:
        kind = "voice"
    reference = word(media.get("id"))
    if not reference:
        return _unsupported(message, kind)
    facts = {"animated": "yes"} if media.get("animated") is True else {}
    ref = MediaRef(
        ref=reference[:_SHORT],
        kind=kind,
        mime=_mime(word(media.get("mime_type"))),
        name=word(media.get("filename"))[:_SHORT] or None,
        sha256=_hex_digest(word(media.get("sha256"))),
    )
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
            facts[name] = value
    words = ", ".join(facts[name] for name in ("name", "address") if name in facts)
    return Said("location", words or f"{facts['latitude']}, {facts['longitude']}", (), facts)


_COMMON_LABELS = frozenset({"CELL", "MAIN", "IPHONE", "HOME", "WORK", "MOBILE", "PHONE", "OTHER", "INTERNET", "VOICE"})


def _contacts(message: Document, _: Document) -> Said:
    cards = [line for card in items(message.get("contacts")) if (line := _card(mapping(card)))]
    return Said("contacts", "\n".join(cards)) if cards else _unsupported(message, "contacts")


def _labelled(entry: Document, *names: str) -> str:
    """A number or an address, with what its owner calls it where that is a word of his own."""
    value = next((found for name in names if (found := word(entry.get(name)))), "")
    label = word(entry.get("type"))
    return f"{value} ({label})" if value and label and label.upper() not in _COMMON_LABELS else value


def _card(card: Document) -> str:
    """The name, the numbers, the addresses, then whatever else the card holds."""
    name = mapping(card.get("name"))
    called = word(name.get("formatted_name")) or " ".join(
        part for key in ("prefix", "first_name", "middle_name", "last_name", "suffix") if (part := word(name.get(key)))
    )
    phones = [_labelled(mapping(phone), "phone", "wa_id") for phone in items(card.get("phones"))]
    emails = [_labelled(mapping(email), "email") for email in items(card.get("emails"))]
    company = [word(one) for one in mapping(card.get("org")).values()]
    rest = {key: one for key, one in card.items() if key not in ("name", "phones", "emails", "org", "origin")}
    others = [line.partition(": ")[2] for line in lines(rest)]
    return ", ".join(part for part in (called, *phones, *emails, *company, *others) if part)


def _reaction(message: Document, _: Document) -> Said:
    return _unsupported(message, "reaction")  # one without its message; the others are events of their own


def _button(message: Document, button: Document) -> Said:
    """A quick reply of a template."""
    text, payload = word(button.get("text")), word(button.get("payload"))
    return (
        Said("button", text or payload, (), _payload(payload)) if text or payload else _unsupported(message, "button")
    )


def _interactive(message: Document, interactive: Document) -> Said:
    kind = word(interactive.get("type"))
    reply = mapping(interactive.get(kind))
    if kind in ("button_reply", "list_reply") and reply:
        facts = _payload(word(reply.get("id")))
        if description := word(reply.get("description")):
            facts["description"] = description
        title = word(reply.get("title")) or word(reply.get("id"))
        return Said("button" if kind == "button_reply" else "interactive", title, (), facts)
    if kind == "nfm_reply" and reply:
        return _form(reply)
    if kind == "call_permission_reply" and reply:
        return Said("interactive", word(reply.get("response")), (), {"call_permission": word(reply.get("response"))})
    return _unsupported(message, f"interactive {kind}".strip())


def _form(reply: Document) -> Said:
    """What the customer filled in: whole, as WhatsApp gives it, and in words, because people, search and rules look
    there."""
    response = whole(reply.get("response_json"))
    try:
        answers = lines(orjson.loads(response))
    except ValueError:
        answers = [response]
    words = [word(reply.get("body")), *answers]
    facts = {"flow": word(reply.get("name"))[:_SHORT], "response": response}
    text = "\n".join(line for line in words if line)
    return Said("interactive", text, (), {name: value for name, value in facts.items() if value})


def _payload(payload: str) -> dict[str, str]:
    return {"payload": payload[:1000]} if payload else {}


def _order(_: Document, order: Document) -> Said:
    positions = [_position(mapping(item)) for item in items(order.get("product_items"))]
    words = "\n".join(line for line in (word(order.get("text")), *positions) if line)
    catalog = word(order.get("catalog_id"))
    return Said("interactive", words, (), {"catalog": catalog[:_SHORT]} if catalog else {})


def _position(item: Document) -> str:
    quantity, price = item.get("quantity"), number(item.get("item_price"))
    amount = f" {price:.2f} {word(item.get('currency'))}".rstrip() if price is not None else ""
    called = word(item.get("name")) or word(item.get("title"))
    product = " ".join(part for part in (called, word(item.get("product_retailer_id"))) if part)
    return f"{word(quantity) or '1'} × {product}{amount and ' à' + amount}"


def _unsupported(message: Document, kind: str) -> Said:
    """Shown as a message that cannot be shown: with a sentence about it, and every word it holds."""
    first = mapping(next(iter(items(message.get("errors"))), None))
    more = word(mapping(message.get("unsupported")).get("type"))
    code = word(first.get("code"))
    facts = {"kind": (more or kind)[:_SHORT], "error": code[:_SHORT]}
    own = word(message.get("type"))
    held = lines(message.get(own)) if own != "unsupported" else []
    if own != "text":  # of a kind that is not known, the words may stand where a text has them
        held.append(word(mapping(message.get("text")).get("body")))
    held += lines({name: value for name, value in message.items() if name not in {*_AROUND, "text", own}})
    said = [_SENTENCES.get(code, ""), *_explained(first)] if first else []
    text = "\n".join(dict.fromkeys(line for line in (*said, *held) if line))
    return Said("unsupported", text, (), {name: value for name, value in facts.items() if value})


#: What every message has around what it says.
_AROUND = frozenset({
    "from", "from_user_id", "from_parent_user_id", "to", "to_user_id", "id", "timestamp", "type", "context", "errors",
    "unsupported", "group_id", "referral", "recipient_type", "status", "username", "history_context",
})  # fmt: skip


def _explained(error: Document) -> list[str]:
    """WhatsApp's own words, each once: title, message and details often say the same."""
    found = (mapping(error.get("error_data")).get("details"), error.get("message"), error.get("title"))
    said: list[str] = []
    for words in (word(one).strip() for one in found):
        if words and not any(words.rstrip(".") in other for other in said):
            said.append(words)
    return said


_SENTENCES = {
    "131051": "WhatsApp does not pass on messages of this kind.",
    "131060": "This message cannot be shown here: look for it in the WhatsApp Business app.",
}


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
