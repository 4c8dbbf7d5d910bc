"""Claiming an agent's room for conversations: one conditional UPDATE per agent, and its row count decides.

Who reads first and then writes has only been right when he read. The rows are held besides (`duty`), so that workers
seldom get in each other's way; but what keeps an agent from getting one conversation too many, and a team's turn from
being taken twice, is written into the statements that do it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypedDict, cast

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Text,
    Update,
    and_,
    bindparam,
    case,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from casella.errors import ClaimLost
from casella.store import bulk
from casella.store.prepared import Query, among
from casella.store.tables import agents, rotations
from casella.store.types import Instant
from casella_rules.assignment import RotationState


class Claim(TypedDict):
    """`change`: how many open conversations more (or less) the agent has when the transaction ends. `takes`: whether he
    was given any; who only has fewer than before, or took them up himself, is not asked whether he may. `room_for`: the
    change without what he took up himself."""

    row_id: str
    change: int
    takes: bool
    room_for: int
    at: datetime | None


def takes_work() -> ColumnElement[bool]:
    """Agents who are there, and neither gone nor to be left in peace."""
    return and_(agents.c.available, agents.c.do_not_disturb.is_(False), agents.c.removed_at.is_(None))


def has_room(change: ColumnElement[int] | int = 1) -> ColumnElement[bool]:
    """Agents who can have so many conversations more."""
    return or_(agents.c.capacity.is_(None), agents.c.open_conversations + change <= agents.c.capacity)


def claim_room(db: Connection, claims: Sequence[Claim]) -> None:
    """Agents get and lose conversations; in order of id, like everybody who changes several. Raises ClaimLost unless
    everybody who gets any still takes work and has room for all."""
    if len(claims) > 1 and db.dialect.name == "postgresql":
        _HOLD(db, ids=[claim["row_id"] for claim in claims])
    if _CLAIM(db, cast(Sequence[bulk.Values], claims)) != len(claims):
        raise ClaimLost


def take_over(db: Connection, agent_id: str, at: datetime) -> None:
    """A person gives the conversation to this agent, who may thereby have more than rules would give him. Raises
    ClaimLost when he has left the house meanwhile."""
    if db.execute(_TAKE_OVER, {"row_id": agent_id, "at": at}).rowcount != 1:
        raise ClaimLost


def give_up(db: Connection, agent_id: str) -> None:
    """One conversation less, by a person's doing."""
    db.execute(_GIVE_UP, {"row_id": agent_id})


def load_rotation(db: Connection, scope: str) -> str | None:
    """Whose turn it is in a team, as stored."""
    found = _ROTATION.first(db, of=scope)
    return found.state if found else None


def save_rotations(db: Connection, before: Mapping[str, str | None], after: Mapping[str, RotationState]) -> None:
    """The turns go on. Raises ClaimLost where somebody else has moved one since it was read."""
    statement = _SAVE_POSTGRESQL if db.dialect.name == "postgresql" else _SAVE_SQLITE
    for scope in sorted(after):
        row = {"scope": scope, "state": after[scope].as_json(), "before": before.get(scope)}
        if db.execute(statement, row).first() is None:
            raise ClaimLost


class _Agent(NamedTuple):
    id: str


class _Rotation(NamedTuple):
    state: str


_HOLD = Query(
    _Agent, select(agents.c.id).where(among(agents.c.id, "ids")).order_by(agents.c.id).with_for_update(key_share=True)
)
_ONE = update(agents).where(agents.c.id == bindparam("row_id"))


def _claim(new: bulk.Columns) -> Update:
    changed = agents.c.open_conversations + new.change
    may = or_(new.takes.is_(False), and_(takes_work(), has_room(new.room_for)))
    return (
        update(agents)
        .where(agents.c.id == new.row_id, may)
        .values(open_conversations=case((changed < 0, 0), else_=changed), last_assigned_at=new.at)
    )


_CLAIM = bulk.Update(_claim, row_id=Text(), change=Integer(), takes=Boolean(), room_for=Integer(), at=Instant())
_TAKE_OVER = _ONE.where(agents.c.removed_at.is_(None)).values(
    open_conversations=agents.c.open_conversations + 1, last_assigned_at=bindparam("at")
)
_GIVE_UP = _ONE.values(
    open_conversations=case((agents.c.open_conversations < 1, 0), else_=agents.c.open_conversations - 1)
)
_ROTATION = Query(_Rotation, select(rotations.c.state).where(rotations.c.scope == bindparam("of")))
_SQLITE, _POSTGRESQL = sqlite.insert(rotations), postgresql.insert(rotations)
_UNMOVED = rotations.c.state == bindparam("before")
_SAVE_SQLITE = _SQLITE.on_conflict_do_update(
    index_elements=["scope"], set_={"state": _SQLITE.excluded.state}, where=_UNMOVED
).returning(rotations.c.scope)
_SAVE_POSTGRESQL = _POSTGRESQL.on_conflict_do_update(
    index_elements=["scope"], set_={"state": _POSTGRESQL.excluded.state}, where=_UNMOVED
).returning(rotations.c.scope)
