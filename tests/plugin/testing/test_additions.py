"""The kit for additions to the rules: honest ones pass, a broken copy fails exactly the check that names its fault."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import Field

from casella.plugin import (
    ActionArgument,
    ActionFailed,
    ActionRequest,
    ActionResult,
    FieldUnavailable,
    RuleAction,
    RuleAdditions,
    RuleAssignment,
    RuleCandidate,
    RuleField,
    RuleQuestion,
    RuleStrategy,
    RuleValue,
)
from casella.plugin.testing import ActionCase, Answer, ExpectedRequest, FieldCase, RulesConformance, failures

URL = "https://toy.example/things"


class Thing(ActionArgument):
    """Make a thing."""

    name: str = Field(min_length=1, description="What it is called", examples=["Lamp"])


def fond(question: RuleQuestion) -> RuleValue:
    if question.trigger == "schedule 0 9 * * *":
        raise FieldUnavailable("It sleeps.")
    return "toy" in str(question.facts.get("text") or "")


def make(request: ActionRequest[Thing], http: httpx.Client) -> ActionResult:
    try:
        response = http.post(URL, headers={"id": request.id}, json={"name": request.argument.name})
        made = response.json()["made"] if response.is_success else None
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ActionFailed("The toy does not answer.", retryable=True) from error
    if made is None:
        raise ActionFailed("The toy refuses.", retryable=response.status_code == 429)
    return ActionResult(f"Made {made}")


FOND = RuleField("toy.fond", "flag", "Whether toys are spoken of.", "toy.fond: true", fond)
MAKE = RuleAction("toy.make", Thing, "Make a thing.", "toy.make: Lamp", make, shorthand="name")
FIRST = RuleStrategy("toy.first", "By name.", lambda candidates, _: sorted(one.agent for one in candidates))
HONEST = RuleAdditions("Toys", "1.1", (FOND,), (MAKE,), (FIRST,))


class ToyRules(RulesConformance):
    plugin = "toy"
    additions = HONEST
    fields = (
        FieldCase("spoken of", "toy.fond", facts={"text": "a toy"}, value=True),
        FieldCase("not spoken of", "toy.fond", value=False),
        FieldCase("asleep", "toy.fond", trigger="schedule 0 9 * * *", unavailable=True),
    )
    actions = (
        ActionCase("made", "toy.make", {"name": "Lamp"}, answers=(Answer.of_json(200, {"made": 1}),),
                   result=ActionResult("Made 1"), requests=(ExpectedRequest(URL, json={"name": "Lamp"}),)),
        ActionCase("throttled", "toy.make", {"name": "Lamp"}, answers=(Answer(429),), error=ActionFailed,
                   retryable=True),
    )  # fmt: skip


class TestToyRules(ToyRules):
    """The honest ones, by inheritance, as a plugin's author would."""


def sleepy(candidates: Sequence[RuleCandidate], _: RuleAssignment) -> Sequence[str]:
    time.sleep(0)
    return sorted(one.agent for one in candidates)


def suite(additions: RuleAdditions) -> RulesConformance:
    made: RulesConformance = type("Suite", (ToyRules,), {"additions": additions})()
    return made


def field(gather: Any, **changed: Any) -> RuleAdditions:
    return replace(HONEST, fields=(replace(FOND, gather=gather, **changed),))


def action(run: Any, **changed: Any) -> RuleAdditions:
    return replace(HONEST, actions=(replace(MAKE, run=run, **changed),))


class Undescribed(ActionArgument):
    """Make a thing."""

    name: str


class Forgets(ActionArgument):
    """Make a thing."""

    name: str = Field(description="What it is called", examples=["Lamp"], exclude=True)


def looks_up(question: RuleQuestion) -> RuleValue:
    with socket.socket(socket.AF_UNIX) as there, contextlib.suppress(OSError):
        there.connect("/nowhere")
    return fond(question)


def sleeps(question: RuleQuestion) -> RuleValue:
    time.sleep(0)
    return fond(question)


def wants_words(question: RuleQuestion) -> RuleValue:
    return "toy" in str(question.facts["text"]) if question.facts else fond(question)


def twice(request: ActionRequest[Thing], http: httpx.Client) -> ActionResult:
    try:
        return make(request, http)
    except ActionFailed as failed:
        if failed.retryable:
            raise
        return make(request, http)


def trusting(request: ActionRequest[Thing], http: httpx.Client) -> ActionResult:
    response = http.post(URL, json={"name": request.argument.name})
    if response.status_code == 429:
        raise ActionFailed(retryable=True)
    return ActionResult(f"Made {response.json()['made']}")


BROKEN: Mapping[str, tuple[str, RuleAdditions]] = {
    "another contract": ("test_they_can_be_taken_in", replace(HONEST, contract_version="2.0")),
    "no words for managers": ("test_what_stands_behind_an_action_is_described", action(make, argument=Undescribed)),
    "a field too many": (
        "test_every_field_and_action_has_a_case",
        replace(HONEST, fields=(FOND, replace(FOND, name="toy.more", example="toy.more: true"))),
    ),
    "always fond": ("test_a_field_gives_what_its_cases_say", field(lambda _: True)),
    "needs words": ("test_fields_take_any_question", field(wants_words)),
    "looks up": ("test_fields_do_not_go_over_the_network_or_sleep", field(looks_up)),
    "sleeps": ("test_fields_do_not_go_over_the_network_or_sleep", field(sleeps)),
    "other words": (
        "test_an_action_does_what_its_cases_say",
        action(lambda request, http: replace(make(request, http), text="Done")),
    ),
    "tries again": ("test_an_action_is_asked_once_and_tries_nothing_again", action(twice)),
    "trusts its provider": ("test_an_action_says_plainly_when_it_fails", action(trusting)),
    "does not survive": ("test_what_stands_behind_an_action_survives_being_stored", action(make, argument=Forgets)),
    "strangers": (
        "test_a_strategy_orders_any_candidates",
        replace(HONEST, strategies=(replace(FIRST, rank=lambda *_: ["zoe"]),)),
    ),
    "as they come": (
        "test_a_strategy_orders_any_candidates",
        replace(HONEST, strategies=(replace(FIRST, rank=lambda candidates, _: [one.agent for one in candidates]),)),
    ),
    "takes its time": (
        "test_strategies_touch_nothing",
        replace(HONEST, strategies=(replace(FIRST, rank=sleepy),)),
    ),
}  # fmt: skip


def test_honest_additions_pass() -> None:
    assert failures(suite(HONEST)) == []


@pytest.mark.parametrize("label", BROKEN)
def test_broken_ones_fail_exactly_the_check_that_names_the_fault(label: str) -> None:
    check, additions = BROKEN[label]
    found = failures(suite(additions))
    assert {failure.check for failure in found} == {check}, found


def test_every_check_has_additions_that_fail_it() -> None:
    checks = {name for name, _ in suite(HONEST).checks()}
    # An ActionArgument takes no unknown keys, unless it is changed so that it cannot be taken in at all.
    assert checks - {check for check, _ in BROKEN.values()} == {"test_an_action_takes_no_unknown_keys"}
