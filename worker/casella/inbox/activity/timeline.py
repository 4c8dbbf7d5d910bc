"""Reading the record of one conversation, with names instead of ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.store.queries import activity_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody or something that a deed names. `name`: as it is called now."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class By:
    """`kind`: agent, rule, contact or system; `id`: the agent's or contact's id, the rule's name, what of the house."""

    kind: str
    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class ActivityView:
    """`id` rises with time. `before`, `after`: agents, teams, inboxes, contacts; else the word itself."""

    id: int
    at: datetime
    by: By
    what: str
    before: Subject | None
    after: Subject | None


def list_activity(db: Connection, conversation_id: str, before: int | None, limit: int) -> list[ActivityView]:
    """The newest first. Whether the conversation may be seen was asked before."""
    rows = activity_queries.of_conversation(db, conversation_id, before, limit)
    names = activity_queries.names(db, _ids(rows))
    return [_view(row, names) for row in rows]


def _ids(rows: Sequence[TableRow]) -> Iterable[str]:
    for row in rows:
        yield from (id for id in (row.actor_id, row.before, row.after) if id is not None)


def _view(row: TableRow, names: Mapping[str, str]) -> ActivityView:
    name = names.get(row.actor_id) if row.actor_kind in ("agent", "contact") else row.actor_id
    by = By(row.actor_kind, row.actor_id, name)
    return ActivityView(row.id, row.at, by, row.what, _subject(row.before, names), _subject(row.after, names))


def _subject(id: str | None, names: Mapping[str, str]) -> Subject | None:
    return Subject(id, names.get(id, id)) if id is not None else None
