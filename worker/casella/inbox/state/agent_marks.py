"""How far agents have read conversations, and in which they take part: gathered, and written in one statement."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, case, func, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.inbox.state.entities import Values
from casella.store import bulk
from casella.store.tables import conversation_agents, conversations


class AgentMarks:
    """What a transaction says of agents and conversations. Marks only move up here; `set_back` moves one down."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Values] = {}

    def takes_part(self, conversation_id: str, agent_id: str) -> None:
        """He has written in it, it was given to him, or he was mentioned (S-32)."""
        self._row(conversation_id, agent_id)["takes_part"] = True

    def reads(self, conversation_id: str, agent_id: str, sequence: int, inbound: int) -> None:
        """He has read all that had come in when the message with this `sequence` did: so many of the contact's."""
        row = self._row(conversation_id, agent_id)
        row["read_sequence"], row["read_inbound"] = sequence, inbound

    def mentions(self, conversation_id: str, agent_id: str, sequence: int) -> None:
        """A note with this `sequence` names him."""
        row = self._row(conversation_id, agent_id)
        row["mentioned_sequence"], row["takes_part"] = sequence, True

    def write(self, db: Connection) -> None:
        if self._rows:
            rows = [self._rows[key] for key in sorted(self._rows)]  # in one order, so that nobody waits in a circle
            _UPSERT(db, rows)
            self._rows.clear()

    def _row(self, conversation_id: str, agent_id: str) -> Values:
        blank: Values = {
            "conversation_id": conversation_id, "agent_id": agent_id, "takes_part": False, "read_sequence": None,
            "read_inbound": None, "mentioned_sequence": 0,
        }  # fmt: skip
        return self._rows.setdefault((conversation_id, agent_id), blank)


def set_back(db: Connection, conversation_id: str, agent_id: str, sequence: int, inbound: int) -> None:
    """Unread from here on, whatever he had read."""
    values: Values = {"read_sequence": sequence, "read_inbound": inbound}
    insert = _insert(db.dialect.name).values(conversation_id=conversation_id, agent_id=agent_id, **values)
    db.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=values))


def read_by_house(db: Connection, conversation_id: str, until: datetime) -> bool:
    """Agents have read what the contact wrote up to this moment. False if they had read so far before."""
    later = or_(conversations.c.read_at.is_(None), conversations.c.read_at < until)
    moved = update(conversations).where(conversations.c.id == conversation_id, later).values(read_at=until)
    return db.execute(moved).rowcount > 0


_KEY = ["conversation_id", "agent_id"]
_Insert = postgresql.Insert | sqlite.Insert


def _insert(dialect: str) -> _Insert:
    return postgresql.insert(conversation_agents) if dialect == "postgresql" else sqlite.insert(conversation_agents)


def _upsert(insert: _Insert) -> _Insert:
    known, new = conversation_agents.c, insert.excluded
    greatest = func.greatest if isinstance(insert, postgresql.Insert) else func.max
    moves = new.read_sequence > func.coalesce(known.read_sequence, -1)
    return insert.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "takes_part": known.takes_part | new.takes_part,
            "read_sequence": case((moves, new.read_sequence), else_=known.read_sequence),
            "read_inbound": case((moves, new.read_inbound), else_=known.read_inbound),
            "mentioned_sequence": greatest(known.mentioned_sequence, new.mentioned_sequence),
        },
    )


_UPSERT = bulk.Insert(conversation_agents, _upsert)
