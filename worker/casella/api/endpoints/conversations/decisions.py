"""`/conversations/{id}/decisions`: why is this here?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field, JsonValue

from casella.api.endpoints.models.answer import Sentence
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import ConversationId, CursorText, Limit
from casella.api.frame.security import Caller
from casella.inbox.assignment import standing
from casella.inbox.reading import lists
from casella.inbox.routing import Explainer, RunView
from casella.store.queries import message_queries
from casella.store.rows import TableRow

router = APIRouter(tags=["managers"])


class RuleRun(BaseModel):
    """One rule that this event could wake."""

    name: str
    outcome: str = Field(
        description="matched, watched, not_matched, not_reached, delayed, held.", examples=["not_matched"]
    )
    text: str
    reasons: Sequence[str] = Field(description="Of a rule that did not match: what failed, and the value it saw.")


class ActionRun(BaseModel):
    rule: str
    action: str
    argument: JsonValue
    done: bool
    reason: str | None = Field(description="Why it was not done, or not yet; a code.", examples=["has_assignee"])
    text: Sentence | None = Field(description="The same for people.", examples=["the conversation is closed"])
    result: str | None = Field(description="Of a plugin's action: what came of it.")


class PassedOver(BaseModel):
    agent_id: str
    agent: str
    reason: str = Field(examples=["at_capacity"])
    text: Sentence = Field(examples=["has as many conversations as allowed"])


class ChoiceRun(BaseModel):
    """Who was chosen, and why not each of the others."""

    team: str | None
    agent: str | None = Field(description="Null: nobody could take it.")
    strategy: str | None = Field(description="How one of the team was chosen; null where one agent was named.")
    skills: Sequence[str] = Field(description="What the agent had to be able to do.")
    passed_over: Sequence[PassedOver]
    behind_queue: bool = Field(description="Others had waited longer, so nobody was asked.")
    instead: str | None = Field(description="The strategy that chose because a plugin's could not be asked.")


class Run(BaseModel):
    """One run of the rules."""

    trigger: str = Field(examples=["conversation_waiting 30m"])
    chain: Sequence[str] = Field(description="The rules that led here, the first one first.")
    due: str | None = Field(description="The delayed rule whose time had come.")
    rules: Sequence[RuleRun]
    others: int = Field(description="How many rules wait for other events, or are switched off.")
    actions: Sequence[ActionRun]
    assignments: Sequence[ChoiceRun]
    problem: str | None = Field(description="Why the rules cannot be told any more.")
    unavailable: dict[str, str] = Field(description="Plugins' fields that could not be had, and why.")
    result_of: str | None = Field(description="The plugin's action that this came of; no rule was asked.")
    later_of: str | None = Field(description="The rule whose action had waited for this moment; no rule was asked.")


class Decision(BaseModel):
    """What the rules decided, on what facts, and why: as it was stored."""

    id: str
    event: str
    cause_id: str = Field(description="The message or timer that was decided about.")
    rule_set: str = Field(description="Digest of the rules in use at that time.")
    at: datetime
    facts: JsonValue
    outcome: JsonValue
    run: Run = Field(description="The same told for people: rule by rule, agent by agent.")


class Waiting(BaseModel):
    """Where a conversation stands that waits in a team's queue."""

    team: str
    since: datetime
    ahead: int = Field(description="How many of this queue come before it.")
    rule: str | None = Field(description="The rule whose `assign` asked for what follows; null: nothing special.")
    strategy: str = Field(description="How an agent will be chosen.", examples=["least_busy"])
    skills: Sequence[str] = Field(description="What the agent must be able to do.", examples=[["italian"]])
    otherwise: str | None = Field(description="The team that may take it, too.")
    passed_over: Sequence[PassedOver] = Field(description="Why not, at this moment: agent by agent.")


class DecisionPage(BaseModel):
    waiting: Waiting | None = Field(description="Null when it waits in no queue.")
    items: Sequence[Decision]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


@router.get("/conversations/{conversation_id}/decisions", response_model=DecisionPage, responses=errors(404))
def list_decisions(
    rooms: House, member: Caller, conversation_id: ConversationId, cursor: CursorText = None, limit: Limit = 25
) -> DecisionPage:
    """Which rules ran on which facts, what was done, what was skipped, who was passed over and why; newest first. What
    is told in `run` is worked out now, from the rules as they were then."""
    before = paging.id_place("d", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
        rows = message_queries.decisions_of(db, conversation_id, before, limit + 1)
        explainer = Explainer(rooms)
        items = [_decision(row, explainer.run(db, row)) for row in rows[:limit]]
        found = standing(db, rooms, conversation_id)
    following = paging.id_cursor("d", rows[limit - 1].id) if len(rows) > limit else None
    waiting = Waiting.model_validate(asdict(found)) if found else None
    return DecisionPage(waiting=waiting, items=items, next=following)


def _decision(row: TableRow, run: RunView) -> Decision:
    return Decision(
        id=row.id,
        event=row.event,
        cause_id=row.cause_id,
        rule_set=row.rule_set,
        at=row.at,
        facts=orjson.loads(row.facts),
        outcome=orjson.loads(row.outcome),
        run=Run.model_validate(asdict(run)),
    )
