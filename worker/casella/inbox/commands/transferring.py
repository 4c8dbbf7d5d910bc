"""Handing a conversation to a team, or moving it to another inbox, by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.errors import FeatureOff, Invalid, NotAllowed, NotFound
from casella.ids import new_id
from casella.inbox.assignment import arm_overflow, lock_agents, put_down
from casella.inbox.commands.assigning import MANAGING
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.commands.queueing import assign_from_queue
from casella.inbox.house import Rooms, TeamEntry
from casella.inbox.reading import Member
from casella_rules import Chain


def to_team(db: Connection, rooms: Rooms, member: Member, conversation_id: str, team: str, at: datetime) -> None:
    """One of the team gets it, as if a rule had asked; where nobody is free it stands in the team's queue from now on.
    `team`: id or key. Who is no manager may hand over what is his, or nobody's. Raises NotFound, FeatureOff, NotAllowed
    and Invalid."""
    turn = ConversationChange(rooms, db, at, member.id)
    conversation = turn.take(conversation_id)
    chosen = _team(rooms, team)
    rooms.desk.current.require_feature(conversation.inbox.key, "assign")
    if not conversation.inbox.assignment_mode:
        raise FeatureOff("Assignment mode is off for this inbox; a manager can switch it on.", code="assignment_off")
    if member.role not in MANAGING and conversation.assignee_id not in (None, member.id):
        raise NotAllowed("Only a manager hands over what somebody else has.", code="assign_self_only")
    if conversation.row["status"] == "closed":
        raise Invalid("The conversation is closed; reopen it first.", code="conversation_closed")
    lock_agents(db)
    chain = Chain(new_id())
    if conversation.assignee_id is not None:
        put_down(turn.router.roster, turn.router.timers, conversation, at, chain)
    conversation.unassign(at)
    conversation.set(wanted=None)  # what a rule had asked for is forgotten when a person chooses
    assign_from_queue(turn, chosen, "transferred", chain, {"agent_id": member.id})
    if conversation.is_queued:
        arm_overflow(turn.router.timers, conversation, at, chain)
    turn.write()


def to_inbox(db: Connection, rooms: Rooms, member: Member, conversation_id: str, inbox: str, at: datetime) -> None:
    """Its members go on with it; answers still leave by the channel the customer wrote to. Whoever has it and does not
    see the new inbox loses it. `inbox`: id or key, one of the member's own. Raises NotFound."""
    turn = ConversationChange(rooms, db, at, member.id)
    conversation = turn.take(conversation_id)
    known = rooms.directory.current.inboxes.values()
    target = next((one for one in known if inbox in (one.id, one.key) and one.id in member.inbox_ids), None)
    if target is None:
        raise NotFound("There is no such inbox, or it is not yours to see.")
    if target.id == conversation.inbox.id:
        return
    lock_agents(db)
    was, chain, holder = turn.was(), Chain(new_id()), conversation.assignee_id
    conversation.move(target)
    let_go = holder is not None and not turn.router.roster.moves(holder, conversation.channel, target)
    if let_go:
        put_down(turn.router.roster, turn.router.timers, conversation, at, chain)
    turn.tell({"agent_id": member.id})
    if let_go:
        turn.happen("conversation_unassigned", chain=chain, previous=was)
    turn.write()


def _team(rooms: Rooms, name: str) -> TeamEntry:
    known = rooms.directory.current.teams.values()
    found = next((one for one in known if name in (one.id, one.key)), None)
    if found is None:
        raise NotFound("There is no such team.")
    return found
