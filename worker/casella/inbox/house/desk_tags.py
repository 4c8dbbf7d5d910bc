"""Tags that people write are the desk's, however they are written: rules and lists would know no others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from casella.errors import Invalid
from casella.inbox.house.rooms import Rooms
from casella.plugin.values import clean_name
from casella_rules.yaml.problems import nearest

_BETWEEN = re.compile(r"[\s_-]+")


def desk_tag(rooms: Rooms, written: str) -> str:
    """The desk's tag that is meant, whatever the case, spaces and hyphens. Raises Invalid (unknown_tag) with the
    nearest one. Before a desk is applied every tag will do."""
    desk = rooms.desk.current.desk
    if desk is None:
        return clean_name(written) or ""
    found = alike(written, desk.parts.tags)
    if not found:
        near = nearest(written, desk.parts.tags)
        text = "The desk has no such tag; a manager adds it to desk.yaml."
        raise Invalid(text, code="unknown_tag", **({"nearest": near} if near else {}))
    return found[0]


def alike(written: str, tags: Iterable[str]) -> list[str]:
    """Those that mean the same as what is written."""
    return [tag for tag in sorted(tags) if _folded(tag) == _folded(written)]


def _folded(tag: str) -> str:
    return _BETWEEN.sub("-", unicodedata.normalize("NFKC", clean_name(tag) or "").casefold())
