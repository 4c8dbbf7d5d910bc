"""What an inbox's managers may change, what it is now, and what the desk itself says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from casella.desk.overriding.kept import Override, overrides
from casella.desk.overriding.settings import SWITCHES, value_of
from casella.errors import NotFound
from casella.inbox.house import Rooms
from casella.inbox.overrides.reach import Reach, reach
from casella.inbox.reading import Member
from casella_rules.yaml.source import Plain

Kind = Literal["switch", "exception", "canned", "tag"]
_KINDS: Mapping[str, Kind] = {"inboxes": "switch", "hours": "exception", "canned": "canned", "tags": "tag"}


@dataclass(frozen=True, slots=True)
class SettingView:
    """`value`: what counts; `own`: what the desk's folder says; None: nothing. `changed_by`, `changed_at`: of the
    override, where there is one. `mine`: whether whoever asks may change it."""

    name: str
    kind: Kind
    value: Plain
    own: Plain
    changed_by: str | None
    changed_at: datetime | None
    mine: bool


def kind_of(key: str) -> Kind:
    return _KINDS[key.partition("/")[0]]


def list_settings(db: Connection, rooms: Rooms, member: Member, inbox_id: str) -> Sequence[SettingView]:
    """Switches, single dates of its office hours, canned messages, tags. Raises NotFound."""
    here = reach(rooms, member, inbox_id)
    made = {one.key: one for one in overrides(db)}
    keys = dict.fromkeys([*_keys(here), *(key for key in made if here.name(key) is not None)])
    return [view for key in keys if (view := _view(here, key, made.get(key))) is not None]


def read_setting(db: Connection, rooms: Rooms, member: Member, inbox_id: str, name: str) -> SettingView:
    """One of them, also where there is nothing of this name. Raises NotFound, Invalid."""
    here = reach(rooms, member, inbox_id)
    key = here.key(name)
    made = next((one for one in overrides(db) if one.key == key), None)
    view = _view(here, key, made)
    if view is None:
        raise NotFound
    return view


def _keys(here: Reach) -> Iterator[str]:
    inbox, parts = here.inbox.key, here.desk.parts
    yield from (f"inboxes/{inbox}/{switch}" for switch in SWITCHES)
    hours = parts.inboxes[inbox].hours
    if hours is not None:
        yield from (f"hours/{hours}/{day.isoformat()}" for day in sorted(parts.hours[hours].exceptions))
    yield from (f"canned/{message.key}" for message in here.desk.canned_for(inbox))
    yield from (f"tags/{tag}" for tag in parts.tags)


def _view(here: Reach, key: str, made: Override | None) -> SettingView | None:
    """None for a canned message of other inboxes alone."""
    name, value = here.name(key), value_of(here.desk, key)
    own = made.own if made is not None else value
    wanted = [one for one in (value, own) if one is not None]
    if name is None or (wanted and not any(here.inbox.key in here.concerned(key, one) for one in wanted)):
        return None
    mine = all(here.concerned(key, one) <= here.mine for one in wanted)
    by, at = (made.name, made.at) if made is not None else (None, None)
    return SettingView(name, kind_of(key), value, own, by, at, mine)
