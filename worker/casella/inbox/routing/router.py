"""Routing: the rules hear of what happens, and what they decide is done, in the transaction in which it happened.

Facts are gathered (`facts`), `casella_rules` decides, `actions` carries out, and the decision is stored with the facts
it saw. What a rule causes is heard as well, with the chain that led there: no rule fires twice in one chain, also when
it listens to both events of a first message (conversation_opened, then message_received).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from casella import metrics
from casella.ids import new_id
from casella.inbox.assignment import AgentRoster
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Deskbook, Rooms
from casella.inbox.routing.actions.carry_out import ActionRun, carry_out
from casella.inbox.routing.actions.surveys import answered, thank
from casella.inbox.routing.cooldowns import Cooldowns
from casella.inbox.routing.facts.customer_words import WORDS
from casella.inbox.routing.facts.gathering import FactGatherer
from casella.inbox.routing.put_off import put_off
from casella.inbox.routing.rule_events import Happening
from casella.inbox.state import ConversationState, Timer, TimerBook, Values, Workspace, arm_silences, rule_kind
from casella.store.feed import JsonValue
from casella.store.tables import rule_sets
from casella_rules import (
    Chain,
    Decision,
    DelayedRule,
    Facts,
    FactValue,
    Past,
    PlannedAction,
    RuleSet,
    decide,
    decide_due,
)
from casella_rules.engine.chain import NO_PAST
from casella_rules.language.durations import Span

#: What is recorded of a run in which no rule was asked, and the name of its event.
_UNASKED = {"result_of": "action_result", "later_of": "action_later"}


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to do, and the function that does it."""

    action: PlannedAction
    act: Callable[[ActionRun, PlannedAction], bool]


