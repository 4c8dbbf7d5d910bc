"""What a message says: its text, its files, what it shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from casella.plugin import MediaRef
from casella.plugin.events import AttachmentKind, MessageKind
from casella_meta.reading import Document, items, mapping, number, word

_SHORT, _URL = 300, 3000
_FILES: dict[str, tuple[AttachmentKind, str]] = {
    "image": ("image", "image/jpeg"),
    "audio": ("audio", "audio/mp4"),
    "video": ("video", "video/mp4"),
    "file": ("document", "application/octet-stream"),
    "sticker": ("sticker", "image/webp"),
}
_SHARES = frozenset({"share", "fallback", "post", "ig_post", "reel", "ig_reel", "ig_story"})
_SENTENCES = frozenset({"text", "title", "subtitle", "name", "url"})
_TECHNICAL = frozenset(
    {
        *("template_type", "type", "sharable", "webview_height_ratio", "messenger_extensions", "image_aspect_ratio"),
        *("top_element_style", "attachment_id", "sticker_id", "id", "reel_video_id", "payload", "fallback_url"),
    }
)
UNREADABLE = (_TECHNICAL - {"payload"}) | {"notification_messages_token", "authorization_code", "screen_id"}
"""What nobody reads of an update that is no message: a payload there is the contact's answer."""
_HEART = "❤"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says, in words every channel shares."""

    kind: MessageKind
    text: str = ""
    attachments: tuple[MediaRef, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Part:
    """One attachment: a file, words, facts, or a kind alone."""

    kind: MessageKind
    file: MediaRef | None = None
    words: str = ""
    facts: dict[str, str] = field(default_factory=dict)


def say(message: Document) -> Said:
    """The content of a message. It takes the kind of its first attachment; without any, of its text. Several
    attachments' facts stand side by side: `title`, `title_2`, …"""
    parts = _parts([mapping(item) for item in items(message.get("attachments"))])
    text = word(message.get("text"))
    facts = _side_by_side(parts) | _story(message) | _commands(message)
    files = tuple(part.file for part in parts if part.file)
    words = text or "\n".join(part.words for part in parts if part.words)
    if payload := word(mapping(message.get("quick_reply")).get("payload")):
        return Said("button", words or payload, files, {**facts, "payload": payload[:1000]})
    if "story_id" in facts or "story_url" in facts:
        kind: MessageKind = "story_mention" if any(part.kind == "story_mention" for part in parts) else "story_reply"
    elif parts:
        kind = parts[0].kind
    else:
        kind = "text" if text and message.get("is_unsupported") is not True else "unsupported"
    return Said(kind, words, files, facts)


def _side_by_side(parts: Sequence[_Part]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for place, part in enumerate((part for part in parts if part.facts), start=1):
        facts |= {name if place == 1 else f"{name}_{place}": value for name, value in part.facts.items()}
    return facts


def _commands(message: Document) -> dict[str, str]:
    """Commands of the composer that the customer chose."""
    names = [word(mapping(command).get("name")) for command in items(message.get("commands"))]
    return _facts(commands=", ".join(name for name in names if name))


def _story(message: Document) -> dict[str, str]:
    """A reply to a story of ours. Its picture dies with it and may not be kept: only where it is, is noted."""
    story = mapping(mapping(message.get("reply_to")).get("story"))
    return _facts(story_id=word(story.get("id"))[:_SHORT], story_url=word(story.get("url"))[:_URL])


def _parts(attachments: Sequence[Document]) -> list[_Part]:
    """A sticker comes as a sticker, as an image with a sticker's id, or as both: it is shown once."""
    stickers = {_sticker_id(item) for item in attachments if word(item.get("type")) == "sticker"}
    shown: set[str] = set()
    parts = []
    for item in attachments:
        sticker_id = _sticker_id(item)
        if sticker_id and (sticker_id in shown or (word(item.get("type")) == "image" and sticker_id in stickers)):
            continue
        shown.update([sticker_id] if sticker_id else ())
        parts.append(_part(item, sticker_id))
    return parts


def _sticker_id(attachment: Document) -> str:
    return word(mapping(attachment.get("payload")).get("sticker_id"))


def _part(attachment: Document, sticker_id: str) -> _Part:
    kind, payload = word(attachment.get("type")), mapping(attachment.get("payload"))
    url = word(payload.get("url")) or word(attachment.get("url"))
    title = word(payload.get("title")) or word(attachment.get("title"))
    if kind == "location":
        return _location(payload, title, url)
    if kind == "like_heart":
        return _Part("sticker", words=_HEART)
    if kind == "story_mention":
        return _Part("story_mention", facts=_facts(story_url=url[:_URL]))
    if kind in _FILES and url:
        file_kind, mime = _FILES["sticker" if sticker_id else kind]
        return _Part(file_kind, MediaRef(ref=url, kind=file_kind, mime=mime, name=_name(title)))
    beside = {name: one for name, one in attachment.items() if name not in ("type", "payload", "url", "title")}
    if kind == "template":
        return _template({**beside, **payload}, title, url)
    if kind == "fallback" and url:  # the preview of a link in the text
        return _Part("text", words=_lines(title, url), facts=_facts(url=url, title=title, share=kind))
    more = "\n".join(
        readable({**beside, **{name: one for name, one in payload.items() if name not in ("url", "title")}})
    )
    if kind in _SHARES and (url or title or more):
        facts = _facts(url=url, title=title, share=kind, says=more)
        return _Part("share", words=_lines(title, url, more), facts=facts)
    facts = _facts(kind=kind[:_SHORT], title=title, url=url, says=more)
    return _Part("unsupported", words=_lines(title, url, more), facts=facts)


def _template(payload: Document, title: str, url: str) -> _Part:
    """What a bot, or Meta's own suite, told the customer: texts, titles, what the buttons say and where they lead."""
    held = readable({"title": title, "url": url, **payload})
    if not held:
        return _Part("unsupported", facts={"kind": "template"})
    says = "\n".join(held)
    return _Part("share", words=says, facts=_facts(share="template", says=says))


def readable(value: object, name: str = "", hidden: frozenset[str] = _TECHNICAL) -> list[str]:
    """Everything people could read in a piece of JSON: sentences and titles by themselves, buttons in brackets, the
    rest as "name: value"."""
    if isinstance(value, list):
        return [line for one in value for line in readable(one, name, hidden)]
    if isinstance(value, dict):
        if name == "buttons":
            return [_button(value)]
        inner = ((str(key), one) for key, one in value.items() if key not in hidden)
        return [line for key, one in inner for line in readable(one, key, hidden)]
    text = f"{value:.10g}" if isinstance(value, float) else word(value)
    if not text.strip():
        return []
    return [text if name in _SENTENCES else f"{name.replace('_', ' ')}: {text}"]


def _button(button: Document) -> str:
    leads = word(button.get("url")) or word(button.get("payload"))
    return f"[{word(button.get('title'))}] {leads}".strip() if button.get("title") else f"[{leads}]"


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _location(payload: Document, title: str, url: str) -> _Part:
    place = mapping(payload.get("coordinates"))
    latitude, longitude = number(place.get("lat")), number(place.get("long"))
    if latitude is None or longitude is None:
        return _Part("unsupported", words=_lines(title, url), facts=_facts(kind="location", title=title, url=url))
    facts = {"latitude": f"{latitude:.7g}", "longitude": f"{longitude:.7g}", **_facts(url=url[:_URL])}
    return _Part("location", words=title or f"{facts['latitude']}, {facts['longitude']}", facts=facts)


def _name(title: str) -> str | None:
    return title[:_SHORT] or None


def _facts(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
