"""A plugin that adds to the rules and exists nowhere: a customer file in memory, whose mood tests decide.

crm = Crm()
crm.tiers["+390555000001"] = "gold"          # what the field crm.tier gives
crm.answers = [ActionFailed("Busy.", retryable=True), ActionResult(text="Case 1")]
crm.instead["rank"] = lambda *_: "nonsense"  # any of it may be replaced
House(url, folder, rules={"crm": crm.additions()})
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import httpx
from pydantic import Field

from casella.plugin import (
    ActionArgument,
    ActionRequest,
    ActionResult,
    RuleAction,
    RuleAdditions,
    RuleAssignment,
    RuleCandidate,
    RuleField,
    RuleQuestion,
    RuleStrategy,
    RuleValue,
)


class Case(ActionArgument):
    """Open a case in the customer file."""

    subject: str = Field(min_length=1, description="What the case is called", examples=["Refund"])
    level: Literal["low", "high"] = Field(default="low", description="How urgent it is", examples=["high"])


@dataclass
class Crm:
    tiers: dict[str, str | None] = field(default_factory=dict)
    answers: list[ActionResult | Exception] = field(default_factory=list)
    asked: list[RuleQuestion] = field(default_factory=list)
    requests: list[ActionRequest[Case]] = field(default_factory=list)
    ranked: list[tuple[Sequence[RuleCandidate], RuleAssignment]] = field(default_factory=list)
    instead: dict[str, Callable[..., object]] = field(default_factory=dict)

    def additions(self, title: str = "Customer file", argument: type[ActionArgument] = Case) -> RuleAdditions:
        return RuleAdditions(
            title,
            "1.1",
            fields=(
                RuleField("crm.tier", "word", "What the customer has bought.", "crm.tier: gold", self.tier,
                          ("gold", "silver")),
                RuleField("crm.orders", "number", "How many orders there are.", "crm.orders: {gte: 3}", lambda _: 3),
                RuleField("crm.since", "duration", "How long ago the first was.", "crm.since: {older_than: 30d}",
                          lambda _: timedelta(days=40)),
            ),
            actions=(
                RuleAction("crm.open_case", argument, "Open a case in the customer file.",
                           "crm.open_case: {subject: Refund}", self.open_case,
                           shorthand="subject" if "subject" in argument.model_fields else "", seconds=5),
            ),
            strategies=(RuleStrategy("crm.last_first", "Whoever comes last in the alphabet.", self.rank),),
        )  # fmt: skip

    def tier(self, question: RuleQuestion) -> RuleValue:
        self.asked.append(question)
        if other := self.instead.get("tier"):
            return other(question)  # type: ignore[return-value]  # nonsense is the point
        return self.tiers.get(question.contact_address)

    def open_case(self, request: ActionRequest[Case], http: httpx.Client) -> ActionResult:
        self.requests.append(request)
        if other := self.instead.get("open_case"):
            return other(request)  # type: ignore[return-value]  # nonsense is the point
        answer = self.answers.pop(0) if self.answers else ActionResult(text=f"Case {len(self.requests)}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def rank(self, candidates: Sequence[RuleCandidate], assignment: RuleAssignment) -> Sequence[str]:
        self.ranked.append((candidates, assignment))
        if other := self.instead.get("rank"):
            return other(candidates)  # type: ignore[return-value]  # nonsense is the point
        return [one.agent for one in sorted(candidates, key=lambda one: one.agent, reverse=True)]
