"""Lengths of time that are counted while office hours are open: `2h of support`. Read in one way wherever a rule waits,
rests, puts aside or asks how long ago something was."""

from __future__ import annotations

import re
from typing import NamedTuple

from casella_rules.language.durations import Span, how_written, seconds_of, short_form
from casella_rules.language.vocabulary import Names
from casella_rules.yaml.problems import quoted


class NoSpan(NamedTuple):
    """Why something is no length of time, and what to write."""

    message: str
    hint: str


def read_span(text: str, names: Names) -> Span | NoSpan:
    """A length of time, all day and night or while office hours are open."""
    found = _OF_HOURS.fullmatch(text)
    if found is None and (meant := _meant(text, names)):
        return NoSpan(f"{quoted(text)} is not a duration", f"Write '{meant}'")
    if found is None and _DAYS.fullmatch(text.lower()):
        return NoSpan(
            f"{quoted(text)} is not a duration", "Count open time in hours: 16h of … are two days of eight hours"
        )
    length = short_form(found["length"]) if found else ""
    if found is None or (seconds := seconds_of(length)) is None:
        plain = seconds_of(text)
        said = f"{quoted(text)} is not a duration" if text else "nothing is not a duration"
        return NoSpan(said, how_written(text)) if plain is None else Span(plain)
    named = found["hours"]
    if named in _THE_ONLY and (only := _only_hours(names)):
        named = only
    elif wrong := names.unknown("hours", named):
        known = _known(named, names)
        return NoSpan(wrong[0], f"Write '{length} of {known}'") if known else NoSpan(*wrong)
    if found["word"] != "of" or length != found["length"]:
        return NoSpan(f"{quoted(text)} is not a duration", f"Write '{length} of {named}'")
    return Span(seconds, named)


def measured(field: str, hours: str) -> str:
    """How a condition calls a field whose time is counted in office hours: `conversation.age of support`."""
    return f"{field} of {hours}" if hours else field


def measured_in(name: str) -> tuple[str, str]:
    """The field, and the office hours in which its time is counted; empty: all day and night."""
    field, _, hours = name.partition(" of ")
    return field, hours


def _meant(text: str, names: Names) -> str:
    """`2 business hours`, `90m open`: what to write for a length of open time, where a desk has one kind of hours."""
    said, ended = _OPEN_UNITS.fullmatch(text.lower()), _OPEN_ENDS.fullmatch(text.lower())
    length = f"{said[1]}{said[2][0]}" if said else short_form(ended[1].strip()) if ended else ""
    only = _only_hours(names)
    beside = _BESIDE.fullmatch(text)
    if beside and (known := _known(beside["hours"], names)):
        length, only = short_form(beside["length"].strip()), known
    return f"{length} of {only}" if only and length and seconds_of(length) else ""


def _known(named: str, names: Names) -> str:
    """The office hours that `hours.support`, `support hours` or `(support)` means; empty: none of the desk's."""
    bare = named.strip("()").removeprefix("hours.").removesuffix(" hours").removesuffix(" office").strip()
    return bare if bare in names.known.get("hours", ()) else ""


def _only_hours(names: Names) -> str:
    """The office hours of a desk that has no others."""
    known = sorted(names.known.get("hours", ()))
    return known[0] if len(known) == 1 else ""


#: `2h of support`, and the words that others take for it.
_OF_HOURS = re.compile(r"(?P<length>[0-9a-z ]+?) +(?P<word>of|in|within|during|on) +(?:the +)?(?P<hours>\S.*)")
_OPEN = "business|working|work|office|opening|open"
_OPEN_UNITS = re.compile(rf"([0-9]+) ?(?:{_OPEN}) (h(?:ou)?rs?|m(?:in)?(?:ute)?s?)")
_OPEN_ENDS = re.compile(rf"([0-9][0-9a-z ]*?) +(?:(?:{_OPEN}) (?:hours|time)|open)")
#: `2h support`, `2h (support)`.
_BESIDE = re.compile(r"(?P<length>[0-9][0-9a-zA-Z ]*?) +(?P<hours>\(?[a-z].*)")
_DAYS = re.compile(rf"[0-9]+ ?(?:{_OPEN}) ?(?:days?|weeks?)")
_THE_ONLY = ("office hours", "opening hours", "business hours", "working hours")
