"""What to write for a range: `9-17`, `22 to 6`, `monday-friday`, two dates around New Year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from casella_rules.hours import WEEKDAYS
from casella_rules.language.durations import written
from casella_rules.language.model import OperandValue
from casella_rules.language.vocabulary import FieldSpec, ValueType
from casella_rules.yaml.tree import Node, Scalar, Sequence

_DASH = r"\s*(?:-|–|—|\.\.+|\bto\b|\bthrough\b|\buntil\b|\ba\b)\s*"
_DAYS = re.compile(rf"([a-z]{{2,9}}){_DASH}([a-z]{{2,9}})")
_SETS = {
    **dict.fromkeys(
        (
            "weekdays",
            "weekday",
            "workdays",
            "workday",
            "working days",
            "working day",
            "business days",
            "business day",
            "feriali",
            "giorni feriali",
            "giorni lavorativi",
        ),
        WEEKDAYS[:5],
    ),
    **dict.fromkeys(("weekend", "weekends", "fine settimana"), WEEKDAYS[5:]),
    **dict.fromkeys(("every day", "everyday", "daily", "all days", "all week", "any day"), WEEKDAYS),
}
_HOURS_OF_A_DAY = 24
_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minutes>[0-9]{2}))? ?(?P<half>[ap]\.?m\.?)?")
_CLOCKS = re.compile(rf"([0-9:.]+ ?(?:[AaPp]\.?[Mm]\.?)?){_DASH}([0-9:.]+ ?(?:[AaPp]\.?[Mm]\.?)?)")


def turned_round(spec: FieldSpec, first: OperandValue, second: OperandValue) -> str:
    """What to write for a range whose first value is above the second. Hours and dates go round; what does not is
    written with the lower one first."""
    if spec.name == "time.hour" and isinstance(first, int) and isinstance(second, int):
        parts = f"any: [{{time.hour: {{gte: {first}}}}}, {{time.hour: {{lt: {second}}}}}]"
        if second == 0:
            return f"Write {{gte: {first}}}"
        return f"Write '{parts}' for {first} to {second} over midnight"
    if isinstance(first, date) and isinstance(second, date):
        later = _next_after(first, second)
        return f"Write {{between: [{first}, {later}]}}" if later else "Write the earlier date first"
    shown = [
        written(one) if spec.value is ValueType.DURATION and isinstance(one, int) else one for one in (second, first)
    ]
    return f"Write {{between: [{shown[0]}, {shown[1]}]}}"


def hours_hint(spec: FieldSpec, text: str) -> str:
    """What to write for hours as a clock shows them: `9am`, `22:00`, `22:00-06:00`. Empty where it is something else,
    or minutes matter."""
    ends = _CLOCKS.fullmatch(text)
    first, last = (_hour(ends[1]), _hour(ends[2])) if ends else (_hour(text), None)
    if first is None or (ends and last is None):
        return ""
    if last is None:
        return f"Write {first}"
    if first >= last:
        return turned_round(spec, first, last)
    return f"Write {{between: [{first}, {last - 1}]}}"


def one_hour(text: str) -> str:
    """What to write for one hour as a clock shows it."""
    hour = _hour(text)
    return "" if hour is None else f"Write {hour}"


def _hour(text: str) -> int | None:
    found = _CLOCK.fullmatch(text.strip().lower())
    if found is None or found["minutes"] not in (None, "00") or not (found["half"] or found["minutes"]):
        return None
    hour, half = int(found["hour"]), (found["half"] or "").replace(".", "")
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return hour if hour < _HOURS_OF_A_DAY else None


def _next_after(first: date, second: date) -> date | None:
    """The same day of the year, the next time it comes; None where that is more than a year later."""
    try:
        later = second.replace(year=first.year if second.replace(year=first.year) > first else first.year + 1)
    except ValueError:  # 29 February
        return None
    return later if second.year == first.year else None


def days_meant(text: str) -> tuple[str, ...]:
    """The weekdays that a word or a range of them stands for: `mon-fri`, `Weekend`, `Tue`. Empty: none of these."""
    folded = " ".join(re.sub(r"(?<!\.)\.(?!\.)", "", text.lower().replace("ì", "i")).split())
    if folded in _SETS:
        return _SETS[folded]
    ends = _DAYS.fullmatch(folded)
    first, last = (_day(ends[1]), _day(ends[2])) if ends else (_day(folded), _day(folded))
    if first is None or last is None:
        several = (
            [days_meant(part) for part in re.split(r"[,/&+]| and ", folded)]
            if re.search(r"[,/&+]| and ", folded)
            else []
        )
        return tuple(dict.fromkeys(day for days in several for day in days)) if all(several) else ()
    return tuple(WEEKDAYS[day % 7] for day in range(first, last + (1 if last >= first else 8)))


def days_between(node: Node) -> str:
    """The days that `between: [monday, friday]` goes through, with commas. Empty for other values."""
    if not isinstance(node, Sequence) or len(node.items) != 2:
        return ""
    first, last = (one.text if isinstance(one, Scalar) else "" for one in node.items)
    return ", ".join(days_meant(f"{first}-{last}"))


def from_to_hint(spec: FieldSpec, asked: Mapping[str, Node]) -> str:
    """What to write for `{from: 22, to: 6}`, and for days from one `between` another. Empty where something else is
    asked."""
    if spec.name == "time.weekday" and list(asked) == ["between"] and (days := days_between(asked["between"])):
        return f"Write [{days}]"
    first, last = (asked.get(name) for name in ("from", "to"))
    if len(asked) != 2 or not isinstance(first, Scalar) or not isinstance(last, Scalar):
        return ""
    if spec.name == "time.weekday" and (through := days_meant(f"{first.text}-{last.text}")):
        return f"Write [{', '.join(through)}]"
    if spec.value not in (ValueType.NUMBER, ValueType.DATE):
        return ""
    if spec.name == "time.hour" and first.text.isdecimal() and last.text.isdecimal():
        return hours_hint(spec, f"{first.text}:00-{last.text}:00")
    return f"Write {{between: [{first.text}, {last.text}]}}"


def _day(word: str) -> int | None:
    """Monday is 0. At least two letters, of one day only."""
    found = [number for number, day in enumerate(WEEKDAYS) if len(word) > 1 and day.startswith(word.removesuffix("s"))]
    found = found or [number for number, day in enumerate(WEEKDAYS) if word in _SHORT.get(day, ())]
    found = found or [number for number, day in enumerate(_ITALIAN) if len(word) > 2 and day.startswith(word)]
    return found[0] if len(found) == 1 else None


_ITALIAN = ("lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica")
_SHORT = {"tuesday": ("tues",), "wednesday": ("weds",), "thursday": ("thur", "thurs")}


def days_hint(spec: FieldSpec, text: str, operator: str, *, alone: bool, listed: bool) -> str:
    """What to write instead of a day that is none: the days it stands for. `alone`: behind the field itself; `listed`:
    among others in brackets."""
    days = days_meant(text) if spec.name == "time.weekday" else ()
    if not days:
        return ""
    named = ", ".join(days)
    if listed or len(days) == 1:
        return f"Write {named}"
    several = {"is": "any_of", "is_not": "none_of"}.get(operator)
    return f"Write [{named}]" if alone or several is None else f"Write {{{several}: [{named}]}}"
