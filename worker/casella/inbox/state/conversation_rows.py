"""Writing conversations and their tags, as one transaction has changed them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import Connection, Text, update

from casella.errors import ClaimLost
from casella.inbox.state.entities import ConversationState
from casella.store import bulk
from casella.store.tables import conversation_tags, conversations


@cache
def _update(names: tuple[str, ...]) -> bulk.Update:
    """Changes these columns of conversations that are whose they were when they were read."""
    columns = conversations.c
    types = {name: columns[name].type for name in names}
    return bulk.Update(
        lambda new: (
            update(conversations)
            .where(
                columns.id == new.row_id,
                columns.assignee_id.is_not_distinct_from(new.held_by),
                columns.status == new.held_status,
            )
            .values({name: new[f"new_{name}"] for name in names})
        ),
        row_id=Text(),
        held_by=Text(),
        held_status=Text(),
        **{f"new_{name}": kind for name, kind in types.items()},
    )


def write_conversations(db: Connection, every: Iterable[ConversationState]) -> list[ConversationState]:
    """In one order, which is returned. Raises ClaimLost where one is no longer whose it was when it was read."""
    states = sorted(every, key=lambda s: (s.row["status"] != "closed", s.id))
    known = [state for state in states if state.changed and not state.is_new]
    closed = [state for state in known if state.row["status"] == "closed"]
    _change(db, closed)  # first: one that closed makes room for others
    _change(db, known[len(closed) :])
    bulk.insert(db, conversations, [state.row for state in states if state.is_new])
    tags = [{"conversation_id": s.id, "tag": tag} for s in states for tag in sorted(s.new_tags)]
    bulk.insert(db, conversation_tags, tags)
    for state in (each for each in states if each.lost_tags):
        mine = conversation_tags.c.conversation_id == state.id
        db.execute(conversation_tags.delete().where(mine, conversation_tags.c.tag.in_(state.lost_tags)))
    return states


def _change(db: Connection, states: Sequence[ConversationState]) -> None:
    """The columns that any of them has changed."""
    names = tuple(sorted(set().union(*(state.changes for state in states))))
    rows = [
        {
            "row_id": s.id, "held_by": s.held_by, "held_status": s.held_status,
            **{f"new_{name}": s.row[name] for name in names},
        }
        for s in states
    ]  # fmt: skip
    if rows and _update(names)(db, rows) != len(rows):
        raise ClaimLost
