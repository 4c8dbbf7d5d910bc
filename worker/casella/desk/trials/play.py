"""Plays what happens in a test: rules decide as they do in the running house, and what they do is done in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casella.desk.trials.effects import EFFECTS
from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.stage import Happening
from casella.desk.trials.world import TrialConversation, World
from casella_rules import (
    Chain,
    Decision,
    DelayedRule,
    Facts,
    FactValue,
    Past,
    PlannedAction,
    decide,
    decide_due,
    next_time,
)
from casella_rules.durations import written


@dataclass(slots=True)
class Run:
    """One run of the rules, to be explained later. `due`: the rule whose time had come."""

    facts: Facts
    decision: Decision
    due: str = ""


@dataclass(slots=True)
class Log:
    """What happened since the last step."""

    runs: list[Run] = field(default_factory=list)
    acted: list[str] = field(default_factory=list)
    watched: list[str] = field(default_factory=list)
    delayed: list[str] = field(default_factory=list)
    replies: list[tuple[str, str]] = field(default_factory=list)  # what was asked for, and the locale
    offered: list[str] = field(default_factory=list)  # titles of buttons and rows
    notes: list[str] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    surveys: list[str] = field(default_factory=list)
    drafts: int = 0
    asked: list[str] = field(default_factory=list)  # actions of plugins
    skipped: list[tuple[str, str, str]] = field(default_factory=list)  # rule, action, why not
    choices: list[str] = field(default_factory=list)  # sentences about who was chosen and who was passed over


class Play:
    """Things happen to a world, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rules = world.desk.rules
        self.log = Log()
        self._causes = 0
        self._waiting: list[tuple[DelayedRule, TrialConversation | None]] = []
        self._surveyed: set[str] = set()
        self._next_schedules()
        if world.conversation is not None:
            self._watch_the_clock(world.conversation)

    def message(self, message: SaidMessage) -> None:
        """The customer writes."""
        world = self.world
        conversation = world.conversation
        began = conversation is None or conversation.status == "closed"
        if conversation is None or began:
            conversation = world.begin("contact")
        conversation.status = "open"
        conversation.messages += 1
        conversation.last_message_at = world.now
        if conversation.waiting_since is None:
            conversation.waiting_since = world.now
        self._watch_the_clock(conversation)
        events = ("conversation_opened", "message_received") if began else ("message_received",)
        self.happens([Happening(event, message=message, sent_by="contact") for event in events])

    def agent_replies(self, text: str) -> None:
        """An agent answers, or begins."""
        world = self.world
        conversation = world.conversation
        began = conversation is None or conversation.status == "closed"
        if conversation is None or began:
            conversation = world.begin("agent")
        conversation.messages += 1
        conversation.last_message_at = world.now
        conversation.waiting_since = None
        self._watch_the_clock(conversation)
        events = ("conversation_opened", "message_sent") if began else ("message_sent",)
        said = SaidMessage(text=text)
        self.happens([Happening(event, message=said, sent_by="agent") for event in events])

    def happens(self, happenings: list[Happening]) -> None:
        """Something from outside, and everything that rules make of it, until it is quiet."""
        self._causes += 1
        waiting = deque((happening, Chain(str(self._causes))) for happening in happenings)
        fired: frozenset[str] = frozenset()
        while waiting:
            happening, chain = waiting.popleft()
            self._cancel(happening.event)
            chain = chain.having_fired(fired)
            decision, caused = self._decided(happening, chain)
            fired |= set(decision.matched)
            waiting.extend(caused)

    def _decided(self, happening: Happening, chain: Chain) -> tuple[Decision, list[tuple[Happening, Chain]]]:
        facts = Facts(happening.trigger, self._values(happening))
        decision = decide(self.rules, facts, self._past(chain))
        for delayed in decision.delayed:
            self._delay(delayed, happening, chain.having_fired(decision.matched))
        return decision, self._carried_out(Run(facts, decision), chain, happening)

    def _values(self, happening: Happening) -> Mapping[str, FactValue]:
        values = self.world.facts(happening.message, happening.sent_by)
        if happening.agent:
            values |= self.world.agent_facts(happening.agent)
        return {**values, **happening.extra}

    def _past(self, chain: Chain) -> Past:
        now = self.world.now
        return Past(chain, {rule: (now - at).total_seconds() for rule, at in self.world.fired_at.items()})

    def _carried_out(self, run: Run, chain: Chain, happening: Happening) -> list[tuple[Happening, Chain]]:
        log, decision = self.log, run.decision
        log.runs.append(run)
        log.acted += decision.matched
        log.watched += decision.watched
        log.delayed += [one.rule for one in decision.delayed]
        log.skipped += [(one.rule, one.action, one.reason) for one in decision.skipped]
        self.world.fired_at |= dict.fromkeys(decision.matched, self.world.now)
        caused: list[tuple[Happening, Chain]] = []
        after = chain.having_fired(decision.matched)
        for action in decision.actions:
            caused += [(one, after.caused_by(action.rule)) for one in self._one(action)]
        return caused

    def _one(self, action: PlannedAction) -> list[Happening]:
        effect = EFFECTS.get(action.action)
        if effect is not None:
            return effect(self, action)
        self.log.asked.append(action.action)  # a plugin's: what comes of it only the running Casella knows
        return []

    def skip(self, action: PlannedAction, why: str) -> list[Happening]:
        """Note that an action was not done."""
        self.log.skipped.append((action.rule, action.action, why))
        return []

    def survey_once(self, survey: str) -> bool:
        """Whether this survey was not sent to this conversation yet; now it was."""
        new = survey not in self._surveyed
        self._surveyed.add(survey)
        return new

    # --- time ---------------------------------------------------------------------------------------------------

    def _delay(self, delayed: DelayedRule, happening: Happening, chain: Chain) -> None:
        entry = (delayed, self.world.conversation)
        self._waiting.append(entry)

        def due() -> None:
            if entry in self._waiting:
                self._waiting.remove(entry)
                self._come_due(delayed.rule, happening, chain)

        self.world.later(self.world.now + timedelta(seconds=delayed.after), due)

    def _come_due(self, rule: str, happening: Happening, chain: Chain) -> None:
        facts = Facts(happening.trigger, self._values(happening))
        decision = decide_due(self.rules, rule, facts, self._past(chain))
        caused = deque(self._carried_out(Run(facts, decision, rule), chain, happening))
        while caused:
            next_happening, next_chain = caused.popleft()
            self._cancel(next_happening.event)
            caused.extend(self._decided(next_happening, next_chain)[1])

    def _cancel(self, event: str) -> None:
        """An event in `unless` ends the waiting of rules for this conversation."""
        conversation = self.world.conversation
        self._waiting = [one for one in self._waiting if event not in one[0].unless or one[1] is not conversation]

    def _watch_the_clock(self, conversation: TrialConversation) -> None:
        """Wake the rules that wait for so long without an answer, or without a word."""
        since, last = conversation.waiting_since, conversation.last_message_at
        for seconds in self.rules.waits("conversation_waiting") if since else ():
            assert since is not None
            self._wake_at(since, seconds, "conversation_waiting", lambda: conversation.waiting_since == since)
        for seconds in self.rules.waits("conversation_idle") if last else ():
            assert last is not None
            self._wake_at(last, seconds, "conversation_idle", lambda: conversation.last_message_at == last)

    def _wake_at(self, since: datetime, seconds: int, event: str, still: Callable[[], bool]) -> None:
        moment = since + timedelta(seconds=seconds)
        conversation = self.world.conversation

        def due() -> None:
            current = self.world.conversation
            if current is conversation and current is not None and current.status == "open" and still():
                self.happens([Happening(event, f"{event} {written(seconds)}")])

        if moment >= self.world.now:
            self.world.later(moment, due)

    def _next_schedules(self) -> None:
        for cron in self.rules.schedules:
            self._schedule(cron)

    def _schedule(self, cron: str) -> None:
        moment = next_time(cron, self.world.now, self.world.desk.parts.timezone)

        def due() -> None:
            conversation = self.world.conversation
            if conversation is not None and conversation.status != "closed":
                self.happens([Happening("schedule", f"schedule {cron}")])
            self._schedule(cron)

        if moment is not None:
            self.world.later(moment, due)
