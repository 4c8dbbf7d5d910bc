"""Contacts from a file: looked at first, then taken in by a worker, some at a time, and each line by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from casella.errors import CasellaError, NotFound
from casella.ids import new_id
from casella.inbox.contacts import agreeing, editing, noting
from casella.inbox.contacts.agreeing import Noted, Said
from casella.inbox.contacts.csv_file import Mistake, Row, read_rows
from casella.inbox.contacts.editing import Details
from casella.inbox.contacts.telling import tell_contacts
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reading import contacts as reading
from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.queries.people import contact_queries
from casella.store.rows import TableRow
from casella.store.tables import contact_imports

AT_ONCE = 100
"""Lines of one transaction."""
MOST_MISTAKES = 200


@dataclass(frozen=True, slots=True)
class ImportView:
    """`state`: checked (nothing was written), waiting or done. `created`, `changed`: of those that are done; of a file
    that was only looked at, what would be. `mistakes`: the first of them."""

    id: str | None
    name: str
    state: str
    total: int
    done: int
    created: int
    changed: int
    mistakes: Sequence[Mistake]
    consents: Noted
    at: datetime
    ended_at: datetime | None


def check(db: Connection, rooms: Rooms, member: Member, name: str, text: str, at: datetime) -> ImportView:
    """What would come of it. Raises Invalid for a file that cannot be read at all."""
    editing.require_editor(rooms, member)
    rows, mistakes = read_rows(rooms, member, text)
    numbers = sorted({number for row in rows for number in row.details.numbers})
    known = dict[str, str]()
    for start in range(0, len(numbers), 500):
        for one in contact_queries.known_numbers(db, numbers[start : start + 500], ""):
            known[one.address] = one.contact_id
    created, changed, total, consents = 0, 0, len(rows) + len(mistakes), list[tuple[str, Said]]()
    for row in rows:
        owners = {known[number] for number in row.details.numbers if number in known}
        if len(owners) > 1:
            mistakes.append(Mistake(row.line, editing.NumberKnown.code, editing.NumberKnown().text))
            continue
        created, changed = created + (not owners), changed + bool(owners)
        known |= dict.fromkeys(row.details.numbers, next(iter(owners), f"line {row.line}"))
        consents += _consents_of(row.details, row.said)
    mistakes.sort(key=lambda one: one.line)
    pieces = (consents[start : start + 500] for start in range(0, len(consents), 500))
    noted = sum((agreeing.note(db, rooms, member.id, piece, at, dry_run=True) for piece in pieces), Noted())
    return ImportView(None, name, "checked", total, 0, created, changed, mistakes[:MOST_MISTAKES], noted, at, None)


def _consents_of(details: Details, said: Said | None) -> list[tuple[str, Said]]:
    return [(number, said) for number in details.numbers] if said is not None else []


def begin(db: Connection, rooms: Rooms, member: Member, name: str, text: str, at: datetime) -> ImportView:
    """A worker takes it in. What is wrong with lines is kept with it. Raises Invalid, as `check`."""
    editing.require_editor(rooms, member)
    rows, mistakes = read_rows(rooms, member, text)
    id, total = new_id(), len(rows) + len(mistakes)
    values = {
        "id": id, "agent_id": member.id, "name": name, "rows": [_kept(row) for row in rows], "total": total, "at": at,
        "done": len(mistakes), "problems": [_told(one) for one in mistakes[:MOST_MISTAKES]],
    }  # fmt: skip
    db.execute(insert(contact_imports).values(**values))
    return find(db, member, id)


def find(db: Connection, member: Member, import_id: str) -> ImportView:
    """One of the member's own. Raises NotFound."""
    mine = (contact_imports.c.id == import_id) & (contact_imports.c.agent_id == member.id)
    row = db.execute(select(contact_imports).where(mine)).one_or_none()
    if row is None:
        raise NotFound("There is no such import of yours.")
    return _view(row)


def list_imports(db: Connection, member: Member) -> list[ImportView]:
    """The member's, the newest first."""
    query = select(contact_imports).where(contact_imports.c.agent_id == member.id)
    return [_view(row) for row in db.execute(query.order_by(contact_imports.c.id.desc()).limit(20)).all()]


