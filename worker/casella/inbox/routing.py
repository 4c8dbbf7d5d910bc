"""Routing: the rules decide about what came in, and what they decided is done, in the message's own transaction.

Facts are gathered from the workspace, `casella_rules` decides, `casella.inbox.actions` carries out, and the decision
is stored with the facts it saw. A rule fires at most once per cause, also when it listens to both events of a first
message (conversation_opened, then message_received).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from casella import metrics
from casella.ids import new_id
from casella.inbox.actions import ActionRun, carry_out
from casella.inbox.consent import ConsentBook
from casella.inbox.deskbook import Deskbook
from casella.inbox.duty import DutyRoster
from casella.inbox.entities import ConversationState, Values
from casella.inbox.rooms import Rooms
from casella.inbox.workspace import Workspace
from casella.store.tables import conversations, rule_sets
from casella_rules import Decision, Facts, FactValue, PlannedAction, RuleSet, decide


class Router:
    """Routes the messages of one batch."""

    def __init__(self, rooms: Rooms, work: Workspace, consent: ConsentBook) -> None:
        self._rooms = rooms
        self._work = work
        self._consent = consent
        self._book: Deskbook = rooms.desk.current
        self._roster = DutyRoster(rooms, work.db, work.now)
        self.matched: dict[str, list[str]] = {}
        self._time_facts: dict[str, Mapping[str, FactValue]] = {}

    def route(self, conversation: ConversationState, message: Values, *, provider_replies: bool) -> None:
        """Let the rules see a message that came in."""
        rules = self._book.ruleset
        first = conversation.is_new and conversation.row["message_count"] == 1
        fired: set[str] = set()
        for event in ("conversation_opened", "message_received") if first else ("message_received",):
            if not self._book.listens(event):
                continue
            values = self._values(conversation, message)
            decision = decide(rules, Facts(event, values))
            metrics.decisions.labels(event).inc()
            run = ActionRun(
                self._rooms, self._work, self._roster, self._book, conversation, str(message["id"]), provider_replies,
                self._consent.is_stopped(conversation.channel, conversation.address.address),
            )  # fmt: skip
            self._carry_out(run, decision, fired)
            self._record(event, values, decision, run)

    def settle(self) -> None:
        """Write what assignments changed, and the rule set if it is new."""
        self._roster.write()
        if self._work.decisions:
            keep_rule_set(self._rooms, self._work.db, self._book.ruleset, self._work.now)

    def _carry_out(self, run: ActionRun, decision: Decision, fired: set[str]) -> None:
        before = dict(run.conversation.row), set(run.conversation.tags)
        for action in decision.actions:
            if action.rule in fired:
                run.skip(action, "already_fired")
            else:
                self._one(run, action)
        fired.update(decision.matched)
        self.matched.setdefault(run.cause_id, []).extend(decision.matched)
        if before != (run.conversation.row, run.conversation.tags) and run.conversation.row["status"] != "closed":
            self._work.tell("conversation.updated", run.conversation, {"by": {"rules": list(decision.matched)}})

    def _one(self, run: ActionRun, action: PlannedAction) -> None:
        done = carry_out(run, action)
        if done:
            self._work.effects.append(
                {
                    "cause_id": run.cause_id,
                    "rule": action.rule,
                    "action": action.index,
                    "what": action.action,
                    "at": self._work.now,
                }
            )

    def _record(self, event: str, values: Mapping[str, FactValue], decision: Decision, run: ActionRun) -> None:
        facts = Facts(event, {name: value for name, value in values.items() if name != "text"})
        outcome = {"decision": orjson.Fragment(decision.as_json()), "skipped": run.skipped, "assignments": run.choices}
        self._work.decisions.append(
            {
                "id": new_id(),
                "conversation_id": run.conversation.id,
                "cause_id": run.cause_id,
                "event": event,
                "rule_set": decision.ruleset,
                "facts": facts.as_json(),
                "outcome": orjson.dumps(outcome).decode(),
                "at": self._work.now,
            }
        )

    def _values(self, conversation: ConversationState, message: Values) -> dict[str, FactValue]:
        directory = self._rooms.directory.current
        channel, contact = conversation.channel, conversation.address.contact
        row = conversation.row
        assignee = directory.agents.get(conversation.assignee_id or "")
        team = directory.teams.get(conversation.team_id or "")
        kind, _, address = conversation.address.key
        values: dict[str, FactValue] = {
            "channel": frozenset((channel.key, channel.channel_type)),
            "channel_type": channel.channel_type,
            "inbox": channel.inbox.key,
            "text": str(message["text"]),
            "kind": str(message["kind"]),
            "has_attachment": bool(message["has_attachments"]),
            "contact.name": contact.name,
            "contact.phone": address if kind == "phone" else None,
            "contact.tags": frozenset(contact.tags),
            "contact.is_new": self._is_new(conversation),
            "contact.opted_out": self._consent.is_stopped(channel, address),
            "conversation.status": str(row["status"]),
            "conversation.priority": str(row["priority"]),
            "conversation.tags": frozenset(conversation.tags),
            "conversation.is_new": row["message_count"] == 1,
            "conversation.assignee": assignee.key if assignee else None,
            "conversation.team": team.key if team else None,
        }
        zone = channel.inbox.timezone
        if zone not in self._time_facts:
            self._time_facts[zone] = self._book.time_facts(self._work.now, zone)
        return {**values, **self._time_facts[zone]}

    def _is_new(self, conversation: ConversationState) -> bool:
        contact = conversation.address.contact
        if contact.is_new or "contact.is_new" not in self._book.ruleset.fields:
            return contact.is_new
        query = select(func.count()).where(conversations.c.contact_id == contact.id)
        return int(self._work.db.execute(query).scalar_one()) + conversation.is_new <= 1


def keep_rule_set(rooms: Rooms, db: Connection, rules: RuleSet, now: datetime) -> None:
    """Old rule sets are kept, so that every decision can be explained with the rules that made it."""
    if not rooms.desk.rule_set_is_stored(rules.hash):
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        row = {"digest": rules.hash, "source": orjson.loads(rules.json), "first_used_at": now}
        db.execute(insert(rule_sets).on_conflict_do_nothing(), row)
