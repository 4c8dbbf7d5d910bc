"""The types of what stands in desk.yaml: keys, time zones, locales, addresses, days and hours."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import JsonSchemaValue

from casella.desk.files.secrets import SecretSource, source_of
from casella.desk.parts.hours_meant import days_written, hours_written
from casella_rules.hours import WEEKDAYS, TimeRange, known_countries, read_days, read_ranges
from casella_rules.language.argument_types import (
    SOME_TIME_SCHEMA,
    Argument,
    DeskName,
    InSchema,
    as_written,
    mistake,
)
from casella_rules.language.durations import seconds_of
from casella_rules.language.written_dates import date_mistake
from casella_rules.yaml.problems import did_you_mean, quoted


class Part(Argument):
    """The parts of a desk are as strict as the arguments of actions: no unknown keys, no guessing of types."""


_ZONE_EXAMPLE = "Write a name such as Europe/Rome"


def key_problem(written: str) -> tuple[str, str] | None:
    """Why this cannot be a key, and what to write instead."""
    allowed = written.replace("-", "").replace("_", "")
    if not allowed.isascii() or not allowed.isalnum() or allowed != allowed.lower() or not written[0].isalnum():
        return f"{quoted(written)} cannot be a key", "Use small letters, digits, - and _, a letter or digit first"
    return (f"the key {quoted(written)} is longer than 60 characters", "") if len(written) > 60 else None


def _key(written: str) -> str:
    problem = key_problem(written)
    if problem:
        raise mistake(*problem)
    return written


def _zone(written: str) -> str:
    try:
        ZoneInfo(written)
    except (ValueError, OSError, LookupError):  # what ZoneInfo raises for bad paths differs by version
        raise mistake(f"{quoted(written)} is not a time zone", _zone_meant(written) or _ZONE_EXAMPLE) from None
    return written


def _zone_meant(written: str) -> str:
    """The zone of this name in other letters, or of this place alone."""
    wanted = written.strip().casefold().replace(" ", "_")
    places = [
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    ]
    found = [name for name in places if wanted in (name.casefold(), name.casefold().rpartition("/")[2])]
    return f"Write {found[0]}" if len(found) == 1 else ""


def _reopening(written: object) -> object:
    if written in ("never", "always"):
        return written
    seconds = seconds_of(written) if isinstance(written, str) else None
    if not seconds:
        near = did_you_mean(written, ("never", "always")) if isinstance(written, str) else ""
        raise mistake(
            f"{as_written(written)} is not possible here", near or "Write never, always, or a time such as 7d"
        )
    return seconds


def _locale(written: str) -> str:
    language, _, region = written.partition("-")
    if not (language.isalpha() and language.islower() and 2 <= len(language) <= 3 and written.isascii()):
        raise mistake(f"{quoted(written)} is not a locale", "Write en, it, or en-GB")
    if "-" in written and not (len(region) == 2 and region.isupper()):
        raise mistake(f"{quoted(written)} is not a locale", "Write en, it, or en-GB")
    return written


def _email(written: str) -> str:
    name, at, domain = written.partition("@")
    if not (name and at and "." in domain and " " not in written and "@" not in domain):
        raise mistake(f"{quoted(written)} is not an e-mail address")
    return written


def _secret(value: object) -> SecretSource:
    source = value if isinstance(value, SecretSource) else source_of(value)
    if source is None:
        raise mistake("a password never stands in the desk", "Write ${NAME_OF_A_VARIABLE} or {file: …}")
    return source


def _at_least_one_locale(locales: tuple[str, ...]) -> tuple[str, ...]:
    if not locales:
        raise mistake("this list is empty", "Name at least one locale; the first one is the fallback")
    return locales


#: How keys are written: small letters, digits, - and _.
KEY_PATTERN = "^[a-z0-9][a-z0-9_-]{0,59}$"
#: Where a secret is kept.
SECRET_SCHEMA: JsonSchemaValue = {
    "anyOf": [
        {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"},
        {
            "type": "object",
            "properties": {
                "file": {"type": "string", "description": "A file, relative to the desk", "examples": ["secrets/token"]}
            },
            "required": ["file"],
            "additionalProperties": False,
        },
    ]
}
RANGES_SCHEMA: JsonSchemaValue = {
    "type": "string",
    "pattern": r"^\s*(closed|[0-9]{1,2}:[0-9]{2}\s*-\s*[0-9]{1,2}:[0-9]{2}(\s*,\s*[0-9]{1,2}:[0-9]{2}\s*-\s*"
    r"[0-9]{1,2}:[0-9]{2})*)\s*$",
}
DAY_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": "^[0-9]{4}-?([0-9]{2}-?[0-9]{2}|W[0-9]{2}(-?[1-7])?)$"}
_WEEKDAY = f"({'|'.join(''.join(f'[{one.upper()}{one}]' for one in day) for day in WEEKDAYS)})"
_DAYS = rf"{_WEEKDAY}(\s*-\s*{_WEEKDAY})?"
DAYS_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": rf"^\s*{_DAYS}(\s*,\s*{_DAYS})*\s*$"}
LOCALE_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Z]{2})?$"}
EMAIL_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": r"^[^@ ]+@[^@ ]*\.[^@ ]*$"}
# Names of one word are old ones; all others have a continent or an ocean in front.
ZONE_SCHEMA: JsonSchemaValue = {
    "type": "string",
    "pattern": "^([A-Z][A-Za-z]*/[A-Za-z0-9_+/-]+|UTC|UCT|GMT([+-]?0)?|CET|EET|MET|WET|EST|MST|HST|ROC|ROK|PRC|NZ|GB"
    "|W-SU|NZ-CHAT|GB-Eire|CST6CDT|EST5EDT|MST7MDT|PST8PDT|Cuba|Egypt|Eire|Factory|Greenwich|Hongkong|Iceland|Iran|Israel"
    "|Jamaica|Japan|Kwajalein|Libya|Navajo|Poland|Portugal|Singapore|Turkey|Universal|Zulu|localtime)$",
}
COUNTRY_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": "^[A-Z]{2,3}(-.+)?$"}

Key = Annotated[str, AfterValidator(_key), InSchema(written={"type": "string", "pattern": KEY_PATTERN})]
Title = Annotated[str, Field(min_length=1, max_length=120)]
Zone = Annotated[str, AfterValidator(_zone), InSchema(written=ZONE_SCHEMA)]
Locale = Annotated[str, AfterValidator(_locale), InSchema(written=LOCALE_SCHEMA)]
Email = Annotated[str, AfterValidator(_email), InSchema(written=EMAIL_SCHEMA)]
Secret = Annotated[SecretSource, BeforeValidator(_secret), InSchema(written=SECRET_SCHEMA)]
Reopening = Annotated[
    Literal["never", "always"] | int,
    BeforeValidator(_reopening),
    InSchema(written={"anyOf": [{"enum": ["never", "always"]}, SOME_TIME_SCHEMA]}),
]
"""When a closed conversation that is written to goes on; a number: within so many seconds."""
ConnectionName = Annotated[str, AfterValidator(DeskName("connection")), InSchema(desk="connection")]
ChannelType = Annotated[str, AfterValidator(DeskName("channel_type")), InSchema(desk="channel_type")]
Locales = Annotated[tuple[Locale, ...], Field(strict=False), AfterValidator(_at_least_one_locale)]
Role = Literal["agent", "manager", "admin"]
Face = Literal["engagement", "contact_center"]
Feature = Literal["assign", "assistant", "campaigns", "canned", "survey"]
FEATURES: tuple[Feature, ...] = get_args(Feature)


def _days(written: str) -> str:
    if read_days(written) is None:
        meant = days_written(written)
        hint = f"Write '{meant}'" if meant else "Days are written monday, or monday-friday, or saturday, sunday"
        raise mistake(f"{quoted(written)} is not a day", hint)
    return written


def _ranges(written: object) -> tuple[TimeRange, ...]:
    if isinstance(written, list) and all(isinstance(one, str) for one in written):
        raise mistake("several ranges stand behind each other, without brackets", f"Write {_in_one(written)}"[:200])
    if written is None:
        raise mistake("there are no hours here", "Write closed, or for example 09:00-18:00")
    ranges = read_ranges(written) if isinstance(written, str) else None
    if ranges is None:
        meant = hours_written(written)
        hint = f"Write '{meant}'" if meant else _HOURS_EXAMPLE
        raise mistake(f"{as_written(written)} are not office hours", hint)
    return ranges


_HOURS_EXAMPLE = "Hours are written 09:00-18:00, or 09:00-13:00, 14:00-18:00, or closed; ranges must not overlap"


def _in_one(written: list[str]) -> str:
    """`[09:00, 18:00]` are two times, and one range."""
    times = [re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", one.strip()) for one in written]
    if all(times) and len(written) % 2 == 0:
        return ", ".join(f"{first}-{last}" for first, last in zip(written[::2], written[1::2], strict=True))
    joined = ", ".join(written)
    return joined if read_ranges(joined) is not None else "09:00-13:00, 14:00-18:00"


def _date(written: object) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        wrong, hint = date_mistake(str(written))
        raise mistake(f"{as_written(written)} {wrong}", hint) from None


def _country(written: str) -> str:
    country, _, part = written.partition("-")
    known = known_countries()
    if country not in known:
        raise mistake(f"the holidays of {quoted(country)} are not known", "Write a code such as IT, US or GB-SCT")
    if part and part not in known[country]:
        hint = did_you_mean(part, known[country]) or f"Write {country} alone, or one of its parts"
        raise mistake(f"{country} has no part {quoted(part)}", hint)
    return written


Days = Annotated[str, AfterValidator(_days), InSchema(written=DAYS_SCHEMA)]
Ranges = Annotated[
    tuple[TimeRange, ...], BeforeValidator(_ranges), Field(strict=False), InSchema(written=RANGES_SCHEMA)
]
Day = Annotated[date, BeforeValidator(_date), InSchema(written=DAY_SCHEMA)]
Country = Annotated[str, AfterValidator(_country), InSchema(written=COUNTRY_SCHEMA)]


def _url(written: str) -> str:
    parts = urlsplit(written)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise mistake(f"{quoted(written)} is not an address", "Write https://…")
    if parts.username or parts.password:
        raise mistake("a password never stands in an address", "Sign with 'secret: ${NAME_OF_A_VARIABLE}' instead")
    return written


WebAddress = Annotated[str, AfterValidator(_url), Field(max_length=2_000)]
