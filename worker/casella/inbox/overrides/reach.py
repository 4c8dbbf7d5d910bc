"""Which value of the desk somebody means, and whether it is his to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casella.desk import Desk
from casella.desk.overriding.settings import SWITCHES
from casella.desk.parts.types import key_problem
from casella.errors import Invalid, NotAllowed, NotFound
from casella.inbox.house import InboxEntry, Rooms
from casella.inbox.reading import Member
from casella_rules.yaml.problems import nearest
from casella_rules.yaml.source import Plain

KINDS = ("canned", "tags", "exceptions")


class OfOtherInboxes(NotAllowed):
    """This belongs to other inboxes, too; a manager of all of them changes it."""

    code = "of_other_inboxes"


class NoHours(Invalid):
    """This inbox has no office hours of its own; name them in desk.yaml."""

    code = "no_hours"


@dataclass(frozen=True, slots=True)
class Reach:
    """One inbox, and whoever manages it."""

    desk: Desk
    inbox: InboxEntry
    #: Keys of the shared inboxes that this manager belongs to.
    mine: frozenset[str]

    def key(self, name: str) -> str:
        """The key in the desk of a setting's name here. Raises Invalid with the nearest name, NotFound."""
        kind, _, rest = name.partition("/")
        if not rest:
            return self._switch(name)
        if kind not in KINDS:
            raise _unknown(kind, KINDS)
        if kind == "exceptions":
            return self._day(rest)
        if mistaken := key_problem(rest):
            raise Invalid("This cannot be a key.", code="bad_key", problem=mistaken[0], hint=mistaken[1])
        return f"{kind}/{rest}"

    def name(self, key: str) -> str | None:
        """The other way round; None for what does not concern this inbox."""
        kind, _, rest = key.partition("/")
        if kind in ("canned", "tags"):
            return key
        owner, _, leaf = rest.partition("/")
        hours = self.desk.parts.inboxes[self.inbox.key].hours
        if kind == "hours":
            return f"exceptions/{leaf}" if owner == hours else None
        return leaf if owner == self.inbox.key else None

    def require_every(self) -> None:
        """Raises OfOtherInboxes unless he belongs to every inbox there is."""
        if not frozenset(self.desk.parts.inboxes) <= self.mine:
            raise OfOtherInboxes

    def require_all(self, key: str, *values: Plain) -> None:
        """Raises OfOtherInboxes unless he belongs to every inbox that any of these values is for."""
        for value in values:
            if value is not None and not self.concerned(key, value) <= self.mine:
                raise OfOtherInboxes

    def concerned(self, key: str, value: Plain) -> frozenset[str]:
        kind, _, rest = key.partition("/")
        every = frozenset(self.desk.parts.inboxes)
        if kind == "hours":
            owner = rest.partition("/")[0]
            return frozenset(one for one, inbox in self.desk.parts.inboxes.items() if inbox.hours == owner)
        if kind == "canned":
            named = value.get("inboxes") if isinstance(value, dict) else None
            return frozenset(str(one) for one in named) if isinstance(named, list) and named else every
        return frozenset({self.inbox.key})

    def _switch(self, name: str) -> str:
        if name not in SWITCHES:
            raise _unknown(name, [*SWITCHES, *KINDS])
        return f"inboxes/{self.inbox.key}/{name}"

    def _day(self, written: str) -> str:
        hours = self.desk.parts.inboxes[self.inbox.key].hours
        if hours is None:
            raise NoHours
        try:
            return f"hours/{hours}/{date.fromisoformat(written).isoformat()}"
        except ValueError:
            raise Invalid("Write a date such as 2026-12-24.", code="bad_date") from None


def reach(rooms: Rooms, member: Member, inbox_id: str) -> Reach:
    """Raises NotFound for an inbox that is not his to see, or that the desk does not have any more."""
    desk, known = rooms.desk.current.desk, rooms.directory.current.inboxes
    inbox = known.get(inbox_id) if inbox_id in member.inbox_ids else None
    if inbox is None or desk is None or inbox.key not in desk.parts.inboxes:
        raise NotFound("There is no such inbox, or it is not yours to see.")
    mine = frozenset(known[one].key for one in member.inbox_ids if one in known)
    return Reach(desk, inbox, mine)


def _unknown(name: str, among: object) -> Invalid:
    near = nearest(name, list(among) if isinstance(among, list | tuple) else [])
    more = {"nearest": near} if near else {}
    return Invalid("There is no such setting.", code="unknown_setting", **more)
