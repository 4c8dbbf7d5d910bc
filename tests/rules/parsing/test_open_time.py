"""Durations that are counted while office hours are open: `conversation_waiting: 2h of support`."""

from __future__ import annotations

import pytest

from casella_rules import Decision, DelayedRule, Facts, Names, compile_rules, read_rules, rules_from_json
from casella_rules.language.durations import Span, span_of
from tests.rules.reading import VOCABULARY, rules

ONE, TWO = Names({"hours": frozenset({"support"})}), Names({"hours": frozenset({"support", "sales"})})


def told(when: str, names: Names = ONE, key: str = "when", then: str = "stop") -> list[str]:
    more = "" if key == "when" else f"{key}: {when}, "
    when = when if key == "when" else "message_received"
    text = f"rules:\n  - {{name: A, when: {when}, {more}if: always, then: [{then}]}}\n"
    _, problems = read_rules([("rules.yaml", text.encode())], VOCABULARY, names)
    return [str(problem).partition(": ")[2] for problem in problems]


@pytest.mark.parametrize("event", ["conversation_waiting", "conversation_idle"])
@pytest.mark.parametrize("written", ["2h of support", "120m of support", "2h  of  support", "2h of office hours"])
def test_waiting_and_silence_in_open_time(event: str, written: str) -> None:
    [rule] = rules(f"rules:\n  - {{name: A, when: {{{event}: {written}}}, if: always, then: [stop]}}\n", ONE)
    assert rule.when == (f"{event} 2h of support",)
    compiled = compile_rules([rule], VOCABULARY)
    assert compiled.open_waits(event) == (Span(7_200, "support"),)
    assert compiled.waits(event) == ()
    assert span_of("2h of support") == Span(7_200, "support")


@pytest.mark.parametrize(
    ("when", "names", "said"),
    [
        ("{conversation_waiting: 2h of suport}", ONE,
         ["office hours 'suport' are not in desk.yaml. Office hours: support"]),
        ("{conversation_waiting: 2h of office hours}", TWO,
         ["office hours 'office hours' are not in desk.yaml. Office hours: sales, support"]),
        ("{conversation_idle: 2h in support}", ONE, ["'2h in support' is not a duration. Write '2h of support'"]),
        ("{conversation_idle: 2h within office hours}", ONE,
         ["'2h within office hours' is not a duration. Write '2h of support'"]),
        ("{conversation_idle: 0h of support}", ONE, ["this is no time at all. Write 45s, 10m, 1h30m or 2d"]),
        ("{conversation_idle: soon of support}", ONE,
         ["'soon of support' is not a duration. Write 45s, 10m, 1h30m or 2d"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_told(when: str, names: Names, said: list[str]) -> None:
    assert told(when, names) == said


@pytest.mark.parametrize("written", ["2h of support", "120m of office hours"])
def test_a_rule_may_wait_in_open_time(written: str) -> None:
    text = f"rules:\n  - {{name: A, when: message_received, after: {written}, if: always, then: [close]}}\n"
    read = rules(text, ONE)
    assert (read[0].after, read[0].after_in) == (7_200, "support")
    compiled = compile_rules(read, VOCABULARY)
    decision = compiled.decide(Facts("message_received", {}))
    assert decision.delayed == (DelayedRule("A", 7_200, (), "support"),)
    assert Decision.from_json(decision.as_json(), VOCABULARY) == decision
    again = compile_rules(rules_from_json(compiled.json, VOCABULARY), VOCABULARY)
    assert again.hash == compiled.hash
    assert again.decide(Facts("message_received", {})).delayed == decision.delayed
    assert told("2h of suport", ONE, "after", "close") == [
        "office hours 'suport' are not in desk.yaml. Office hours: support"
    ]


@pytest.mark.parametrize("key", ["cooldown"])
def test_other_times_are_no_open_time(key: str) -> None:
    only = "Only 'conversation_waiting', 'conversation_idle' and the 'after' of a rule count in office hours"
    assert told("2h of support", ONE, key, "close") == [f"'2h of support' is not a duration. {only}"]