def take_some(rooms: Rooms) -> bool:
    """The next lines of the file that waits longest. Whether there were any."""
    waiting = select(contact_imports).where(contact_imports.c.state == "waiting").order_by(contact_imports.c.id)
    with rooms.store.write() as db:
        row = db.execute(waiting.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return False
        now = rooms.clock.now()
        counts, mistakes, changed = {"created": 0, "changed": 0}, list[Mistake](), list[str]()
        consents = list[tuple[str, Said]]()
        for one in row.rows[:AT_ONCE]:
            details, said = _details(one)
            try:
                with db.begin_nested():
                    id, how = _take(db, rooms, details, now)
            except CasellaError as error:
                mistakes.append(Mistake(int(one["line"]), error.reason, error.text))
                continue
            counts[how] = counts.get(how, 0) + 1
            changed += [id] if how == "changed" else []
            consents += _consents_of(details, said)
        noted = _noted(row) + agreeing.note(db, rooms, row.agent_id, consents, now)
        left = row.rows[AT_ONCE:]
        problems = [*row.problems, *map(_told, mistakes)][:MOST_MISTAKES]
        values = {
            "rows": left, "done": row.total - len(left), "created": row.created + counts["created"],
            "changed": row.changed + counts["changed"], "problems": problems, "consents": asdict(noted),
        }  # fmt: skip
        ends = {} if left else {"state": "done", "ended_at": now}
        if ends:
            agreeing.audit(db, row.agent_id, noted, row.name, now)
        db.execute(update(contact_imports).where(contact_imports.c.id == row.id).values(**values, **ends))
        tell_contacts(rooms, db, changed, row.agent_id, now)
        _tell(db, row, {**values, **ends}, now)
    rooms.bell.feed()
    return True


def _take(db: Connection, rooms: Rooms, details: Details, at: datetime) -> tuple[str, str]:
    """Whoever has one of the numbers is meant; nobody: a new one. Raises NumberKnown where they are two people's."""
    owners = (
        {row.contact_id for row in contact_queries.known_numbers(db, details.numbers, "")} if details.numbers else set()
    )
    if len(owners) > 1:
        raise editing.NumberKnown
    if not owners:
        return editing.add(db, rooms, details, at), "created"
    [id] = owners
    different = editing.change(db, rooms, id, details)
    for tag in details.tags:
        different = noting.add_tag(db, rooms, id, tag) or different
    return id, "changed" if different else "same"


def _tell(db: Connection, row: TableRow, values: Mapping[str, object], at: datetime) -> None:
    """Whoever has brought the file sees it go on; everybody that there is more to find."""
    progress: dict[str, feed.JsonValue] = {
        "import_id": row.id, "total": row.total, "done": int(str(values["done"])),
        "state": str(values.get("state", "waiting")),
    }  # fmt: skip
    told = [FeedEvent("import.updated", None, progress, row.agent_id)]
    if values.get("state") == "done" and values["created"]:
        told.append(FeedEvent("contacts.imported", feed.MEMBERS, {"created": int(str(values["created"]))}))
    feed.append(db, told, at)


def everybody(rooms: Rooms, member: Member) -> Iterator[Mapping[str, object]]:
    """All of the organisation's, as a file holds them, read some at a time: nobody's private contacts go into it."""
    behind: contact_queries.Place | None = None
    while True:
        with rooms.store.read() as db:
            page = reading.list_contacts(db, rooms, member, behind, 500)
        for one in (each for each in page.items if not each.private):
            numbers = [each.address for each in one.addresses if each.kind == "phone"]
            yield {
                "name": one.name, "numbers": numbers, "locale": one.locale, "tags": list(one.tags),
                "attributes": dict(one.attributes),
            }  # fmt: skip
        behind = page.behind
        if behind is None:
            return


def _kept(row: Row) -> dict[str, object]:
    details = row.details
    return {
        "line": row.line, "name": details.name, "locale": details.locale, "numbers": list(details.numbers),
        "attributes": dict(details.attributes), "tags": list(details.tags), "changed": list(details.changed),
        "said": {**asdict(row.said), "at": row.said.at.isoformat()} if row.said else None,
    }  # fmt: skip


def _details(kept: Mapping[str, Any]) -> tuple[Details, Said | None]:
    """As `_kept` wrote it, or an older version, in which nothing was said of consent."""
    details = Details(**{name: value for name, value in kept.items() if name not in ("line", "said")})
    said = kept.get("said")
    return details, Said(**{**said, "at": datetime.fromisoformat(said["at"])}) if said else None


def _noted(row: TableRow) -> Noted:
    return Noted(**(row.consents or {}))


def _told(mistake: Mistake) -> dict[str, object]:
    return {"line": mistake.line, "code": mistake.code, "text": mistake.text}


def _view(row: TableRow) -> ImportView:
    mistakes = [Mistake(one["line"], one["code"], one["text"]) for one in row.problems]
    return ImportView(
        row.id, row.name, row.state, row.total, row.done, row.created, row.changed, mistakes, _noted(row), row.at,
        row.ended_at,
    )  # fmt: skip
