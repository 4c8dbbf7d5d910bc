"""Times that are right for a computer and not for people: the last minute of a day, zones without summer time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from casella.desk.model import Desk
from casella_rules import Problem, Snooze
from casella_rules.language.durations import Span, span_of
from casella_rules.language.model import conditions_of
from casella_rules.language.open_time import measured_in
from casella_rules.yaml.partial import read_parts
from casella_rules.yaml.problems import quoted
from casella_rules.yaml.source import Mapping as MappingNode
from casella_rules.yaml.source import Node, Scalar

_FIXED: Mapping[str, str] = {
    "EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu", "GMT": "Europe/London",
    "Etc/GMT": "Europe/London", "Greenwich": "Europe/London", "Etc/Greenwich": "Europe/London", "GMT0": "Europe/London",
    "GMT+0": "Europe/London", "GMT-0": "Europe/London",
}  # fmt: skip
_ETC = re.compile(r"(?:Etc/)?GMT([+-])([0-9]{1,2})")
_DAY = 86_400
_LAST_MINUTE = re.compile(r"(?<![0-9])23:59(?![0-9:])")


def clock_hints(desk: Desk) -> Iterator[Problem]:
    """What is probably not meant among the zones and office hours of desk.yaml."""
    file = next((name for name in desk.files if name.endswith("desk.yaml")), "")
    tree = read_parts(desk.files[file].encode(), file).tree if file else None
    for path, scalar in _scalars(tree, ()) if tree is not None else ():
        told = None
        if path[-1:] == ("timezone",):
            told = _zone(scalar.text)
        elif path[:1] == ("hours",) and ("week" in path or "exceptions" in path) and _LAST_MINUTE.search(scalar.text):
            written = _LAST_MINUTE.sub("24:00", scalar.text)
            told = "until 23:59 leaves the last minute of the day closed", f"Write {written}"
        if told:
            yield Problem(file, scalar.line, scalar.column, *told)


def open_days(desk: Desk) -> Iterator[Problem]:
    """Whole days of open time: 24 hours of it are three days of an office that is open for eight."""
    for rule in desk.rules.rules:
        spans = {span for trigger in rule.when if (span := span_of(trigger.partition(" ")[2]))}
        spans |= {Span(rule.after, rule.after_in), Span(rule.cooldown, rule.cooldown_in)}
        spans |= {
            one.argument.duration for one in rule.actions if isinstance(one.argument, Snooze) and one.argument.duration
        }
        spans |= {
            Span(int(length), counted_in)
            for condition in conditions_of(rule.test)
            if (counted_in := measured_in(condition.field)[1])
            for length in condition.operand
            if isinstance(length, int | float)
        }
        for span in sorted((one for one in spans if one.hours and one.seconds and not one.seconds % _DAY), key=str):
            said = (
                f"{quoted(str(span))} are {span.seconds // 3600} hours in which the office is open, and no days of work"
            )
            place = rule.place
            yield Problem(
                place.file, place.line, place.column, said, "Count in hours of office time, such as 8h for a day"
            )


def _zone(name: str) -> tuple[str, str] | None:
    etc = _ETC.fullmatch(name)
    if etc and int(etc[2]):
        sign, other = ("-", "-") if etc[1] == "+" else ("+", "+")
        return (
            f"{quoted(name)} is UTC{sign}{etc[2]}: there the sign is turned round, and there is no summer time",
            f"Write the place, such as Europe/Rome, or Etc/GMT{other}{etc[2]} for UTC{etc[1]}{etc[2]}",
        )
    if name in _FIXED:
        return f"{quoted(name)} knows no summer time", f"Write the place, such as {_FIXED[name]}"
    return None


def _scalars(node: Node, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Scalar]]:
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, MappingNode):
        for name, (_, value) in node.entries.items():
            yield from _scalars(value, (*path, name))
