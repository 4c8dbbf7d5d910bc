"""Assigning by hand: one conditional UPDATE decides races, the loser is told who has it (peers.md #12, #40).

Who may: a team member only takes for himself, a manager gives to anyone (S-46 to S-48); nobody while the inbox's
assignment mode is off. The one who had it is told exactly once (A-1).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from casella.errors import AssignmentLost, FeatureOff, Invalid, NotAllowed, NotFound
from casella.inbox.assignment import arm_overflow, capacity
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import AgentEntry, InboxEntry, Rooms
from casella.inbox.notices import Notice
from casella.store.feed import JsonValue
from casella.store.tables import agents, conversations

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
    actor, turn = _agent(rooms, by), ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if conversation.inbox.id not in rooms.directory.current.inboxes:
        raise NotFound
    holder = conversation.assignee_id
    _may_assign(rooms, actor, conversation.inbox, holder, to)
    if to is not None:
        _may_receive(rooms, conversation.inbox, to)
    if holder != expected:
        raise _lost(rooms, holder)
    if conversation.row["status"] == "closed":
        raise Invalid("The conversation is closed; reopen it first.", code="conversation_closed")
    if to == expected:
        return
    event, was = "conversation_assigned" if to else "conversation_unassigned", turn.was()
    turn.hear(event)
    _move_load(db, leaves=holder, joins=to, at=at)
    if to is None:
        conversation.unassign(at)
        arm_overflow(turn.router.timers, conversation, at, None)
    else:  # what a rule had asked for is forgotten when a person chooses
        conversation.assign(to, at, returned_by=None, wanted=None)
    _tell(turn, actor, holder, to)
    turn.happen(event, previous={"previous.assignee": was["previous.assignee"]})
    turn.write()


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


def _may_assign(rooms: Rooms, actor: AgentEntry, inbox: InboxEntry, current: str | None, to: str | None) -> None:
    """In a contact center whoever is free takes what is nobody's, and gives back what is his (S-82)."""
    rooms.desk.current.require_feature(inbox.key, "assign")
    if (current, to) not in ((None, actor.id), (actor.id, actor.id), (actor.id, None)):
        rooms.desk.current.require_engagement(inbox.key)
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


def _tell(turn: ConversationChange, actor: AgentEntry, before: str | None, to: str | None) -> None:
    by: dict[str, JsonValue] = {"agent_id": actor.id, "agent_name": actor.name}
    turn.tell(by, was={"assignee_id": before})
    if before is not None and before != actor.id:
        name = turn.held.address.contact.name
        more: dict[str, JsonValue] = {"contact_name": name, "by": by, "to_agent_id": to}
        turn.work.notify(Notice(before, turn.held.id, "reassigned", more))
