"""Giving a queued conversation to an agent, and putting one back into its queue: what queues and timers share.

The caller holds the conversation; the agents are held by the roster. Why this one and why not the others is recorded,
as for every decision (law 11).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import orjson

from casella.ids import new_id
from casella.inbox.assignment import Search, kind_of, managers_of, put_down, return_timer, search
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms, TeamEntry
from casella.inbox.notices import Notice
from casella.inbox.routing import Router
from casella.inbox.state import ConversationState, Workspace, is_first
from casella.store.feed import JsonValue
from casella_rules import Chain
from casella_rules.language.durations import written


def give(
    router: Router, conversation: ConversationState, found: Search, now: datetime, chain: Chain | None = None
) -> None:
    """The agent who was found has it from now on."""
    team = found.team
    if team.id != conversation.team_id:
        conversation.set(team_id=team.id, wanted=None)
    at = router.roster.take(found.choice, conversation.channel, conversation.inbox, team)
    conversation.assign(str(found.choice.agent_id), at)
    seconds = router.book.reassign_after(team.key)
    if seconds is not None:
        router.timers.arm(return_timer(conversation.id, str(found.choice.agent_id), at, seconds, now, chain))


def record(
    rooms: Rooms,
    work: Workspace,
    conversation: ConversationState,
    event: str,
    assignments: list[dict[str, JsonValue]],
) -> None:
    """A decision that no rule made."""
    directory = rooms.directory.current
    team = directory.teams.get(conversation.team_id or "")
    facts = {
        "conversation.team": team.key if team else None,
        "conversation.priority": str(conversation.row["priority"]),
        "inbox": conversation.inbox.key,
    }
    work.decisions.append(
        {
            "id": new_id(),
            "conversation_id": conversation.id,
            "cause_id": conversation.id,
            "event": event,
            "rule_set": rooms.desk.current.ruleset.hash,
            "facts": orjson.dumps([event, facts]).decode(),
            "outcome": orjson.dumps({"assignments": assignments, "skipped": []}).decode(),
            "at": work.now,
        }
    )


def assign_from_queue(
    turn: ConversationChange, team: TeamEntry, event: str, chain: Chain, by: dict[str, JsonValue] | None = None
) -> None:
    """Try another team; where nobody is free it stands in that team's queue, in the place its waiting has earned. `by`:
    who wanted it, if not the queue."""
    conversation, roster = turn.held, turn.router.roster
    before, wanted = turn.was(), conversation.wanted
    found = search(roster, conversation, team)
    agent_id = found.choice.agent_id
    behind = agent_id is not None and roster.would_overtake(agent_id)
    if agent_id is not None and not behind:
        give(turn.router, conversation, found, turn.now, chain)
    else:
        conversation.set(team_id=team.id, wanted=None)
    made: dict[str, JsonValue] = {"team_id": team.id, "agent_id": None, "behind": "queue"}
    if not behind:
        made = found.as_record()
    record(turn.rooms, turn.work, conversation, event, [{"rule": wanted.rule, **made} if wanted.rule else made])
    turn.tell(by or {"queue": team.key})
    turn.happen("conversation_assigned", chain=chain, previous=before)


def put_back(turn: ConversationChange, seconds: int, chain: Chain) -> None:
    """Its agent has not answered for so long: he is told, others get it. The same is noted once while the customer
    waits, however often it goes round; and managers are told, once, when nobody else can take it."""
    conversation, router = turn.held, turn.router
    holder, before = str(conversation.assignee_id), turn.was()
    agent = turn.rooms.directory.current.agents.get(holder)
    waiting = f"{conversation.row['waiting_since']}"
    let_go = conversation.let_go.and_by(holder)
    put_down(router.roster, router.timers, conversation, turn.now, chain, let_go)
    if is_first(turn.db, "let_go", conversation.id, f"{waiting}/{holder}", turn.now):
        who = agent.name if agent else "The agent"
        text = f"{who} did not answer within {written(seconds)}; back to the queue."
        turn.work.note(conversation, text, "rule", None)
    turn.tell({"timer": "reassign"})
    if agent is not None:
        _notify(turn, "returned", agent.id)
    kind = kind_of(conversation)
    stuck = kind is not None and not router.roster.who_can(kind)
    if stuck and is_first(turn.db, "unanswered", conversation.id, waiting, turn.now):
        for manager_id in managers_of(turn.rooms, conversation.inbox):
            _notify(turn, "unanswered", manager_id)
    turn.happen("conversation_unassigned", chain=chain, previous=before)


def _notify(turn: ConversationChange, what: Literal["returned", "unanswered"], agent_id: str) -> None:
    more: dict[str, JsonValue] = {"by": {"timer": "reassign"}, "contact_name": turn.held.address.contact.name}
    turn.work.notify(Notice(agent_id, turn.held.id, what, more))
