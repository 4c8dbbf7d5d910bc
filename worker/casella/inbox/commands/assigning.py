"""Assigning by hand: one conditional UPDATE decides races, the loser is told who has it (peers.md #12, #40).

Who may: a team member only takes for himself, a manager gives to anyone (S-46 to S-48); nobody while the inbox's
assignment mode is off. The one who had it is told exactly once (A-1).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from casella.errors import AssignmentLost, FeatureOff, Invalid, NotAllowed, NotFound
from casella.inbox.assignment import capacity, left_waiting, lock_agents
from casella.inbox.commands.conversation_change import let_happen
from casella.inbox.house import AgentEntry, InboxEntry, Rooms
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import agents, contacts, conversations

MANAGING = ("manager", "admin")


def assign(
    db: Connection,
    rooms: Rooms,
    conversation_id: str,
    *,
    to: str | None,
    expected: str | None,
    by: str,
    at: datetime,
) -> None:
    """Give the conversation to `to` (None: to nobody) if it still belongs to `expected`. Raises NotFound, NotAllowed,
    FeatureOff, Invalid, and AssignmentLost with the agent who has it now."""
    actor = _agent(rooms, by)
    row = db.execute(
        select(conversations).where(conversations.c.id == conversation_id).with_for_update(key_share=True)
    ).one_or_none()
    inbox = rooms.directory.current.inboxes.get(row.inbox_id) if row else None
    if row is None or inbox is None:
        raise NotFound
    _may_assign(actor, inbox, row.assignee_id, to)
    if to is not None:
        _may_receive(rooms, inbox, to)
    if row.assignee_id != expected:
        raise _lost(rooms, row.assignee_id)
    if row.status == "closed":
        raise Invalid("The conversation is closed; reopen it first.", code="conversation_closed")
    if to == expected:
        return
    event = "conversation_assigned" if to else "conversation_unassigned"
    if rooms.desk.current.hears(event):
        lock_agents(db)
    _claim(db, row, to, at)
    _move_load(db, leaves=expected, joins=to, at=at)
    if to is None:
        left_waiting(db, row, at)
    _tell(db, inbox, row, actor, expected, to, at)
    before = rooms.directory.current.agents.get(expected or "")
    let_happen(rooms, db, conversation_id, event, at, {"previous.assignee": before.key if before else None})


def _move_load(db: Connection, *, leaves: str | None, joins: str | None, at: datetime) -> None:
    """Count open conversations per agent, in order of id like everybody who changes several agents."""
    for agent_id in sorted(id for id in (leaves, joins) if id is not None):
        if agent_id == joins:
            capacity.take_over(db, agent_id, at)
        else:
            capacity.give_up(db, agent_id)


def recount(db: Connection) -> int:
    """Set every agent's count to what is true. Returns how many were wrong. For `casella doctor`."""
    truth = (
        select(func.count())
        .where(conversations.c.assignee_id == agents.c.id, conversations.c.status != "closed")
        .scalar_subquery()
    )
    return db.execute(
        update(agents).where(agents.c.open_conversations != truth).values(open_conversations=truth)
    ).rowcount


def _agent(rooms: Rooms, agent_id: str) -> AgentEntry:
    agent = rooms.directory.current.agents.get(agent_id)
    if agent is None:
        raise NotAllowed
    return agent


def _may_assign(actor: AgentEntry, inbox: InboxEntry, current: str | None, to: str | None) -> None:
    if not inbox.assignment_mode:
        raise FeatureOff("Assignment mode is off for this inbox; a manager can switch it on.", code="assignment_off")
    if actor.role in MANAGING:
        return
    takes, gives_back = to == actor.id, to is None and current == actor.id
    if not takes and not gives_back:
        raise NotAllowed("Only a manager assigns to others; you may assign to yourself.", code="assign_self_only")


def _may_receive(rooms: Rooms, inbox: InboxEntry, to: str) -> None:
    if to not in rooms.directory.current.agents:
        raise Invalid("There is no such agent.", code="unknown_agent")
    if to not in inbox.members:
        raise Invalid("This agent is not a member of the inbox.", code="not_a_member")
    if not rooms.desk.current.may_reply(rooms.directory.current.agents[to].key):
        raise Invalid("This agent may not answer customers.", code="may_not_reply")


def _lost(rooms: Rooms, holder: str | None) -> AssignmentLost:
    agent = rooms.directory.current.agents.get(holder or "")
    name = agent.name if agent else None
    text = f"{name} took this conversation first." if name else "This conversation was given back meanwhile."
    return AssignmentLost(text, assignee_id=holder, assignee_name=name)


def _claim(db: Connection, row: Row[tuple[object, ...]], to: str | None, at: datetime) -> None:
    """While it is still with whom it was. What a rule had asked for is forgotten when a person chooses, not when the
    agent a rule has chosen gives it back."""
    still_his = conversations.c.assignee_id.is_not_distinct_from(row.assignee_id)
    chosen = {"wanted": None} if to else {}
    claimed = db.execute(
        update(conversations)
        .where(conversations.c.id == row.id, still_his, conversations.c.status != "closed")
        .values(
            assignee_id=to,
            assigned_at=at if to else None,
            queued_at=None if to else at,
            returned_by=None,
            version=conversations.c.version + 1,
            **chosen,
        )
    )
    if claimed.rowcount != 1:
        raise AssignmentLost


def _tell(
    db: Connection,
    inbox: InboxEntry,
    row: Row[tuple[object, ...]],
    actor: AgentEntry,
    before: str | None,
    to: str | None,
    at: datetime,
) -> None:
    conversation: dict[str, JsonValue] = {
        "id": row.id, "status": row.status, "priority": row.priority, "assignee_id": to, "team_id": row.team_id,
        "contact_id": row.contact_id, "message_count": row.message_count, "version": row.version + 1,
    }  # fmt: skip
    by: dict[str, JsonValue] = {"agent_id": actor.id, "agent_name": actor.name}
    events = [
        FeedEvent(
            "conversation.updated",
            inbox.id,
            row.id,
            {"conversation": conversation, "by": by, "was": {"assignee_id": before}},
        )
    ]
    if before is not None and before != actor.id:
        contact = db.execute(select(contacts.c.name).where(contacts.c.id == row.contact_id)).scalar_one_or_none()
        notice: dict[str, JsonValue] = {"what": "reassigned", "contact_name": contact, "by": by, "to_agent_id": to}
        events.append(FeedEvent("notice", inbox.id, row.id, {"conversation": {"id": row.id}, **notice}, before))
    feed.append(db, events, at)
