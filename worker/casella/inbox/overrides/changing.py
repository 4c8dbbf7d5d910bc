"""Changing one value of the desk in use. It is written over the desk's own files, read as a folder is read, and only
then used: what a folder could not say, nobody can say here.

Reading a large desk takes seconds, so it happens before the transaction, which holds only if the desk is still the one
that was read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson
from sqlalchemy import Connection

from casella.desk import Desk
from casella.desk.files.editing import CannotEdit
from casella.desk.load import reread_changed
from casella.desk.overriding import kept
from casella.desk.overriding.kept import Override
from casella.desk.overriding.settings import value_of
from casella.desk.overriding.settling import Settled, files_with
from casella.errors import Conflict, Invalid, NotFound
from casella.inbox.activity import SYSTEM, Actor, record_of_house
from casella.inbox.house import Rooms
from casella.inbox.overrides.listing import SettingView, kind_of
from casella.inbox.overrides.reach import Reach, reach
from casella.inbox.reading import Member
from casella_rules import Problem
from casella_rules.yaml.problems import nearest, suggested
from casella_rules.yaml.source import Plain


class SettingMistaken(Invalid):
    """The desk does not take this value."""

    code = "setting_mistaken"


class CannotWrite(Conflict):
    """The desk's file is written in a way in which this value cannot be changed alone; change it in the folder."""

    code = "desk_not_editable"


class AnotherDesk(Conflict):
    """Another desk came into use meanwhile; try again."""

    code = "another_desk"


@dataclass(frozen=True, slots=True)
class Change:
    """What will be, once it is kept. `override` None: the desk's own value counts again. `desk` None: it is so already.
    `own_files`: of the desk's folder; None: nothing will be written over them."""

    rooms: Rooms
    name: str
    key: str
    override: Override | None
    before: Plain
    after: Plain
    own: Plain
    by: str
    version: int
    desk: Desk | None = None
    own_files: Mapping[str, str] | None = None
    additions: object = None
    #: The desk's number, once it is kept.
    kept_as: list[int] = field(default_factory=list)

    def keep(self, db: Connection, at: datetime) -> SettingView:
        """Raises AnotherDesk."""
        if self.desk is not None:
            if kept.hold(db) != self.version:
                raise AnotherDesk
            kept.forget(db, [self.key])
            if self.override is not None:
                kept.keep(db, self.override)
            self.kept_as.append(kept.use(db, self.desk, self.own_files, self.additions, at))
            said = [(_said(self.key, self.before), _said(self.key, self.after))]
            record_of_house(db, Actor("agent", self.by), "setting_changed", said, at)
        by, made_at = (self.override.name, self.override.at) if self.override is not None else (None, None)
        return SettingView(self.name, kind_of(self.key), self.after, self.own, by, made_at, mine=True)

    def use(self) -> None:
        """Once it is committed: this process follows at once."""
        if self.desk is not None and self.kept_as:
            self.rooms.desk.refresh((self.desk, self.kept_as[-1]))
            self.rooms.directory.refresh()


def prepare(
    rooms: Rooms, member: Member, inbox_id: str, name: str, value: Plain, at: datetime, *, back: bool = False
) -> Change:
    """`value` None takes it away; `back`: the desk's own value shall count again. Raises NotFound, NotAllowed,
    AnotherDesk, CannotWrite, and Invalid with what is wrong and the nearest name."""
    reach(rooms, member, inbox_id)  # who may not is refused before anything is read
    rooms.refresh()
    here = reach(rooms, member, inbox_id)
    key = here.key(name)
    with rooms.store.read() as db:
        newest, known = kept.newest(db), kept.overrides(db)
    if newest is None or newest.id != rooms.desk.current.version:
        raise AnotherDesk
    made = next((one for one in known if one.key == key), None)
    now = value_of(here.desk, key)
    own = made.own if made is not None else now
    wanted = own if back else _tag(key, value)
    _require(here, key, now, own, wanted)
    same = Change(rooms, name, key, made, now, now, own, member.id, newest.id)
    override = Override(key, wanted, own, member.id, member.name, at) if wanted != own else None
    if wanted == now and (made is not None) == (override is not None):
        return same
    whole = [one for one in known if one.key != key] + ([override] if override is not None else [])
    files: Mapping[str, str] = newest.own_files or newest.files
    desk = _read(rooms, newest.files, files, whole, newest.additions)
    after = value_of(desk, key)
    if override is not None:  # as the desk understands it
        _require(here, key, after, own, after)
        if after == own:
            return prepare(rooms, member, inbox_id, name, None, at, back=True)
        if after == now:
            return same
        override = replace(override, value=after)
    return replace(
        same, override=override, after=after, desk=desk, own_files=files if whole else None, additions=newest.additions
    )


def _tag(key: str, value: Plain) -> Plain:
    return value or None if key.startswith("tags/") and isinstance(value, bool) else value


def _require(here: Reach, key: str, now: Plain, own: Plain, wanted: Plain) -> None:
    """Of other inboxes alone it is not there at all."""
    is_tag = key.startswith("tags/")
    if wanted is None and key.startswith("inboxes/"):
        raise SettingMistaken(problem="a switch has a value; DELETE lets the desk's own count again")
    if is_tag and wanted not in (None, True):
        raise SettingMistaken(problem="a tag is there (true) or not (false)")
    if is_tag and own is not None and now is not None and wanted is None:
        here.require_every()
    for value in (now, own):
        if value is not None and not here.concerned(key, value) & here.mine:
            raise NotFound("There is no such setting of this inbox.")
    here.require_all(key, now, own, wanted)


def _read(
    rooms: Rooms,
    before: Mapping[str, str],
    files: Mapping[str, str],
    overrides: Sequence[Override],
    additions: object,
) -> Desk:
    try:
        after = files_with(files, overrides)
    except CannotEdit as error:
        raise (_mistaken(error.problems) if error.problems else CannotWrite()) from None
    desk, problems = reread_changed(before, after, rooms.desk.catalogue, additions)
    if desk is None:
        raise _mistaken(problems)
    return desk


def _mistaken(problems: Sequence[Problem]) -> SettingMistaken:
    if not problems:
        return SettingMistaken()
    first = problems[0]
    near = suggested(first.hint) or _among(first)
    return SettingMistaken(problem=first.message, hint=first.hint, **({"nearest": near} if near else {}))


def _among(problem: Problem) -> str:
    """Where the hint lists all there are: `'asign' is not possible here. Write assign, canned or survey`."""
    wrong, listed = re.match(r"'(.+?)'", problem.message), _LISTED.fullmatch(problem.hint)
    return nearest(wrong[1], re.split(r", | or ", listed[1])) if wrong and listed else ""


_LISTED = re.compile(r"Write ([\w-]+(?:, [\w-]+)* or [\w-]+)")


def note_given_up(db: Connection, settled: Settled, at: datetime) -> None:
    """Overrides that the applied desk has outlived are on record."""
    said = [(_said(one.override.key, one.override.value), None) for one in settled.outcomes if one.how == "given up"]
    record_of_house(db, SYSTEM, "setting_given_up", said, at)


def _said(key: str, value: Plain) -> str:
    return f"{key}: {orjson.dumps(value).decode()}"
