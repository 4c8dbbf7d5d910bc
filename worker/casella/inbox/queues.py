"""Queues: conversations that waited because nobody was eligible go to whoever becomes free, the oldest first.

An agent switches his queue on, closes something, a desk raises a capacity: the sweep looks once a second whether
somebody waits and somebody could take it. Who waits longest within a priority goes first. Nobody new overtakes: while
others wait for a team, a new conversation joins its queue, and writing again does not change when one was queued
(peers.md #29 to #31).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, case, exists, insert, or_, select, update

from casella.ids import new_id
from casella.inbox.directory import InboxEntry, TeamEntry
from casella.inbox.duty import DutyRoster, waits
from casella.inbox.rooms import Rooms
from casella.inbox.routing import keep_rule_set
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import agents, conversations, decisions
from casella_rules.assignment import Choice

_AT_ONCE = 100
_BY_PRIORITY = case(
    (conversations.c.priority == "urgent", 0), (conversations.c.priority == "high", 1),
    (conversations.c.priority == "normal", 2), else_=3,
)  # fmt: skip
_CAN_TAKE = (
    agents.c.available
    & agents.c.removed_at.is_(None)
    & or_(agents.c.capacity.is_(None), agents.c.open_conversations < agents.c.capacity)
)


def serve_queues(rooms: Rooms) -> int:
    """Give waiting conversations to agents who can take them. Returns how many were given."""
    with rooms.store.read() as db:
        if not db.execute(select(exists().where(waits()) & exists().where(_CAN_TAKE))).scalar_one():
            return 0
    now = rooms.clock.now()
    with rooms.store.write() as db:
        waiting = _waiting(db)
        roster = DutyRoster(rooms, db, now)
        given = [one for row in waiting if (one := _serve(rooms, db, roster, row, now)) is not None]
        roster.write()
        feed.append(db, given, now)
    if given:
        rooms.bell.feed()
    return len(given)


def _waiting(db: Connection) -> Sequence[Row[tuple[object, ...]]]:
    """The next to be served. Rows that a lane is changing right now are left for the next round."""
    query = select(conversations).where(waits()).order_by(_BY_PRIORITY, conversations.c.queued_at, conversations.c.id)
    return db.execute(query.limit(_AT_ONCE).with_for_update(key_share=True, skip_locked=True)).all()


def _serve(
    rooms: Rooms, db: Connection, roster: DutyRoster, row: Row[tuple[object, ...]], now: datetime
) -> FeedEvent | None:
    directory = rooms.directory.current
    inbox, team = directory.inboxes.get(row.inbox_id), directory.teams.get(row.team_id)
    if inbox is None or team is None:
        return None
    strategy = rooms.desk.current.strategy(team.key)
    choice = roster.choose(inbox, team, strategy, ())
    if choice.agent_id is None:
        return None
    at = roster.take(choice.agent_id)
    db.execute(
        update(conversations)
        .where(conversations.c.id == row.id)
        .values(
            assignee_id=choice.agent_id, assigned_at=at, queued_at=None, version=conversations.c.version + 1
        )
    )  # fmt: skip
    _record(rooms, db, row, team, strategy, choice, now)
    return _event(row, inbox, team, choice.agent_id)


def _record(
    rooms: Rooms,
    db: Connection,
    row: Row[tuple[object, ...]],
    team: TeamEntry,
    strategy: str,
    choice: Choice,
    now: datetime,
) -> None:
    """Why this one, why not the others: as for every decision (law 11)."""
    rules = rooms.desk.current.ruleset
    keep_rule_set(rooms, db, rules, now)
    passed_over = [[agent_id, reason.value] for agent_id, reason in choice.passed_over]
    chosen = {"team_id": team.id, "agent_id": choice.agent_id, "strategy": strategy, "passed_over": passed_over}
    facts = {"conversation.team": team.key, "conversation.priority": row.priority, "waiting_since": row.queued_at}
    db.execute(
        insert(decisions),
        {
            "id": new_id(),
            "conversation_id": row.id,
            "cause_id": row.id,
            "event": "queue_served",
            "rule_set": rules.hash,
            "facts": orjson.dumps(["queue_served", facts]).decode(),
            "outcome": orjson.dumps({"assignments": [chosen], "skipped": []}).decode(),
            "at": now,
        },
    )


def _event(row: Row[tuple[object, ...]], inbox: InboxEntry, team: TeamEntry, agent_id: str) -> FeedEvent:
    conversation: dict[str, JsonValue] = {
        "id": row.id, "status": row.status, "priority": row.priority, "assignee_id": agent_id, "team_id": team.id,
        "contact_id": row.contact_id, "message_count": row.message_count, "version": row.version + 1,
    }  # fmt: skip
    return FeedEvent(
        "conversation.updated", inbox.id, row.id, {"conversation": conversation, "by": {"queue": team.key}}
    )
