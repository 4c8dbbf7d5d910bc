"""What differs between two desks, part by part, for people: what was written, never a secret's value, which no desk
holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel

from casella.desk.canned.messages import CannedMessage
from casella.desk.model import Desk
from casella.desk.parts.office_hours import written_ranges
from casella_rules import OfficeHours, Rule
from casella_rules.engine.serial import rules_as_json
from casella_rules.hours import WEEKDAYS, TimeRange
from casella_rules.language.durations import written as duration
from casella_rules.yaml.problems import quoted

#: A value longer than this is not shown, only that it is another one.
_SHOWN_CHARACTERS = 60
_SECTIONS: Mapping[str, str] = {
    "inbox": "inboxes",
    "connection": "connections",
    "channel": "channels",
    "team": "teams",
    "agent": "agents",
    "attribute": "attributes",
    "webhook": "webhooks",
    "survey": "surveys",
    "link": "links",
}
_ASSISTANT: Mapping[str, str] = {"assistant provider": "providers", "assistant tone": "tones"}
_DURATIONS = frozenset({"alarm_after", "archive_after", "reassign_after", "reopen", "open_for"})
_NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the plan: what happens to which thing, and what is different about it."""

    what: str
    key: str
    how: str  # created | changed | removed | restored
    details: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        ending = f": {'; '.join(self.details)}" if self.details else ""
        return f"{self.how:9} {self.what}{f' {self.key}' if self.key else ''}{ending}"


def changes(before: Desk | None, after: Desk) -> tuple[Change, ...]:
    """Everything that another desk makes different, in the order of the files."""
    return (*_house(before, after), *_parts(before, after), *_texts(before, after))


def _house(before: Desk | None, after: Desk) -> Iterator[Change]:
    """What is said once for the whole desk."""
    if before is None:
        return
    for what, old, new, apart in (
        ("desk", before.parts, after.parts, {"assistant", "hours", *_SECTIONS.values()}),
        ("assistant", before.parts.assistant, after.parts.assistant, {*_ASSISTANT.values()}),
    ):
        was, becomes = ({key: one for key, one in _plain(side).items() if key not in apart} for side in (old, new))
        if details := tuple(_differences(was, becomes)):
            yield Change(what, "", "changed", details)


def _parts(before: Desk | None, after: Desk) -> Iterator[Change]:
    for what, section in _SECTIONS.items():
        old, new = (getattr(desk.parts, section) if desk else {} for desk in (before, after))
        yield from _compared(what, _dumped(old), _dumped(new))
        if what == "agent":
            yield from _hours(before, after)
        elif what == "survey":
            yield from _first(before, after)
    for what, section in _ASSISTANT.items():
        old, new = (getattr(desk.parts.assistant, section) if desk else {} for desk in (before, after))
        yield from _compared(what, _dumped(old), _dumped(new))


def _first(before: Desk | None, after: Desk) -> Iterator[Change]:
    """Which survey a rule means that names none."""
    first = [next(iter(desk.parts.surveys), "") if desk else "" for desk in (before, after)]
    if first[1] and first[0] in after.parts.surveys and first[0] != first[1]:
        yield Change("first survey", "", "changed", (f"{first[0]} → {first[1]}",))


def _hours(before: Desk | None, after: Desk) -> Iterator[Change]:
    """Day by day, however the days were written."""
    old, new = ({key: _by_day(one) for key, one in desk.hours.items()} if desk else {} for desk in (before, after))
    yield from _compared("office hours", old, new)


def _by_day(hours: OfficeHours) -> Mapping[str, object]:
    place = "-".join(part for part in (hours.country, hours.subdivision) if part)
    week = {day: written_ranges(ranges) for day, ranges in zip(WEEKDAYS, hours.week, strict=True)}
    dates: dict[date, tuple[TimeRange, ...]] = dict(sorted(hours.exceptions.items()))
    single = {day.isoformat(): written_ranges(ranges) for day, ranges in dates.items()}
    return {"timezone": hours.zone, **week, "holidays": place or None, **single}


