"""The JSON of an outgoing message (channels.md §5.4), and what WhatsApp would refuse in it."""

from __future__ import annotations

from collections.abc import Sequence

from casella.plugin import (
    ButtonsContent,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    LocationContent,
    OutgoingAttachment,
    OutgoingMessage,
    ReactionContent,
    SendRejected,
    TemplateContent,
)
from casella_whatsapp.identity import is_user_id

Json = dict[str, object]
_BODY, _HEADER, _TITLE, _ROW_TITLE, _ROW_TEXT, _ROW_ID = 1024, 60, 20, 24, 72, 200
_IMAGES = frozenset({"image/jpeg", "image/png"})
_VIDEOS = frozenset({"video/mp4", "video/3gpp"})
_AUDIO = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})


def envelope(message: OutgoingMessage) -> Json:
    """Everything but what the message says. Our id comes back with its receipts."""
    to = {"recipient": message.to} if is_user_id(message.to) else {"to": message.to.removeprefix("+")}
    whole: Json = {"messaging_product": "whatsapp", "recipient_type": "individual", **to}
    if message.reply_to and not isinstance(message.content, ReactionContent):
        whole["context"] = {"message_id": message.reply_to}
    whole["biz_opaque_callback_data"] = message.id
    return whole


def text_part(text: str) -> Json:
    return {"type": "text", "text": {"body": text, "preview_url": False}}


def media_kind(attachment: OutgoingAttachment) -> str:
    """As what a file goes: everything WhatsApp cannot show itself is a document."""
    if attachment.kind == "voice":
        return "audio"
    if attachment.kind == "sticker" and attachment.mime == "image/webp":
        return "sticker"
    for kind, mimes in (("image", _IMAGES), ("video", _VIDEOS), ("audio", _AUDIO)):
        if attachment.kind == kind and attachment.mime in mimes:
            return kind
    return "document"


def media_part(attachment: OutgoingAttachment, source: Json, caption: str) -> Json:
    """`source`: {"id": …} of an upload, or {"link": …}."""
    kind = media_kind(attachment)
    media: Json = dict(source)
    if caption:
        media["caption"] = caption
    if kind == "document":
        media["filename"] = attachment.name
    if attachment.kind == "voice":
        media["voice"] = True
    return {"type": kind, kind: media}


def content_part(content: Content, message: OutgoingMessage) -> Json:
    """Raises SendRejected for what WhatsApp would refuse."""
    match content:
        case LocationContent():
            return {"type": "location", "location": _location(content)}
        case ContactsContent():
            return {"type": "contacts", "contacts": [_card(card) for card in content.cards]}
        case ReactionContent():
            return {"type": "reaction", "reaction": {"message_id": message.reply_to or "", "emoji": content.emoji}}
        case ButtonsContent():
            return _interactive("button", message.text, content, {"buttons": [_button(c) for c in content.choices]})
        case ListContent():
            return _interactive("list", message.text, content, _list(content))
        case TemplateContent():
            return {"type": "template", "template": _template(content)}


def _location(place: LocationContent) -> Json:
    named = {name: value for name in ("name", "address") if (value := getattr(place, name))}
    return {"latitude": place.latitude, "longitude": place.longitude, **named}


def _card(card: ContactCard) -> Json:
    first, _, last = card.name.partition(" ")
    whole: Json = {"name": {"formatted_name": card.name, "first_name": first, **({"last_name": last} if last else {})}}
    if card.phones:
        whole["phones"] = [{"phone": phone, "type": "CELL"} for phone in card.phones]
    if card.emails:
        whole["emails"] = [{"email": email, "type": "WORK"} for email in card.emails]
    if card.company:
        whole["org"] = {"company": card.company}
    return whole


def _interactive(kind: str, body: str, content: ButtonsContent | ListContent, action: Json) -> Json:
    _at_most(body, _BODY, "The text beside buttons or a list")
    whole: Json = {"type": kind, "body": {"text": body}, "action": action}
    if content.header:
        whole["header"] = {"type": "text", "text": _at_most(content.header, _HEADER, "The header")}
    if content.footer:
        whole["footer"] = {"text": _at_most(content.footer, _HEADER, "The footer")}
    return {"type": "interactive", "interactive": whole}


def _button(choice: Choice) -> Json:
    return {"type": "reply", "reply": {"id": choice.id, "title": _at_most(choice.title, _TITLE, "A button's title")}}


def _list(content: ListContent) -> Json:
    sections: list[Json] = []
    for section in content.sections:
        titled: Json = {"title": _at_most(section.title, _ROW_TITLE, "A section's title")} if section.title else {}
        if not titled and len(content.sections) > 1:
            raise SendRejected("Every section of a list needs a title when there are several.")
        sections.append({**titled, "rows": [_row(choice) for choice in section.choices]})
    return {"button": _at_most(content.button, _TITLE, "The list's button"), "sections": sections}


def _row(choice: Choice) -> Json:
    row: Json = {"id": _at_most(choice.id, _ROW_ID, "A row's id")}
    row["title"] = _at_most(choice.title, _ROW_TITLE, "A row's title")
    if choice.description:
        row["description"] = _at_most(choice.description, _ROW_TEXT, "A row's description")
    return row


def _template(template: TemplateContent) -> Json:
    components: list[Json] = []
    if template.header_media:
        kind = template.header_media_kind
        components.append({"type": "header", "parameters": [{"type": kind, kind: {"link": template.header_media}}]})
    elif template.header:
        components.append({"type": "header", "parameters": _texts(template.header)})
    if template.body:
        components.append({"type": "body", "parameters": _texts(template.body)})
    for button in template.buttons:
        components.append(
            {"type": "button", "sub_type": button.sub_type, "index": str(button.index),
             "parameters": [_button_parameter(button.sub_type, button.text)]}
        )  # fmt: skip
    whole: Json = {"name": template.name, "language": {"code": template.language}}
    return {**whole, "components": components} if components else whole


def _texts(values: Sequence[str]) -> list[Json]:
    return [{"type": "text", "text": value} for value in values]


def _button_parameter(sub_type: str, text: str) -> Json:
    if sub_type == "quick_reply":
        return {"type": "payload", "payload": text}
    return {"type": "coupon_code", "coupon_code": text} if sub_type == "copy_code" else {"type": "text", "text": text}


def _at_most(text: str, most: int, what: str) -> str:
    if len(text) > most:
        raise SendRejected(f"{what} may have {most} characters on WhatsApp.", provider_code="too_long")
    return text
