"""Lists that an agent has saved under a name: a set of filters and a sort, of the page's own making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import Conflict, NotFound
from casella.ids import new_id
from casella.inbox.reading import Member
from casella.store.queries import personal_queries
from casella.store.rows import TableRow

MOST = 50


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query`: the parameters of `GET /conversations`. `shared`: everybody has it; only its maker changes it."""

    id: str
    name: str
    query: Mapping[str, object]
    shared: bool
    mine: bool


def list_views(db: Connection, member: Member) -> list[SavedView]:
    """His own and the shared ones, by name. What each shows is still only what he may see."""
    return [_view(row, member) for row in personal_queries.views(db, member.id)]


def save(
    db: Connection, member: Member, name: str, query: Mapping[str, Sequence[str] | str | bool], *, shared: bool,
    at: datetime,
) -> SavedView:  # fmt: skip
    """Raises Conflict for a name he has used, and beyond MOST of his own. Only managers share."""
    own = [row for row in personal_queries.views(db, member.id) if row.agent_id == member.id]
    if len(own) >= MOST:
        raise Conflict(f"You have {MOST} views; delete one first.", code="too_many_views")
    if any(row.name == name for row in own):
        raise Conflict("You have a view of this name; choose another.", code="view_exists")
    id, is_shared = new_id(), shared and member.is_manager
    personal_queries.add_view(
        db, id=id, agent_id=member.id, name=name, query=dict(query), shared=is_shared, created_at=at
    )
    return SavedView(id, name, query, is_shared, mine=True)


def delete(db: Connection, member: Member, view_id: str) -> None:
    """Raises NotFound for one that is not his own."""
    if not personal_queries.drop_view(db, member.id, view_id):
        raise NotFound("There is no such view of yours.")


def _view(row: TableRow, member: Member) -> SavedView:
    return SavedView(row.id, row.name, row.query, row.shared, row.agent_id == member.id)
