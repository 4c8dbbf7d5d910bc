"""Which change of a message is the newest, and those that came before their message.

The provider's number or time decides, not who arrives last; where it gives neither, whoever arrives last. What comes
early waits for a week, as long as providers send again what was not taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, tuple_

from casella.inbox.state import Values
from casella.plugin import Event, MessageDeleted, MessageEdited, ReactionChanged, event_from_json
from casella.store.forgetting import forget
from casella.store.keys import ByKeys
from casella.store.tables import messages, revisions

Revision = MessageEdited | MessageDeleted | ReactionChanged
MessageKey = tuple[str, str]
"""Channel and the provider's id of the message."""

KEPT_FOR = timedelta(days=7)
_MOST = 200


class _Known(NamedTuple):
    channel_id: str
    external_id: str
    kind: str
    doer: str
    number: int | None
    at: datetime | None
    event: str | None


_BY_MESSAGE = ByKeys(
    (revisions.c.channel_id, revisions.c.external_id),
    _Known,
    lambda wanted: (
        select(*(revisions.c[name] for name in _Known._fields)).where(wanted).order_by(revisions.c.id)
    ),
)  # fmt: skip


@dataclass(slots=True)
class Kept:
    """The newest change of one kind by one doer. `event`: while it waits for its message."""

    kind: str
    doer: str
    number: int | None
    at: datetime | None
    event: Revision | None
    is_new: bool = True

    @classmethod
    def of(cls, event: Revision) -> Kept:
        kind = (
            "reaction"
            if isinstance(event, ReactionChanged)
            else "edit"
            if isinstance(event, MessageEdited)
            else "delete"
        )
        number = event.number if isinstance(event, MessageEdited) else None
        return cls(kind, doer(event), number, event.provider_time, event)

    def yields_to(self, other: Kept) -> bool:
        """Whether the other one is at least as new."""
        if self.number is not None and other.number is not None and self.number != other.number:
            return other.number > self.number
        if self.at is not None and other.at is not None:
            return other.at >= self.at
        return True


def doer(event: Revision) -> str:
    """Of a reaction: each has one. Edits and deletions are the writer's alone."""
    if isinstance(event, ReactionChanged) and not event.by_business:
        return event.participant or event.contact_address
    return ""


class KeptRevisions:
    """Those of one batch's messages."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._kept: dict[MessageKey, list[Kept]] = {}

    def load(self, keys: Iterable[MessageKey]) -> None:
        wanted = set(keys) - set(self._kept)
        if not wanted:
            return
        for row in _BY_MESSAGE(self._db, wanted):
            event = event_from_json(row.event) if row.event else None
            assert event is None or isinstance(event, Revision)
            kept = Kept(row.kind, row.doer, row.number, row.at, event, is_new=False)
            self._kept.setdefault((row.channel_id, row.external_id), []).append(kept)

    def accept(self, key: MessageKey, event: Revision) -> Kept | None:
        """The record of a change that is news; None for one that a newer change has overtaken."""
        mine = self._kept.setdefault(key, [])
        new = Kept.of(event)
        known = next((one for one in mine if (one.kind, one.doer) == (new.kind, new.doer)), None)
        if known is not None and not known.yields_to(new):
            return None
        mine[:] = [one for one in mine if one is not known] + [new]
        return new

    def is_deleted(self, key: MessageKey) -> bool:
        return any(one.kind == "delete" for one in self._kept.get(key, ()))

    def waiting(self, key: MessageKey) -> list[Kept]:
        """What came before this message; a deletion comes last, because nothing is left to change after it."""
        found = [one for one in self._kept.get(key, ()) if one.event is not None]
        return sorted(found, key=lambda one: one.kind == "delete")

    def applied(self, kept: Kept) -> None:
        kept.event, kept.is_new = None, True

    def write(self, now: datetime) -> None:
        changed = [(key, one) for key, kept in self._kept.items() for one in kept if one.is_new]
        if not changed:
            return
        columns = revisions.c
        same = tuple_(columns.channel_id, columns.external_id, columns.kind, columns.doer)
        self._db.execute(delete(revisions).where(same.in_([(*key, one.kind, one.doer) for key, one in changed])))
        self._db.execute(insert(revisions), [_row(key, one, now) for key, one in changed])


def _row(key: MessageKey, kept: Kept, now: datetime) -> Values:
    return {
        "channel_id": key[0],
        "external_id": key[1],
        "kind": kept.kind,
        "doer": kept.doer,
        "number": kept.number,
        "at": kept.at,
        "event": kept.event.model_dump_json() if kept.event else None,
        "received_at": now,
    }


def with_message_by_now(db: Connection) -> Sequence[tuple[str, Event]]:
    """Changes that still wait although their message is stored: it was written in the same instant, by another worker
    or by a send that has just returned. With the channel's id."""
    same = (messages.c.channel_id == revisions.c.channel_id) & (messages.c.external_id == revisions.c.external_id)
    query = (
        select(revisions.c.channel_id, revisions.c.event)
        .join(messages, same)
        .where(revisions.c.event.is_not(None), messages.c.direction.in_(("in", "out")))
        .order_by(revisions.c.id)
        .limit(_MOST)
    )
    return [(row.channel_id, event_from_json(row.event)) for row in db.execute(query)]


def some_wait(db: Connection) -> bool:
    return db.execute(select(revisions.c.id).where(revisions.c.event.is_not(None)).limit(1)).first() is not None


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of what nobody sends again."""
    return forget(db, revisions, revisions.c.received_at < now - KEPT_FOR)
