"""Contacts as a file of comma-separated values: read, with what is wrong in which line, and written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from casella.errors import CasellaError, Invalid
from casella.inbox.contacts import noting
from casella.inbox.contacts.agreeing import NoConsentSource, Said, said
from casella.inbox.contacts.editing import Details, checked, language, numbers_of
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, near
from casella.plugin.values import clean_name
from casella_rules.language.attributes import AttributeValue
from casella_rules.language.vocabulary import ValueType

MOST_ROWS = 20_000
_SEPARATORS = ",;\t"
_WITHIN = ";"
"""Between several numbers or tags of one cell."""
_PLAIN = ("name", "numbers", "locale", "tags")
_CONSENT = ("consent.marketing", "consent.channels", "consent.source", "consent.at")
_YES_OR_NO = {"yes": True, "true": True, "1": True, "sì": True, "no": False, "false": False, "0": False}
_CALLED = {"number": "numbers", "phone": "numbers", "tag": "tags", "language": "locale"}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line of a file that cannot be taken. `line`: as an editor counts."""

    line: int
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    details: Details
    said: Said | None = None


def read_rows(rooms: Rooms, member: Member, text: str) -> tuple[list[Row], list[Mistake]]:
    """Every line that can be taken, and what is wrong with the others. Raises Invalid for a file without a header that
    is understood, and for one that is too long."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=_separator(text))
    rows, mistakes = list[Row](), list[Mistake]()
    try:
        columns = _columns(rooms, next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) + len(mistakes) >= MOST_ROWS:
                raise Invalid(f"A file has at most {MOST_ROWS} contacts.", code="file_too_long")
            try:
                details = _details(rooms, columns, cells)
                rows.append(Row(reader.line_num, details, _said(rooms, member, columns, cells, details)))
            except CasellaError as error:
                mistakes.append(Mistake(reader.line_num, error.reason, error.text))
    except csv.Error as error:
        raise Invalid("This is no file of comma-separated values.", code="no_csv") from error
    return rows, mistakes


def _separator(text: str) -> str:
    head = text[:10_000].split("\n", 1)[0]
    return max(_SEPARATORS, key=head.count)


def _columns(rooms: Rooms, header: Sequence[str]) -> list[str]:
    attributes = _attributes(rooms)
    known = {*_PLAIN, *_CALLED, *_CONSENT, *attributes}
    found = []
    for cell in header:
        written = cell.strip().lower().removeprefix("attribute.")
        name = _CALLED.get(written, written)
        if name not in _PLAIN and name not in _CONSENT and name not in attributes:
            text = "The first line names no such column."
            raise Invalid(text, code="unknown_column", column=cell[:100], **near(written, known))
        found.append(name)
    if not {"name", "numbers"} & set(found):
        raise Invalid("The first line names the columns: name or numbers at least.", code="no_header")
    return found


def _details(rooms: Rooms, columns: Sequence[str], cells: Sequence[str]) -> Details:
    """Checked as if a person had written it. An empty cell says nothing."""
    written: dict[str, list[str]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell.strip():
            written.setdefault(column, []).append(_unguarded(cell.strip()))
    if len(cells) > len(columns):
        raise Invalid("This line has more cells than the first one.", code="too_many_cells")
    kinds = _attributes(rooms)
    attributes = {key: _value(kinds[key], written[key][-1]) for key in written if key in kinds and key not in _PLAIN}
    numbers = [one.strip() for cell in written.get("numbers", []) for one in cell.split(_WITHIN) if one.strip()]
    tags = [one.strip() for cell in written.get("tags", []) for one in cell.split(_WITHIN) if one.strip()]
    name, locale = (written.get(column, [""])[-1] or None for column in ("name", "locale"))
    changed = [column for column, value in (("name", name), ("locale", locale)) if value]
    details = Details(
        clean_name(name and name[:200]), language(locale), numbers_of(rooms, numbers), checked(rooms, attributes),
        noting.desk_tags(rooms, tags), changed,
    )  # fmt: skip
    if not details.name and not details.numbers:
        raise Invalid("Give a contact a name or a number.", code="no_name_or_number")
    return details


def _said(rooms: Rooms, member: Member, columns: Sequence[str], cells: Sequence[str], details: Details) -> Said | None:
    """What the line says of marketing; None: nothing. Raises Invalid, NoConsentSource."""
    cell = {column: text.strip() for column, text in zip(columns, cells, strict=False) if column in _CONSENT}
    written = cell.get("consent.marketing", "")
    if not written:
        return None
    agrees = _YES_OR_NO.get(written.lower())
    if agrees is None:
        raise Invalid("Whether he agrees is yes or no.", code="bad_consent")
    if not details.numbers:
        raise Invalid("Only a number can agree to messages.", code="no_number")
    channels = [one.strip() for one in cell.get("consent.channels", "").split(_WITHIN) if one.strip()]
    at = _moment(cell.get("consent.at", ""), rooms.desk.current.timezone)
    source = _unguarded(cell.get("consent.source", ""))
    return said(rooms, member, "opted_in" if agrees else "opted_out", channels, source, at, rooms.clock.now())


def _moment(written: str, timezone: str) -> datetime:
    """A day or a moment in ISO 8601; without a zone, of the desk's."""
    if not written:
        raise NoConsentSource
    try:
        at = datetime.fromisoformat(written)
        return (at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("Write when he has said so as 2026-11-30 or 2026-11-30T09:30.", code="bad_time") from error


def _attributes(rooms: Rooms) -> dict[str, ValueType]:
    """The desk's own, by key."""
    desk, vocabulary = rooms.desk.current.desk, rooms.desk.current.ruleset.vocabulary
    keys = desk.parts.attributes if desk else {}
    found = {key: vocabulary.field_of(f"contact.custom.{key}") for key in keys}
    return {key: spec.value for key, spec in found.items() if spec is not None}


def _value(kind: ValueType, written: str) -> AttributeValue:
    """What a cell says of an attribute. Raises Invalid (bad_attribute)."""
    try:
        if kind is ValueType.NUMBER:
            number = float(written.replace(",", "."))
            return int(number) if number.is_integer() else number
    except (ValueError, OverflowError):
        raise Invalid("This attribute cannot have this value.", code="bad_attribute") from None
    if kind is ValueType.FLAG:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            written.lower(), written
        )
    return written


def written_rows(rooms: Rooms, people: Iterator[Mapping[str, object]]) -> Iterator[str]:
    """The same file the other way, line by line: what is read from it again are the same contacts."""
    attributes = sorted(_attributes(rooms))
    yield _line([*_PLAIN, *attributes])
    for one in people:
        custom = one["attributes"]
        assert isinstance(custom, dict), "as it is read"
        cells = [one["name"], one["numbers"], one["locale"], one["tags"], *(custom.get(key) for key in attributes)]
        yield _line([_cell(cell) for cell in cells])


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return _WITHIN.join(map(str, value))
    return _guarded(str(value))


def _guarded(text: str) -> str:
    """Programs for tables take what begins like this for a formula, and some would do what it says."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_RISKY) else text


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
