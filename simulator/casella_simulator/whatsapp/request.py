"""Reading a send request: what it says on the phone, and what WhatsApp would refuse in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from casella_simulator.graph.errors import GraphRefused
from casella_simulator.whatsapp.account import WhatsAppAccount

Body = Mapping[str, object]
_VARIABLE = re.compile(r"\{\{\s*\w+\s*\}\}")
_MEDIA = ("image", "video", "audio", "document", "sticker")
_CAPTIONED = ("image", "video", "document")


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says. `media`: an uploaded id or a link."""

    text: str
    media_id: str = ""
    link: str = ""
    is_template: bool = False


def recipient(body: Body) -> str:
    """Digits, or a business-scoped id. Raises GraphRefused."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphRefused(100, "messaging_product")
    to, user_id = body.get("to"), body.get("recipient")
    if isinstance(to, str) and to.strip("+").isdecimal():
        return to.strip("+")
    if isinstance(user_id, str) and user_id:
        return user_id
    raise GraphRefused(131009, "to")


def content(account: WhatsAppAccount, body: Body) -> Content:
    """Raises GraphRefused as the API would."""
    kind = body.get("type", "text")
    part = body.get(str(kind))
    if kind == "contacts" and isinstance(part, list) and part:
        return Content("\n".join(_text(_mapping(_mapping(card).get("name")), "formatted_name") for card in part))
    if not isinstance(part, dict):
        raise GraphRefused(131008, f"{kind}")
    if kind in _MEDIA:
        return _media(str(kind), part)
    reader = {
        "text": _words, "location": _location, "reaction": _reaction, "interactive": _interactive,
    }.get(str(kind))  # fmt: skip
    if kind == "template":
        return _template(account, part)
    if reader is None:
        raise GraphRefused(131051, f"{kind}")
    return reader(part)


def _words(part: Body) -> Content:
    text = _text(part, "body")
    if not text or len(text) > 4096:
        raise GraphRefused(131009, "text.body must be 1 to 4096 characters")
    return Content(text)


def _media(kind: str, part: Body) -> Content:
    caption, media_id, link = _text(part, "caption"), _text(part, "id"), _text(part, "link")
    if bool(media_id) == bool(link):
        raise GraphRefused(131008, "either id or link")
    if caption and (kind not in _CAPTIONED or len(caption) > 1024):
        raise GraphRefused(131009, "caption")
    return Content(caption, media_id, link)


def _location(part: Body) -> Content:
    if not all(isinstance(part.get(name), int | float) for name in ("latitude", "longitude")):
        raise GraphRefused(131009, "location")
    return Content(f"📍 {_text(part, 'name')} {part['latitude']}, {part['longitude']}".replace("  ", " "))


def _reaction(part: Body) -> Content:
    if not _text(part, "message_id"):
        raise GraphRefused(131008, "reaction.message_id")
    return Content(_text(part, "emoji"))


def _interactive(part: Body) -> Content:
    text, action = _text(_mapping(part.get("body")), "text"), _mapping(part.get("action"))
    if not 0 < len(text) <= 1024:
        raise GraphRefused(131009, "body")
    buttons, sections = action.get("buttons"), action.get("sections")
    if isinstance(buttons, list) and 0 < len(buttons) <= 3:
        titles = [_text(_mapping(_mapping(button).get("reply")), "title") for button in buttons]
        longest = 20
    elif isinstance(sections, list) and 0 < len(sections) <= 10:
        rows = [_mapping(section).get("rows") for section in sections]
        titles = [_text(_mapping(row), "title") for group in rows if isinstance(group, list) for row in group]
        longest = 24
    else:
        raise GraphRefused(131009, "action")
    if not 0 < len(titles) <= 10 or not all(0 < len(title) <= longest for title in titles):
        raise GraphRefused(131009, "titles")
    return Content("\n".join((text, *(f"[{title}]" for title in titles))))


def _template(account: WhatsAppAccount, part: Body) -> Content:
    language = _text(_mapping(part.get("language")), "code")
    found = account.template(_text(part, "name"), language)
    if found is None or found.status in ("PENDING", "REJECTED"):
        raise GraphRefused(132001, f"{_text(part, 'name')} in {language}")
    if found.status != "APPROVED":
        raise GraphRefused(132015 if found.status == "PAUSED" else 132016)
    components = part.get("components")
    values = [
        _text(_mapping(parameter), "text")
        for component in (components if isinstance(components, list) else [])
        if _mapping(component).get("type") == "body"
        for parameter in _list(_mapping(component).get("parameters"))
    ]
    wanted = len(set(_VARIABLE.findall(found.body)))
    if len(values) != wanted:
        raise GraphRefused(132000, f"{len(values)} values for {wanted}")
    text = found.body
    for index, value in enumerate(values, 1):
        text = text.replace(f"{{{{{index}}}}}", value)
    return Content(text, is_template=True)


def _mapping(value: object) -> Body:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(part: Body, name: str) -> str:
    value = part.get(name)
    return value if isinstance(value, str) else ""
