"""What a plugin adds to the rules of managers: fields to ask about, actions to take, ways to choose an agent.

Everything goes by names under the plugin's own (`crm.tier`), is checked where rules are written, and stands in the
same tables as what is built in. None of it gets a handle to the house: a field gives a value, an action gives what it
wants done about the conversation, a strategy gives an order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict

FieldKind = Literal["text", "word", "set", "number", "duration", "flag", "date"]
RuleFact = str | int | float | bool | frozenset[str] | date | datetime | None
"""What rules know of a field; None: nothing."""
RuleValue = str | int | float | bool | frozenset[str] | date | timedelta | None
"""What a field may give: of its kind, or None for no value."""


@dataclass(frozen=True, slots=True)
class RuleQuestion:
    """One event of one conversation, about which rules are asked. `trigger`: the event, with its parameter where it has
    one (`conversation_waiting 30m`). `facts`: the built-in fields as rules see them; those that cost a question to the
    database only where a rule of the desk asks for them. `at`: now, UTC."""

    trigger: str
    at: datetime
    conversation_id: str
    contact_id: str
    contact_address: str
    facts: Mapping[str, RuleFact] = field(default_factory=dict)


class FieldUnavailable(Exception):
    """The value cannot be known just now. The field has no value then; the trace says `text`, nobody is set aside."""

    def __init__(self, text: str = "") -> None:
        self.text = text or "The plugin does not know it just now."
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class RuleField:
    """A field that rules may ask about. `name`: `crm.tier`, under the plugin's own. `example`: a condition as written
    (`crm.tier: gold`). `values`: a closed list, of a word.

    `gather` is asked where a rule of the desk asks for the field, while the message is being applied: it computes, or
    reads what is at hand, within a second, and never goes over the network. What it gives is stored with the decision,
    so it must not be the customer's words. It may raise FieldUnavailable."""

    name: str
    kind: FieldKind
    description: str
    example: str
    gather: Callable[[RuleQuestion], RuleValue]
    values: tuple[str, ...] = ()


class ActionArgument(BaseModel):
    """What stands behind an action in a rule; alone: nothing. Subclasses describe each field and give examples
    (`Field(description=…, examples=[…])`), which managers read in errors and in their editor."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


ArgumentT = TypeVar("ArgumentT", bound=ActionArgument)


@dataclass(frozen=True, slots=True)
class ActionRequest(Generic[ArgumentT]):
    """One action to be done. `id`: the same for every attempt at the same deed; give it to the other side, which may
    then do it once. `attempt` counts from 1. `question`: the event as it was when the rule decided."""

    id: str
    attempt: int
    rule: str
    argument: ArgumentT
    question: RuleQuestion


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of it, and what the house shall do about the conversation. `text`: one sentence for the trace. Tags and
    attributes are the desk's; what the desk does not have is left out, and the trace says so. `attributes`: of the
    contact, None forgets one. `reply` goes through the same gate as every message."""

    text: str = ""
    note: str | None = None
    tags: tuple[str, ...] = ()
    untags: tuple[str, ...] = ()
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    attributes: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    reply: str | None = None


class ActionFailed(Exception):
    """It was not done. `retryable`: trying again may help, not before `retry_after` seconds. `text` is shown in the
    trace, and must hold no secret."""

    def __init__(self, text: str = "", *, retryable: bool = False, retry_after: float | None = None) -> None:
        self.text = text or (type(self).__doc__ or "").partition(". ")[0] + "."
        self.retryable = retryable
        self.retry_after = retry_after
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class RuleAction(Generic[ArgumentT]):
    """Something a rule may do. `argument`: what may be written behind it, checked when the desk is read. `shorthand`:
    the argument's field that a bare value stands for (`crm.note: Call back`). `example`: as written.

    `run` is called outside of any transaction, after the decision was stored, for at most `seconds`. It is tried again
    after an ActionFailed that says so, after a crash in its middle, and while the plugin was away, for a day: at least
    once, with the same `id`. It never runs in `casella test`, in a replay or for rules that only watch."""

    name: str
    argument: type[ArgumentT]
    description: str
    example: str
    run: Callable[[ActionRequest[ArgumentT], httpx.Client], ActionResult]
    shorthand: str = ""
    seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class RuleCandidate:
    """An agent who could take the conversation now. `agent` is who it is: the same text for the same agent. `load`:
    open conversations, weighted by channel where the desk weighs them. `capacity` None: without limit."""

    agent: str
    skills: frozenset[str] = frozenset()
    open: int = 0
    load: float = 0.0
    capacity: int | None = None
    weight: int = 1
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleAssignment:
    """What is to be assigned. `skills`: asked for, and all candidates have them. `last_served_by`: an `agent`, where
    it is known."""

    skills: frozenset[str] = frozenset()
    last_served_by: str | None = None


@dataclass(frozen=True, slots=True)
class RuleStrategy:
    """A way to choose an agent. `rank` is pure, and quick: agents are held meanwhile. It gives the `agent`s, the best
    first; whom it does not name is passed over, and nobody at all leaves the conversation in the queue. While it cannot
    be asked, the least busy agent is chosen instead, and the trace says so."""

    name: str
    description: str
    rank: Callable[[Sequence[RuleCandidate], RuleAssignment], Sequence[str]]


@dataclass(frozen=True, slots=True)
class RuleAdditions:
    """Everything one plugin adds. `title`: the name people read. `contract_version`: the version it was written
    against, written out."""

    title: str
    contract_version: str
    fields: tuple[RuleField, ...] = ()
    actions: tuple[RuleAction[Any], ...] = ()  # each has an argument of its own type
    strategies: tuple[RuleStrategy, ...] = ()
