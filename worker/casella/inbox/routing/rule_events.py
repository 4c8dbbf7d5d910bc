"""What happens to a conversation, as the rules hear of it.

Whoever changes a conversation says so, in the transaction that changes it; the router asks the rules. What a rule
causes carries the rule's chain, so that it comes to an end (`casella_rules.Chain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from casella.inbox.state import ConversationState, Values
from casella_rules import Chain, FactValue

NOTHING: Mapping[str, FactValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """One event of one conversation.

    `trigger`: the event, with its parameter where it has one (`conversation_waiting 30m`). `cause_id`: what began it, a
    message's id or one of its own; receipts of effects are kept under it. `previous`: `previous.status` and its like,
    only of what this very event changed. `message`: the row the event is about, where it is about one.
    """

    trigger: str
    conversation: ConversationState
    cause_id: str
    chain: Chain = field(default_factory=Chain)
    previous: Mapping[str, FactValue] = field(default_factory=dict)
    message: Values | None = None
    provider_replies: bool = False
    more: Mapping[str, FactValue] = field(default_factory=dict)

    @property
    def event(self) -> str:
        return self.trigger.partition(" ")[0]