def _texts(before: Desk | None, after: Desk) -> Iterator[Change]:
    """Rules and canned messages. A rule is known by its name; where it stands counts too."""
    old, new = (_by_name(desk.rules.rules) if desk else {} for desk in (before, after))
    yield from _compared("rule", *(_told_apart(one, other) for one, other in ((old, new), (new, old))), named=True)
    yield from _order([name for name in old if name in new], [name for name in new if name in old])
    canned = [{key: _written(one) for key, one in desk.canned.items()} if desk else {} for desk in (before, after)]
    yield from _compared("canned message", *canned)


def _by_name(rules: Iterable[Rule]) -> dict[str, str]:
    return {rule.name: rules_as_json([rule]) for rule in rules}


def _told_apart(own: Mapping[str, str], other: Mapping[str, str]) -> Mapping[str, Mapping[str, object]]:
    """Ten thousand rules are compared as text; only those that differ are looked into."""
    return {name: json.loads(text)[0] if other.get(name) != text else _NOTHING for name, text in own.items()}


def _order(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    moved = next(((old, new) for old, new in zip(before, after, strict=True) if old != new), None)
    if moved:
        yield Change("order of the rules", "", "changed", (f"{quoted(moved[1])} now comes before {quoted(moved[0])}",))


def _written(message: CannedMessage) -> Mapping[str, object]:
    return {
        "text": {**message.texts},
        "phrase": message.phrase,
        "inboxes": list(message.inboxes),
        "description": message.description or None,
    }


def _dumped(section: Mapping[str, BaseModel]) -> Mapping[str, Mapping[str, object]]:
    return {key: _plain(part) for key, part in section.items()}


def _plain(part: BaseModel) -> dict[str, object]:
    plain: dict[str, object] = part.model_dump(mode="json", by_alias=True)
    return plain


def _compared(
    what: str,
    before: Mapping[str, Mapping[str, object]],
    after: Mapping[str, Mapping[str, object]],
    *,
    named: bool = False,
) -> Iterator[Change]:
    """`named`: what differs is named without its values, which are too long to be read here."""
    for key, new in after.items():
        if key not in before:
            yield Change(what, key, "created")
        elif before[key] != new:
            old = before[key]
            fields = [name for name in {**old, **new} if old.get(name) != new.get(name)]
            yield Change(what, key, "changed", (", ".join(fields),) if named else tuple(_differences(old, new)))
    yield from (Change(what, key, "removed") for key in before if key not in after)


def _differences(before: Mapping[str, object], after: Mapping[str, object], path: str = "") -> Iterator[str]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict) and not _is_source(old) and not _is_source(new):
            yield from _differences(old, new, f"{path}{name}.")
        else:
            yield f"{path}{name} {_difference(name, old, new)}"


def _difference(name: str, old: object, new: object) -> str:
    if isinstance(old, list) and isinstance(new, list) and sorted(map(str, old)) != sorted(map(str, new)):
        came, went = [one for one in new if one not in old], [one for one in old if one not in new]
        return ", ".join([*(f"+{_shown(name, one)}" for one in came), *(f"-{_shown(name, one)}" for one in went)])
    was, becomes = _shown(name, old), _shown(name, new)
    return f"{was} → {becomes}" if max(len(was), len(becomes)) <= _SHOWN_CHARACTERS else "reads differently"


def _shown(name: str, value: object) -> str:
    match value:
        case None | "" | []:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() if name in _DURATIONS:
            return duration(value)
        case list():
            return ", ".join(_shown(name, one) for one in value)
        case dict() if _is_source(value):
            variable, file = value.get("variable"), value.get("file")
            return f"${{{variable}}}" if variable else f"the file {file}"
        case dict():
            return ", ".join(f"{key} {_shown(key, inner)}" for key, inner in value.items()) or "nothing"
        case _:
            return " ".join(str(value).split())


def _is_source(value: Mapping[str, object]) -> bool:
    """Where a secret is kept, as read or as written."""
    return set(value) in ({"variable", "file"}, {"file"})
