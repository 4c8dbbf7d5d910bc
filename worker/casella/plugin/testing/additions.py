"""Checks of what a plugin adds to the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import ClassVar

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from casella.plugin.rule_checks import additions_problem, sound_value
from casella.plugin.rules import (
    ActionArgument,
    ActionFailed,
    ActionRequest,
    ActionResult,
    FieldUnavailable,
    RuleAction,
    RuleAdditions,
    RuleAssignment,
    RuleCandidate,
    RuleFact,
    RuleField,
    RuleQuestion,
    RuleValue,
)
from casella.plugin.testing.cases import ActionCase, Answer, FieldCase
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.provider import Provider, difference
from casella.plugin.testing.watch import limited, touched

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
_FAULTS = (
    Answer(429, headers={"retry-after": "7"}), Answer(403), Answer(500), Answer(200, b"{"), Answer(200, b"\xff[]"),
    Answer.broken(httpx.ConnectError), Answer.broken(httpx.ReadTimeout), Answer.broken(httpx.RemoteProtocolError),
)  # fmt: skip
_FACT: st.SearchStrategy[RuleFact] = st.one_of(
    st.none(), st.text(max_size=200), st.integers(-10, 10_000), st.booleans(), st.frozensets(st.text(max_size=10)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
)  # fmt: skip
_NAMES = ("text", "channel", "contact.name", "contact.phone", "contact.tags", "conversation.status", "time.hour")


class AdditionChecks:
    """`plugin`: the name of the entry point. `patience`: seconds after which a call counts as one that never ends."""

    plugin: str
    additions: RuleAdditions
    fields: Sequence[FieldCase] = ()
    actions: Sequence[ActionCase] = ()
    patience: ClassVar[float] = 10.0

    def test_they_can_be_taken_in(self) -> None:
        assert not additions_problem(self.plugin, self.additions)

    def test_what_stands_behind_an_action_is_described(self) -> None:
        """Managers read it in their editor."""
        silent = [
            f"{action.name}: {name}"
            for action in self.additions.actions
            for name, field in action.argument.model_fields.items()
            if not (field.description and field.examples)
        ]
        assert not silent, f"Field(description=…, examples=[…]) is missing: {silent}"

    def test_every_field_and_action_has_a_case(self) -> None:
        named = {case.name for case in self.fields} | {case.name for case in self.actions}
        wanted = {one.name for one in self.additions.fields} | {one.name for one in self.additions.actions}
        assert wanted <= named, f"no case: {sorted(wanted - named)}"
        assert named <= wanted, f"not among the additions: {sorted(named - wanted)}"

    # --- fields ---------------------------------------------------------------------------------------------------

    def test_a_field_gives_what_its_cases_say(self, field_case: FieldCase) -> None:
        question = _question(field_case.trigger, field_case.contact_address, field_case.facts)
        try:
            value = self._gathered(self._field(field_case.name), question)
        except FieldUnavailable:
            assert field_case.unavailable, "it says that the value is not available"
            return
        assert not field_case.unavailable, f"it gives {value!r}"
        assert value == field_case.value

    def test_fields_take_any_question(self) -> None:
        """Facts may be missing or odd, and any event may ask: nothing is raised but FieldUnavailable."""

        @QUICK
        @given(st.dictionaries(st.sampled_from(_NAMES), _FACT), st.text(max_size=30))
        def asked(facts: Mapping[str, RuleFact], address: str) -> None:
            for field in self.additions.fields:
                self._sound(field, _question("conversation_waiting 30m", address, facts))

        asked()

    def test_fields_do_not_go_over_the_network_or_sleep(self) -> None:
        for field in self.additions.fields:
            with touched() as found:
                self._sound(field, _question("message_received", "+390555000001", {}))
            far = [what for what in found if what.startswith(("socket", "subprocess", "os.system", "time"))]
            assert not far, f"{field.name}: a conversation is held meanwhile; it does {far}"

    def _gathered(self, field: RuleField, question: RuleQuestion) -> RuleValue:
        with limited(self.patience, field.name):
            value = field.gather(question)
        sound_value(field, value)
        return value

    def _sound(self, field: RuleField, question: RuleQuestion) -> None:
        try:
            self._gathered(field, question)
        except FieldUnavailable:
            return

    def _field(self, name: str) -> RuleField:
        return next(one for one in self.additions.fields if one.name == name)

    # --- actions --------------------------------------------------------------------------------------------------

    def test_an_action_does_what_its_cases_say(self, action_case: ActionCase) -> None:
        provider = Provider(action_case.answers)
        outcome = self._outcome(action_case, provider)
        if action_case.error is not None:
            assert isinstance(outcome, action_case.error), f"instead: {outcome!r}"
            assert action_case.retryable in (None, outcome.retryable), "retryable"
            assert action_case.retry_after in (None, outcome.retry_after), "retry_after"
        else:
            assert outcome == action_case.result
        if action_case.requests is not None:
            wrong = [difference(*pair) for pair in zip(provider.requests, action_case.requests, strict=False)]
            assert len(provider.requests) == len(action_case.requests), f"{len(provider.requests)} requests"
            assert not any(wrong), f"requests: {wrong}"

    def test_an_action_is_asked_once_and_tries_nothing_again(self, action_case: ActionCase) -> None:
        """The house tries again, with the same id; an action that does so itself does twice what may be done once."""
        provider = Provider((Answer(500),))
        with suppress(Exception):  # what it may raise is another check's
            self._outcome(action_case, provider)
        seen = [(request.method, str(request.url), request.content) for request in provider.requests]
        assert len(seen) == len(set(seen)), "the same request is made again"

    def test_an_action_says_plainly_when_it_fails(self, action_case: ActionCase) -> None:
        """Throttled, refused, unreachable, unreadable: an ActionFailed, and no other error."""
        if not action_case.answers:
            return
        for fault in _FAULTS:
            outcome = self._outcome(action_case, Provider((fault,)))
            assert isinstance(outcome, ActionResult | ActionFailed), f"{fault!r}: {outcome!r}"
            assert fault.raises is None or isinstance(outcome, ActionFailed), f"{fault!r} counts as done"

    def test_what_stands_behind_an_action_survives_being_stored(self, action_case: ActionCase) -> None:
        """Between the decision and the deed it is JSON."""
        model = self._action(action_case.name).argument
        argument = model.model_validate(action_case.argument)
        stored = argument.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        assert model.model_validate_json(orjson.dumps(stored)) == argument

    def test_an_action_takes_no_unknown_keys(self, action_case: ActionCase) -> None:
        with pytest.raises(ValidationError):
            self._action(action_case.name).argument.model_validate({**action_case.argument, "mistyped_key": 1})

    def _outcome(self, case: ActionCase, provider: Provider) -> ActionResult | ActionFailed:
        action = self._action(case.name)
        argument = action.argument.model_validate(case.argument)
        question = _question(case.trigger, case.contact_address, case.facts)
        request = ActionRequest("a-1", 1, "A rule", argument, question)
        with provider.client() as http, limited(min(self.patience, action.seconds), action.name):
            try:
                return action.run(request, http)
            except ActionFailed as failed:
                return failed

    def _action(self, name: str) -> RuleAction[ActionArgument]:
        return next(one for one in self.additions.actions if one.name == name)

    # --- strategies -----------------------------------------------------------------------------------------------

    def test_a_strategy_orders_any_candidates(self) -> None:
        """Every one at most once, nobody else; the same for the same, in whatever order they come."""

        @QUICK
        @given(st.lists(st.builds(_candidate, st.integers(0, 30), st.integers(0, 9)), max_size=8))
        def ordered(candidates: list[RuleCandidate]) -> None:
            known = list({one.agent: one for one in candidates}.values())
            for strategy in self.additions.strategies:
                first, again = (list(strategy.rank(tuple(some), RuleAssignment())) for some in (known, known[::-1]))
                assert set(first) <= {one.agent for one in known}, f"{strategy.name} names strangers"
                assert len(first) == len(set(first)), f"{strategy.name} names somebody twice"
                assert first == again, f"{strategy.name} depends on the order in which candidates come"

        ordered()

    def test_strategies_touch_nothing(self) -> None:
        candidates = tuple(_candidate(number, number) for number in range(3))
        for strategy in self.additions.strategies:
            with touched() as found:
                strategy.rank(candidates, RuleAssignment(frozenset({"italian"}), "agent-1"))
            assert not found, f"{strategy.name}: agents are held meanwhile; it does {found}"


def _question(trigger: str, address: str, facts: Mapping[str, RuleFact]) -> RuleQuestion:
    return RuleQuestion(trigger, NOW, "c-1", "p-1", address, facts)


def _candidate(number: int, open: int) -> RuleCandidate:
    skills = frozenset({"italian"}) if number % 2 else frozenset[str]()
    return RuleCandidate(f"agent-{number}", skills, open, float(open), number or None, 1 + number % 3, None)
