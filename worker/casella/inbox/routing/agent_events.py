"""What happens in the house and to no conversation: an agent can take work. Rules may tell people or other systems."""

from __future__ import annotations

from datetime import datetime

import orjson
from sqlalchemy import Connection, insert

from casella.ids import new_id
from casella.inbox.house import AgentEntry, Rooms
from casella.inbox.routing.actions.webhook_calls import call_body, call_row, target_named
from casella.inbox.routing.facts.organisation import HouseFacts
from casella.inbox.routing.router import keep_rule_set
from casella.inbox.state import Values
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import decisions, effects, webhook_calls
from casella_rules import Decision, Facts, FactValue, PlannedAction, decide
from casella_rules.language.arguments import CallWebhook, Notify

AVAILABLE = "agent_available"
_ABOUT_AGENT = ("name", "role", "teams", "skills", "languages", "available", "open")


def agent_can_take_work(rooms: Rooms, db: Connection, agent_id: str, now: datetime) -> None:
    """In the transaction in which his queue was switched on. Costs nothing when no rule wants to know."""
    book = rooms.desk.current
    agent = rooms.directory.current.agents.get(agent_id)
    if agent is None or not book.wakes(AVAILABLE):
        return
    facts = Facts(AVAILABLE, _facts(rooms, db, agent_id, now))
    decision = decide(book.ruleset, facts)
    keep_rule_set(rooms, db, book.ruleset, now)
    cause = new_id()
    skipped: list[JsonValue] = []
    for action in decision.actions:
        if reason := _carry_out(rooms, db, agent, cause, action, now):
            skipped.append({"rule": action.rule, "index": action.index, "action": action.action, "reason": reason})
        else:
            _receipt(db, cause, action, now)
    db.execute(insert(decisions), _record(decision, facts, cause, skipped, now))


def _facts(rooms: Rooms, db: Connection, agent_id: str, now: datetime) -> dict[str, FactValue]:
    house, book = HouseFacts(rooms, db, now), rooms.desk.current
    values: dict[str, FactValue] = {f"agent.{name}": house.agent(agent_id, f"agent.{name}") for name in _ABOUT_AGENT}
    values |= {name: house.team(name) for name in book.ruleset.fields if name.startswith("team.")}
    return {**values, **book.time_facts(now, book.timezone)}


def _carry_out(
    rooms: Rooms, db: Connection, agent: AgentEntry, cause: str, action: PlannedAction, now: datetime
) -> str | None:
    """None when it was done, else why not."""
    match action.argument:
        case Notify() as wanted:
            people = _meant(rooms, wanted)
            payload: dict[str, JsonValue] = {
                "what": "rule", "text": wanted.text, "by": {"rules": [action.rule]}, "agent_id": agent.id
            }  # fmt: skip
            feed.append(db, [FeedEvent("notice", None, payload, person.id) for person in people], now)
            return None if people else "nobody_to_tell"
        case CallWebhook(to=key):
            target = target_named(db, key)
            if target is None:
                return "unknown_webhook"
            about = {"agent": {"id": agent.id, "key": agent.key, "name": agent.name}}
            body = orjson.dumps(call_body(AVAILABLE, action.rule, now, about)).decode()
            db.execute(insert(webhook_calls), call_row(target, cause, action, None, body, now))
            return None
        case _:
            return "no_conversation"


def _meant(rooms: Rooms, wanted: Notify) -> list[AgentEntry]:
    directory = rooms.directory.current
    members = {id for team in directory.teams.values() if team.key in wanted.teams for id in team.members}
    return [
        person
        for person in directory.agents.values()
        if person.key in wanted.agents
        or person.id in members
        or (wanted.managers and person.role in ("manager", "admin"))
    ]


def _receipt(db: Connection, cause: str, action: PlannedAction, now: datetime) -> None:
    row = {"cause_id": cause, "rule": action.rule, "action": action.index, "what": action.action, "at": now}
    db.execute(insert(effects), row)


def _record(decision: Decision, facts: Facts, cause: str, skipped: list[JsonValue], now: datetime) -> Values:
    outcome = {"decision": orjson.Fragment(decision.as_json()), "skipped": skipped, "assignments": []}
    return {
        "id": new_id(), "conversation_id": None, "cause_id": cause, "event": AVAILABLE,
        "rule_set": decision.ruleset, "facts": facts.as_json(), "outcome": orjson.dumps(outcome).decode(), "at": now,
    }  # fmt: skip
