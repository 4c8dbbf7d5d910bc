"""Credentials have a life: whoever leaves the desk, or gets another e-mail, role or password, signs in anew. Done in
the transaction that changes him."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update

from casella.store import feed
from casella.store.queries import agent_queries
from casella.store.tables import agents

Row = Mapping[str, object]
SamePassword = Callable[[object, object], bool]
"""Whether a stored hash is that of a password."""


def people(db: Connection) -> dict[str, Row]:
    """Every agent that ever was, by id, as he is now."""
    return {row.id: dict(row._mapping) for row in db.execute(select(agents))}


def set_apart(db: Connection, wanted: Mapping[str, Row]) -> None:
    """A key that somebody had who is gone, and that another one gets: it is another person, and what was the first
    one's stays his."""
    gone = select(agents).where(agents.c.removed_at.is_not(None), agents.c.key.in_(list(wanted)))
    for row in db.execute(gone).all():
        if row.email != wanted[row.key]["email"]:
            db.execute(update(agents).where(agents.c.id == row.id).values(key=f"{row.key}~{row.id}"))


def end_outdated(
    db: Connection,
    before: Mapping[str, Row],
    wanted: Mapping[str, Row],
    same_password: SamePassword,
    at: datetime,
) -> int:
    """End the sessions and tokens of everybody who is somebody else by now. `before`: as `people` told; `wanted`: by
    key. Returns how many were ended."""
    ended = 0
    for agent_id, now in people(db).items():
        was = before.get(agent_id)
        if was is None or was["removed_at"] is not None or _is_same(was, now, wanted, same_password):
            continue
        for token_id in agent_queries.revoke_all(db, agent_id, at):
            feed.append(db, [feed.FeedEvent("token.revoked", None, {"token_id": token_id}, agent_id)], at)
            ended += 1
    return ended


def _is_same(was: Row, now: Row, wanted: Mapping[str, Row], same_password: SamePassword) -> bool:
    if now["removed_at"] is not None or (was["email"], was["role"]) != (now["email"], now["role"]):
        return False
    if was["password_hash"] == now["password_hash"]:
        return True
    return same_password(was["password_hash"], wanted[str(now["key"])]["password_hash"])
