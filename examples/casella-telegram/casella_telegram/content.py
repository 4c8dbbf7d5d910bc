"""What a message says: its kind, its text with the marks written out, its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from casella.plugin import MediaRef, clean_text
from casella_telegram.updates import Button, Entity, File, Message

__all__ = ["Button", "Content", "of"]

Kind = Literal["text", "image", "voice", "audio", "video", "document", "sticker", "location", "contacts", "unsupported"]
_FILES: tuple[tuple[str, Literal["voice", "audio", "video", "document"], str], ...] = (
    ("voice", "voice", "audio/ogg"),
    ("audio", "audio", "audio/mpeg"),
    ("video", "video", "video/mp4"),
    ("video_note", "video", "video/mp4"),
    ("animation", "video", "video/mp4"),  # before document: an animation comes as both
    ("document", "document", "application/octet-stream"),
)


@dataclass(frozen=True, slots=True)
class Content:
    kind: Kind
    text: str = ""
    attachments: tuple[MediaRef, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


def of(message: Message) -> Content:
    text = _written_out(message.text or message.caption, message.entities or message.caption_entities)
    album = {"album": message.media_group_id} if message.media_group_id else {}
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width)
        return Content("image", text, (_ref(largest, "image", "image/jpeg"),), album)
    if message.sticker:
        mime = "video/webm" if message.sticker.is_video else "image/webp"
        if message.sticker.is_animated:
            mime = "application/gzip"
        return Content("sticker", text, (_ref(message.sticker, "sticker", mime),))
    for name, kind, mime in _FILES:
        file: File | None = getattr(message, name)
        if file is not None:
            return Content(kind, text, (_ref(file, kind, mime),), album)
    return _without_files(message, text)


def _without_files(message: Message, text: str) -> Content:
    place = message.venue.location if message.venue else message.location
    if place is not None:
        named = clean_text(f"{message.venue.title}, {message.venue.address}".strip(", ")) if message.venue else ""
        where = {"latitude": f"{place.latitude:.6f}", "longitude": f"{place.longitude:.6f}"}
        return Content("location", named or f"{place.latitude:.6f}, {place.longitude:.6f}", metadata=where)
    if message.contact is not None:
        card = message.contact
        words = (f"{card.first_name} {card.last_name}".strip(), card.phone_number)
        return Content("contacts", clean_text(", ".join(word for word in words if word)))
    return Content("text", text) if text else Content("unsupported")


def _ref(file: File, kind: Literal["image", "voice", "audio", "video", "document", "sticker"], mime: str) -> MediaRef:
    size = file.file_size if file.file_size is not None and file.file_size >= 0 else None
    return MediaRef(ref=file.file_id, kind=kind, mime=file.mime_type or mime, name=file.file_name, size=size)


def _written_out(text: str, entities: list[Entity]) -> str:
    """Links behind words are written behind them; bold and the like are looks, not words. Offsets and lengths are in
    UTF-16 units."""
    links = [entity for entity in entities if entity.type == "text_link" and entity.url]
    if not links:
        return text
    units = text.encode("utf-16-le")
    for entity in sorted(links, key=lambda entity: entity.offset, reverse=True):
        end = 2 * (entity.offset + entity.length)
        if entity.offset >= 0 and entity.length > 0 and end <= len(units):
            units = units[:end] + f" ({entity.url})".encode("utf-16-le") + units[end:]
    return clean_text(units.decode("utf-16-le", "replace"))
