"""Tags put on by hand are the desk's, however they are written: rules and lists would know no others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from casella.errors import Invalid
from casella.inbox.house import Rooms
from casella_rules.yaml.problems import name_hint

_BETWEEN = re.compile(r"[\s_-]+")


def desk_tag(rooms: Rooms, written: str) -> str:
    """The desk's tag that is meant, whatever the case, spaces and hyphens. Raises Invalid (unknown_tag). Before a desk
    is applied every tag will do."""
    desk = rooms.desk.current.desk
    if desk is None:
        return written.strip()
    found = alike(written, desk.parts.tags)
    if not found:
        hint = name_hint("Tags", written, desk.parts.tags) if desk.parts.tags else "It has none yet"
        raise Invalid(f"'{written}' is no tag of desk.yaml. {hint}.", code="unknown_tag")
    return found[0]


def alike(written: str, tags: Iterable[str]) -> list[str]:
    """Those that mean the same as what is written."""
    return [tag for tag in sorted(tags) if _folded(tag) == _folded(written)]


def _folded(tag: str) -> str:
    return _BETWEEN.sub("-", unicodedata.normalize("NFKC", tag).casefold().strip())