class Router:
    """Lets the rules hear of what happens in one transaction."""

    def __init__(self, rooms: Rooms, work: Workspace, consent: ConsentBook) -> None:
        self._rooms = rooms
        self._work = work
        self._consent = consent
        self.book: Deskbook = rooms.desk.current
        self.roster = AgentRoster(rooms, work.db, work.now)
        self.timers = TimerBook(work.db)
        self._facts = FactGatherer(rooms, work, consent)
        self._cooldowns = Cooldowns(work.db, work.now, self.book)
        self._waiting: deque[Happening] = deque()
        self._fired: dict[str, set[str]] = {}
        self.matched: dict[str, list[str]] = {}

    def route(self, conversation: ConversationState, message: Values, *, provider_replies: bool) -> None:
        """A contact's message came in; of those on private numbers, rules do not hear (law 8)."""
        if not conversation.is_shared:
            return
        first = conversation.is_first_message
        for event in ("conversation_opened", "message_received") if first else ("message_received",):
            if self.book.hears(event):
                cause = str(message["id"])
                self._waiting.append(
                    Happening(event, conversation, cause, Chain(cause), message=message,
                              provider_replies=provider_replies)
                )  # fmt: skip
        if self.book.surveys:
            self._answer(conversation, message)
        self._silence(conversation)
        self.run()

    def left(self, conversation: ConversationState, message: Values) -> None:
        """Somebody of the house wrote, through another program of the provider; perhaps it began with that."""
        if not conversation.is_shared:
            return
        cause = str(message["id"])
        first = conversation.is_new and conversation.row["message_count"] == 1
        for event in ("conversation_opened", "message_sent") if first else ("message_sent",):
            self.happened(Happening(event, conversation, cause, Chain(cause), message=message))
        self._silence(conversation)
        self.run()

    def _silence(self, conversation: ConversationState) -> None:
        if self.book.hears_silence:
            arm_silences(self.book, self.timers, conversation)

    def answer(self, conversation: ConversationState, message: Values) -> None:
        """An answer to a survey came in, for a conversation that was closed with the question: it stays closed."""
        self._answer(conversation, message)
        self.run()

    def _answer(self, conversation: ConversationState, message: Values) -> None:
        """Whether the message answers a survey; the score stands in the facts of that one event."""
        text = str(message["text"])
        found = answered(self._work.db, self.book, conversation, text, self._work.now)
        if found is not None:
            survey, answer = found
            cause = f"{message['id']}/survey"
            more = {"survey.score": answer.score} if answer.score is not None else {}
            happening = Happening("survey_answered", conversation, cause, Chain(cause), message=message, more=more)
            thank(self._action_run(happening, {}), survey.survey)
            self.happened(happening)

    def happened(self, happening: Happening) -> None:
        """Something else happened; `run` asks the rules. Only shared conversations meet them (law 8)."""
        if self.book.hears(happening.event) and happening.conversation.is_shared:
            self._waiting.append(happening)

    def run(self) -> None:
        """Ask the rules about everything that has happened, and about what they cause."""
        while self._waiting:
            self._ask(self._waiting.popleft())

    def due(self, happening: Happening, rule: str) -> None:
        """The time of a rule that waited has come: it is asked again."""
        values = self._facts.of(happening)
        past = Past(happening.chain, self._cooldowns.seconds_since(happening.conversation))
        facts = Facts(happening.trigger, values)
        decision = decide_due(self.book.ruleset, rule, facts, past)
        self._done(happening, facts, values, decision, due=rule)
        self.run()

    def later(self, happening: Happening, action: PlannedAction) -> None:
        """One action whose own time has come; not of a rule that was removed or switched off meanwhile."""
        deed = Deed(action, carry_out if self.book.ruleset.acts(action.rule) else _of_no_rule)
        self._unasked(happening, [deed], {"later_of": {"rule": action.rule, "action": action.action}})

    def came_of(self, happening: Happening, deeds: Sequence[Deed], told: Mapping[str, JsonValue]) -> None:
        """A plugin's action was done, and this is to be done about the conversation. `told`: for the record."""
        self._unasked(happening, deeds, {"result_of": told})

    def _unasked(self, happening: Happening, deeds: Sequence[Deed], more: Mapping[str, object]) -> None:
        decision = Decision(self.book.ruleset.hash, actions=tuple(deed.action for deed in deeds))
        values = self._facts.of(happening)
        run = self._action_run(happening, values)
        before = run.conversation.row["version"]
        for deed in deeds:
            self._do(run, deed.action, deed.act)
        if before != run.conversation.row["version"] and run.conversation.row["status"] != "closed":
            rules = list(dict.fromkeys(deed.action.rule for deed in deeds))
            self._work.tell("conversation.updated", run.conversation, {"by": {"rules": rules}})
        self._record(happening, Facts(happening.trigger, values), decision, run, None, more)
        self.run()

    def settle(self) -> None:
        """Write what assignments changed, and timers; and the rule set if it is new, because decisions refer to it.
        Raises ClaimLost."""
        self.roster.write()
        self.timers.write()
        if self._work.decisions:
            keep_rule_set(self._rooms, self._work.db, self.book.ruleset, self._work.now)

    def finish(self) -> None:
        """After the workspace is written: what refers to conversations, and a last look at whom they were given to."""
        self._cooldowns.write()
        self.roster.verify()

    def _ask(self, happening: Happening) -> None:
        if stopped := self.book.canceled_by(happening.event):
            self.timers.cancel(happening.conversation.id, map(rule_kind, stopped))
        if not self.book.wakes(happening.trigger):
            return
        values = self._facts.of(happening)
        facts = Facts(happening.trigger, values)
        decision = decide(self.book.ruleset, facts, self._past(happening))
        metrics.decisions.labels(happening.event).inc()
        for timer in put_off(self._work.db, self.book, happening, values, self._work.now):
            self.timers.arm(timer)
        self._done(happening, facts, values, decision)

    def _past(self, happening: Happening) -> Past:
        """Rules that fired beside this one's path count as well: a chain is everything that one cause brought about."""
        fired = self._fired.get(happening.chain.id)
        chain = happening.chain.having_fired(fired) if fired else happening.chain
        since = self._cooldowns.seconds_since(happening.conversation)
        return Past(chain, since) if chain.fired or since else NO_PAST

    def _done(
        self, happening: Happening, facts: Facts, values: Mapping[str, FactValue], decision: Decision,
        due: str | None = None,
    ) -> None:  # fmt: skip
        if decision.matched or decision.delayed:  # what it causes, also later, knows of everything that has fired
            fired = (*self._fired.get(happening.chain.id, ()), *decision.matched)
            happening = replace(happening, chain=happening.chain.having_fired(fired))
        run = self._action_run(happening, values)
        self._carry_out(run, decision)
        for delayed in decision.delayed:
            if due_at := self.book.over_at(Span(delayed.after, delayed.hours), self._work.now):
                self.timers.arm(_delay(happening, delayed, due_at))
        self._cooldowns.fired(happening.conversation, decision.matched)
        self._record(happening, facts, decision, run, due)

    def _action_run(self, happening: Happening, values: Mapping[str, FactValue]) -> ActionRun:
        return ActionRun(
            self._rooms, self._work, self.roster, self.book, happening, self._consent, self.timers, self.happened,
            values,
        )  # fmt: skip

    def _carry_out(self, run: ActionRun, decision: Decision) -> None:
        if not decision.matched:
            return
        conversation = run.conversation
        before = dict(conversation.row), set(conversation.tags)
        for action in decision.actions:
            self._do(run, action, carry_out)
        self._fired.setdefault(run.happening.chain.id, set()).update(decision.matched)
        self.matched.setdefault(run.cause_id, []).extend(decision.matched)
        if before != (conversation.row, conversation.tags) and conversation.row["status"] != "closed":
            self._work.tell("conversation.updated", conversation, {"by": {"rules": list(decision.matched)}})

    def _do(self, run: ActionRun, action: PlannedAction, act: Callable[[ActionRun, PlannedAction], bool]) -> None:
        """The action, and a note that it was done."""
        with run.by(action):
            done = act(run, action)
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

    def _record(
        self,
        happening: Happening,
        facts: Facts,
        decision: Decision,
        run: ActionRun,
        due: str | None,
        more: Mapping[str, object] = {},
    ) -> None:
        outcome: dict[str, object] = {
            "decision": orjson.Fragment(decision.as_json()), "skipped": run.skipped, "assignments": run.choices, **more
        }  # fmt: skip
        if happening.chain.path:
            outcome["chain"] = happening.chain.path
        if due is not None:
            outcome["due"] = due
        if self._facts.unavailable:
            outcome["unavailable"] = self._facts.unavailable
        self._work.decisions.append(
            {
                "id": new_id(),
                "conversation_id": happening.conversation.id,
                "cause_id": happening.cause_id,
                "event": next((_UNASKED[name] for name in more if name in _UNASKED), happening.event),
                "rule_set": decision.ruleset,
                "facts": facts.as_json(WORDS),
                "outcome": orjson.dumps(outcome).decode(),
                "at": self._work.now,
            }
        )


def _of_no_rule(run: ActionRun, action: PlannedAction) -> bool:
    return run.skip(action, "rule_is_gone")


def _delay(happening: Happening, delayed: DelayedRule, due_at: datetime) -> Timer:
    payload: dict[str, JsonValue] = {
        "trigger": happening.trigger,
        "chain": happening.chain.as_json(),
        "message_id": str(happening.message["id"]) if happening.message else None,
        "previous": {name: str(value) if value else None for name, value in happening.previous.items()},
        "more": {name: value for name, value in happening.more.items() if isinstance(value, str | int | float)},
    }
    return Timer(rule_kind(delayed.rule), happening.conversation.id, happening.cause_id, due_at, payload)


def keep_rule_set(rooms: Rooms, db: Connection, rules: RuleSet, now: datetime) -> None:
    """Old rule sets are kept, so that every decision can be explained with the rules that made it."""
    if not rooms.desk.rule_set_is_stored(rules.hash):
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        row = {"digest": rules.hash, "source": orjson.loads(rules.json), "first_used_at": now}
        db.execute(insert(rule_sets).on_conflict_do_nothing(), row)
