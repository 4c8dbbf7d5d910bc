"""Reading a send request of Messenger or Instagram, and refusing what Meta refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from casella_simulator.graph.errors import GraphRefused

Body = Mapping[str, object]
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
_KINDS = ("image", "audio", "video", "file")
_MOST_PICTURES = 10


@dataclass(frozen=True, slots=True)
class Content:
    text: str
    links: Sequence[str] = ()
    kind: str = ""
    titles: Sequence[str] = ()


def recipient(body: Body) -> str:
    """Raises GraphRefused."""
    found = _mapping(body.get("recipient")).get("id")
    if not isinstance(found, str) or not found:
        raise GraphRefused(100, "recipient")
    return found


def content(body: Body, *, instagram: bool) -> Content:
    """Raises GraphRefused."""
    message = _mapping(body.get("message"))
    text, files = message.get("text"), _files(message, instagram=instagram)
    if isinstance(text, str) == bool(files):
        raise GraphRefused(100, "one of text and attachment")
    if isinstance(text, str):
        fits = len(text.encode()) <= 1000 if instagram else len(text) <= 2000
        if not text or not fits:
            raise GraphRefused(100, "length of text")
        return Content(text, titles=_titles(message))
    return Content("", [link for _, link in files], files[0][0])


def _files(message: Body, *, instagram: bool) -> list[tuple[str, str]]:
    """Kind and address of each file: one of any kind, or up to ten pictures on Instagram. Raises GraphRefused."""
    several, one = message.get("attachments"), message.get("attachment")
    if several is not None and (one is not None or not instagram or not isinstance(several, list)):
        raise GraphRefused(100, "attachments")
    listed = [_mapping(item) for item in several] if isinstance(several, list) else [_mapping(one)] if one else []
    found = [(item.get("type"), _mapping(item.get("payload")).get("url")) for item in listed]
    if any(kind not in _KINDS or not isinstance(link, str) for kind, link in found):
        raise GraphRefused(100, "attachment")
    if len(found) > 1 and (len(found) > _MOST_PICTURES or any(kind != "image" for kind, _ in found)):
        raise GraphRefused(100, "attachments")
    return [(str(kind), str(link)) for kind, link in found]


def check_window(body: Body, since: timedelta | None, *, instagram: bool, human_agent: bool) -> None:
    """Free within a day; under the tag within a week, and only behind the day. Raises GraphRefused."""
    outside = GraphRefused(2534022 if instagram else 2018278)
    kind, tag = body.get("messaging_type"), body.get("tag")
    if kind == "MESSAGE_TAG":
        if tag != "HUMAN_AGENT" or not human_agent:
            raise GraphRefused(1893061)
        if since is None or since >= WEEK:
            raise outside
        if since < DAY:
            raise GraphRefused(100, "HUMAN_AGENT within the window")
    elif kind not in ("RESPONSE", "UPDATE", None):
        raise GraphRefused(100, "messaging_type")
    elif since is None or since >= DAY:
        raise outside


def _titles(message: Body) -> list[str]:
    replies = message.get("quick_replies")
    if replies is None:
        return []
    if not isinstance(replies, list) or not 0 < len(replies) <= 13:
        raise GraphRefused(100, "quick_replies")
    titles = [_mapping(reply).get("title") for reply in replies]
    if not all(isinstance(title, str) and 0 < len(title) <= 20 for title in titles):
        raise GraphRefused(100, "title")
    return [str(title) for title in titles]


def _mapping(value: object) -> Body:
    return value if isinstance(value, dict) else {}
