"""One decision being carried out on one conversation: what every action is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from casella.ids import new_id
from casella.inbox.activity import Actor
from casella.inbox.assignment import AgentRoster
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Deskbook, Rooms, TeamEntry
from casella.inbox.routing.rule_events import NOTHING, Happening
from casella.inbox.state import ConversationState, TimerBook, Workspace
from casella.store.feed import JsonValue
from casella_rules import Chain, FactValue, PlannedAction
from casella_rules.assignment import Choice


@dataclass(slots=True, eq=False)
class ActionRun:
    """`facts`: what was decided on. `skipped` and `choices` become part of the decision's record."""

    rooms: Rooms
    work: Workspace
    roster: AgentRoster
    book: Deskbook
    happening: Happening
    consent: ConsentBook
    timers: TimerBook
    happened: Callable[[Happening], None]
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    skipped: list[dict[str, JsonValue]] = field(default_factory=list)
    choices: list[dict[str, JsonValue]] = field(default_factory=list)

    @property
    def conversation(self) -> ConversationState:
        return self.happening.conversation

    @property
    def cause_id(self) -> str:
        return self.happening.cause_id

    @property
    def stopped(self) -> bool:
        """Whether the contact wants no messages of this sender."""
        return self.consent.is_stopped(self.conversation.channel, self.conversation.address.address)

    @contextmanager
    def by(self, action: PlannedAction) -> Iterator[None]:
        """What is changed meanwhile, the action's rule changes."""
        before, self.conversation.acted_by = self.conversation.acted_by, Actor("rule", action.rule)
        try:
            yield
        finally:
            self.conversation.acted_by = before

    def skip(self, action: PlannedAction, reason: str, text: str = "") -> bool:
        """`text`: what is known beyond the code, for people. Always False."""
        why: dict[str, JsonValue] = {"rule": action.rule, "index": action.index, "action": action.action}
        self.skipped.append(why | {"reason": reason} | ({"text": text} if text else {}))
        return False

    def chain_of(self, action: PlannedAction) -> Chain:
        """The chain of what this action causes, at once or when a timer comes due."""
        return self.happening.chain.caused_by(action.rule)

    def tell(self, action: PlannedAction, event: str, previous: Mapping[str, FactValue] = NOTHING) -> None:
        """An action has made this happen: the rules hear of it, with the chain that led there."""
        self.happened(Happening(event, self.conversation, new_id(), self.chain_of(action), previous))

    def chosen(self, rule: str, team: TeamEntry | None, choice: Choice, **more: JsonValue) -> None:
        """Who was chosen; and, where a plugin's strategy could not be asked, which one chose instead."""
        if choice.instead:
            more["instead"] = choice.instead
        self.choices.append(
            {
                "rule": rule,
                "team_id": team.id if team else None,
                "agent_id": choice.agent_id,
                "passed_over": [[agent_id, reason.value] for agent_id, reason in choice.passed_over],
                **more,
            }
        )
