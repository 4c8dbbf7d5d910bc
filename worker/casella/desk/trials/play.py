"""Plays what happens in a test: rules decide as they do in the running house, and what they do is done in memory.

Like in the house, what happens at once is one run: the rules hear of it, and of everything they cause. What was sent to
the customer has left a moment later, and queues are served when it is quiet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from casella.desk.trials.effects import EFFECTS, WITHOUT_CONVERSATION, prioritized
from casella.desk.trials.facts import agent_facts, facts_of
from casella.desk.trials.giving import first_who_may_write, refusal_to_take, refusal_to_write, take, wake
from casella.desk.trials.lulls import Alarms
from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.queue import serve_queue
from casella.desk.trials.returning import given
from casella.desk.trials.sending import answered
from casella.desk.trials.stage import Happening, SentReply, SurveyBook
from casella.desk.trials.waiting import WaitingRules
from casella.desk.trials.world import World
from casella_rules import Chain, Decision, Facts, FactValue, Past, PlannedAction, decide, decide_due
from casella_rules.engine.chain import MAX_CHAIN


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
    replies: list[SentReply] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)  # titles of buttons and rows
    notes: list[str] = field(default_factory=list)
    notified: list[str] = field(default_factory=list)
    webhooks: list[str] = field(default_factory=list)
    surveys: list[str] = field(default_factory=list)
    drafts: int = 0
    asked: list[str] = field(default_factory=list)  # actions of plugins
    skipped: list[tuple[str, str, str]] = field(default_factory=list)  # rule, action, why not
    waits: list[tuple[str, str, str]] = field(default_factory=list)  # rule, action, for what it waits
    choices: list[str] = field(default_factory=list)  # sentences about who was chosen and who was passed over
    refused: list[str] = field(default_factory=list)  # what the step itself wanted and could not have


class Play:
    """Things happen to a world, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rules = world.desk.rules
        self.log = Log()
        self.surveys = SurveyBook()
        self._causes = 0
        self._served = 0
        self._left: deque[Happening] = deque()
        self._after = Chain()
        self.sender = ""
        self.written_at: datetime | None = None
        self._waiting = WaitingRules(world, self._come_due)
        self._alarms = Alarms(world, self.rules, self.happens)
        self._alarms.begin()

    def message(self, message: SaidMessage) -> None:
        """The customer writes. What answers the survey of a conversation that is closed begins no other one."""
        world = self.world
        conversation = world.conversation
        began = conversation is None or conversation.status == "closed"
        said = Happening("message_received", message=message, sent_by="contact", chain=self._new_chain())
        answer = answered(self, message.text or "")
        if answer is not None:
            told = replace(said, event="survey_answered", trigger="survey_answered", chain=self._new_chain(),
                           extra={"survey.score": answer[1]})  # fmt: skip
            if began:
                closed = told.conversation = answer[0].conversation
                closed.messages, closed.spoken_at = closed.messages + 1, world.now
                self.happens([told])
                return
        if conversation is None or began:
            conversation = world.begin("contact")
        events = [replace(said, event="conversation_opened", trigger="conversation_opened"), said] if began else [said]
        conversation.waiting_since = conversation.waiting_since or world.now
        if conversation.status == "snoozed":
            events = [*(replace(one, chain=said.chain) for one in wake(self, conversation, said.chain)), *events]
        conversation.messages, conversation.spoken_at = conversation.messages + 1, world.now
        if answer is not None:
            events.append(told)
        self._alarms.watch(conversation)
        self.happens(events)

    def agent_replies(self, text: str, by: str | None = None) -> None:
        """An agent answers, or begins a conversation, which then is his. Not said who: whoever has it, or the first of
        those who may."""
        world = self.world
        conversation = world.conversation
        agent = by or first_who_may_write(world)
        if refusal := by and refusal_to_write(world, by):
            self.log.refused.append(f"agent_replies was not possible: {refusal}")
            return
        if world.opted_out:
            self.log.refused.append("agent_replies was not possible: the customer wants no messages")
            return
        began = conversation is None or conversation.status == "closed"
        if conversation is None or began:
            conversation = world.begin("agent")
            if agent:
                given(world, agent)
        conversation.messages, conversation.waiting_since = conversation.messages + 1, None
        conversation.answered_at = conversation.spoken_at = world.now
        self._alarms.watch(conversation)
        chain = self._new_chain()
        events = ("conversation_opened", "message_sent") if began else ("message_sent",)
        said = SaidMessage(text=text)
        written = Happening("", message=said, sent_by="agent", sender=agent, written_at=world.now, chain=chain)
        self.happens([replace(written, event=event, trigger=event) for event in events])

    def takes(self, agent: str) -> None:
        """An agent takes it by hand."""
        if refusal := refusal_to_take(self.world, agent):
            self.log.refused.append(f"takes was not possible: {refusal}")
        else:
            self.happens(take(self.world, agent))

    def prioritizes(self, priority: str) -> None:
        """An agent says by hand how urgent it is."""
        if self.world.conversation is None:
            self.log.refused.append("prioritizes was not possible: there is no conversation")
        else:
            self.happens(prioritized(self.world.conversation, priority))

    def passes(self, moment: datetime) -> None:
        """Time passes; queues are served all the while."""
        self.happens([])
        self.world.move_to(moment)

    def happens(self, happenings: list[Happening]) -> None:
        """Something from outside, everything that rules make of it, and what comes of that until it is quiet."""
        self._one_run(happenings)
        while self._left:
            left = self._left.popleft()
            if self.world.opted_out:  # since it was written: the gate asks again when it is sent
                left = replace(left, event="message_failed", trigger="message_failed")
            self._one_run([left])
        self._served += 1
        if self._served <= MAX_CHAIN:
            serve_queue(self)
        self._served -= 1

    def leaves(self, happening: Happening, action: PlannedAction) -> None:
        """A message of ours is on its way; rules hear of it when this run is over."""
        happening.conversation, happening.chain = self.world.conversation, self.chain_of(action)
        self._left.append(happening)

    def chain_of(self, action: PlannedAction) -> Chain:
        """The chain of what this action causes, at once or later."""
        return self._after.caused_by(action.rule)

    def skip(self, action: PlannedAction, why: str) -> list[Happening]:
        """Note that an action was not done."""
        self.log.skipped.append((action.rule, action.action, why))
        return []

    # --- one run ------------------------------------------------------------------------------------------------

    def _one_run(self, happenings: list[Happening]) -> None:
        self.world.look_around()
        waiting = deque(happenings)
        fired: dict[str, frozenset[str]] = {}
        while waiting:
            happening = waiting.popleft()
            about = None if happening.aside else happening.conversation or self.world.conversation
            chain = happening.chain or self._new_chain()
            with self.world.about(about):
                waiting.extend(self._asked(happening, chain, fired))

    def _asked(self, happening: Happening, chain: Chain, fired: dict[str, frozenset[str]]) -> list[Happening]:
        self._waiting.cancel(happening.event)
        chain = chain.having_fired(fired.get(chain.id, ()))
        facts = Facts(happening.trigger, self._values(happening))
        decision = decide(self.rules, facts, self._past(chain))
        fired[chain.id] = chain.fired | set(decision.matched)
        after = chain.having_fired(decision.matched)
        caused = self._carried_out(Run(facts, decision), after, happening)
        for delayed in decision.delayed:
            self._waiting.add(delayed, happening, after)
        return caused

    def _come_due(self, rule: str, happening: Happening, chain: Chain) -> None:
        """The time of a rule that waited has come: it is asked again."""
        self.world.look_around()
        facts = Facts(happening.trigger, self._values(happening))
        decision = decide_due(self.rules, rule, facts, self._past(chain))
        after = chain.having_fired(decision.matched)
        self.happens(self._carried_out(Run(facts, decision, rule), after, happening))

    def _values(self, happening: Happening) -> Mapping[str, FactValue]:
        values = facts_of(self.world, happening.message, happening.sent_by)
        if happening.agent:
            values |= agent_facts(self.world, happening.agent)
        return {**values, **happening.extra}

    def _past(self, chain: Chain) -> Past:
        now, conversation = self.world.now, self.world.conversation
        marks = conversation.fired_at if conversation else {}
        return Past(chain, {rule: (now - at).total_seconds() for rule, at in marks.items()})

    def _carried_out(self, run: Run, after: Chain, happening: Happening) -> list[Happening]:
        log, decision = self.log, run.decision
        log.runs.append(run)
        log.acted += decision.matched
        log.watched += decision.watched
        log.delayed += [one.rule for one in decision.delayed]
        log.skipped += [(one.rule, one.action, one.reason) for one in decision.skipped]
        if self.world.conversation is not None:
            self.world.conversation.fired_at |= dict.fromkeys(decision.matched, self.world.now)
        caused: list[Happening] = []
        for action in decision.actions:
            self._after, self.sender, self.written_at = after, happening.sender, happening.written_at
            for one in self._one(action):
                one.conversation, one.chain = self.world.conversation, after.caused_by(action.rule)
                caused.append(one)
        return caused

    def _one(self, action: PlannedAction) -> list[Happening]:
        effect = EFFECTS.get(action.action)
        if effect is None:
            self.log.asked.append(action.action)  # a plugin's: what comes of it only the running Casella knows
            return []
        if self.world.conversation is None and action.action not in WITHOUT_CONVERSATION:
            return self.skip(action, "no_conversation")
        return effect(self, action)

    def _new_chain(self) -> Chain:
        self._causes += 1
        return Chain(str(self._causes))
