"""Which values of a desk managers may change without its folder, by the key under which a change is kept:

inboxes/support/reopen            a switch of an inbox
hours/support/2026-12-24          other hours on a single date
canned/greeting                   a canned message
tags/vip                          a tag
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from casella.desk.canned.messages import CannedMessage
from casella.desk.files.editing import CannotEdit, drop, drop_item, put, put_item
from casella.desk.files.folder import kept_files
from casella.desk.files.spans import placed
from casella.desk.model import Desk
from casella.desk.parts.desk_file import Inbox
from casella.desk.parts.office_hours import written_ranges
from casella_rules.language.durations import written as duration
from casella_rules.yaml.source import Plain

SWITCHES: Mapping[str, Callable[[Inbox], Plain]] = {
    "assignment_mode": lambda inbox: inbox.assignment_mode,
    "auto_replies": lambda inbox: inbox.auto_replies,
    "features": lambda inbox: list(inbox.features),
    "reopen": lambda inbox: duration(inbox.reopen) if isinstance(inbox.reopen, int) else inbox.reopen,
    "surveys": lambda inbox: inbox.surveys,
}
"""What of an inbox may be changed, and how it is written."""


def value_of(desk: Desk, key: str) -> Plain:
    """What a desk says, as it would be written; None: nothing."""
    kind, _, rest = key.partition("/")
    match kind:
        case "inboxes":
            name, _, switch = rest.partition("/")
            inbox = desk.parts.inboxes.get(name)
            return SWITCHES[switch](inbox) if inbox is not None else None
        case "hours":
            name, _, day = rest.partition("/")
            hours = desk.parts.hours.get(name)
            ranges = hours.exceptions.get(date.fromisoformat(day)) if hours is not None else None
            return written_ranges(ranges) if ranges is not None else None
        case "canned":
            message = desk.canned.get(rest)
            return canned_value(message) if message is not None else None
        case "tags":
            return True if rest in desk.parts.tags else None
    raise ValueError(key)


def canned_value(message: CannedMessage) -> dict[str, Plain]:
    found: dict[str, Plain] = {"text": dict(message.texts)}
    if message.phrase:
        found["phrase"] = message.phrase
    if message.inboxes:
        found["inboxes"] = list(message.inboxes)
    if message.description:
        found["description"] = message.description
    return found


def written_over(contents: Mapping[str, str], key: str, value: Plain) -> dict[str, str]:
    """A desk's files with this value; None: without it. Raises CannotEdit."""
    files = kept_files(contents)
    kind, _, rest = key.partition("/")
    if kind == "canned":
        name = _canned_file(contents, rest)
        text = contents.get(name, "")
        new = _canned(text, rest, value)
    else:
        name = files.desk[0]
        text = contents[name]
        new = _desk(text, kind, rest, value)
    return {**contents, name: new}


def _desk(text: str, kind: str, rest: str, value: Plain) -> str:
    if kind == "tags":
        return put_item(text, ["tags"], rest) if value else drop_item(text, ["tags"], rest)
    name, _, leaf = rest.partition("/")
    path = ["inboxes", name, leaf] if kind == "inboxes" else ["hours", name, "exceptions", leaf]
    return put(text, path, value) if value is not None else drop(text, path)


def _canned(text: str, key: str, value: Plain) -> str:
    """Field by field, so that what is said beside the others stays."""
    path = ["canned", key]
    if value is None:
        return drop(text, path)
    if not isinstance(value, dict):
        return put(text, path, value)
    known = _known_fields(text, path)
    if known is None:
        return put(text, path, value)
    for field in known - value.keys():
        text = drop(text, [*path, field])
    for field, one in value.items():
        text = put(text, [*path, field], one)
    return text


def _known_fields(text: str, path: list[str]) -> set[str] | None:
    place = placed(text)
    for key in path:
        place = place.value(key) if place is not None else None
    return {key.text for key, _ in place.pairs} if place is not None and place.pairs else None


def _canned_file(contents: Mapping[str, str], key: str) -> str:
    """The file that has this message; else the first of canned messages, or one that is made."""
    files = kept_files(contents)
    for name, source in files.canned:
        if _known_fields(source.decode(), ["canned", key]) is not None:
            return name
    if files.canned:
        return files.canned[0][0]
    return str(Path(files.desk[0]).parent / "canned.yaml")


__all__ = ["SWITCHES", "CannotEdit", "canned_value", "value_of", "written_over"]
