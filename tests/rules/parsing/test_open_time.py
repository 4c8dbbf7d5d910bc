"""Durations that are counted while office hours are open: `conversation_waiting: 2h of support`."""

from __future__ import annotations

import pytest

from casella_rules import (
    Decision,
    DelayedRule,
    Facts,
    Names,
    Snooze,
    compile_rules,
    explain,
    read_rules,
    rules_from_json,
)
from casella_rules.engine.reference import holds
from casella_rules.language.durations import Span, span_of
from casella_rules.language.model import Condition
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


@pytest.mark.parametrize("written", ["2h of support", "120m of office hours"])
def test_a_rule_may_rest_in_open_time(written: str) -> None:
    text = f"rules:\n  - {{name: A, when: message_received, cooldown: {written}, if: always, then: [close]}}\n"
    [rule] = rules(text, ONE)
    assert (rule.cooldown, rule.cooldown_in) == (7_200, "support")
    compiled = compile_rules([rule], VOCABULARY)
    [again] = rules_from_json(compiled.json, VOCABULARY)
    assert (again.cooldown, again.cooldown_in) == (7_200, "support")
    assert compile_rules([again], VOCABULARY).hash == compiled.hash
    assert told("2h of suport", ONE, "cooldown", "close") == [
        "office hours 'suport' are not in desk.yaml. Office hours: support"
    ]


@pytest.mark.parametrize("written", ["2h of support", "{for: 2h of office hours}"])
def test_a_conversation_is_put_aside_for_open_time(written: str) -> None:
    [rule] = rules(f"rules:\n  - {{name: A, when: message_received, if: always, then: [{{snooze: {written}}}]}}\n", ONE)
    assert rule.actions[0].argument == Snooze(duration=Span(7_200, "support"))
    compiled = compile_rules([rule], VOCABULARY)
    [again] = rules_from_json(compiled.json, VOCABULARY)
    assert again.actions == rule.actions
    assert compile_rules([again], VOCABULARY).hash == compiled.hash


def test_what_was_stored_before_reads_as_it_did() -> None:
    """Rules that are stored carry seconds; a plain time is stored as it was, so that no hash of a desk changes."""
    assert Snooze.model_validate({"for": 7_200}) == Snooze(duration=Span(7_200))
    assert Snooze(duration=Span(7_200)).model_dump(mode="json", by_alias=True, exclude_defaults=True) == {"for": 7_200}
    assert Snooze(duration=Span(60, "support")).model_dump(mode="json", by_alias=True, exclude_defaults=True) == {
        "for": "1m of support"
    }


@pytest.mark.parametrize(
    ("snooze", "said"),
    [
        ("2h of suport", "office hours 'suport' are not in desk.yaml. Office hours: support"),
        ("2h within support", "'2h within support' is not a duration. Write '2h of support'"),
        ("2 business hours", "'2 business hours' is not a duration. Write '2h of support'"),
        ("0h of support", "this is no time at all. Write 45s, 10m, 1h30m or 2d"),
        ("5", "'5' is not a duration. Write 5m for minutes, 5h for hours or 5s for seconds"),
    ],
)
def test_what_is_wrong_with_a_time_aside_is_told(snooze: str, said: str) -> None:
    assert told("message_received", ONE, then=f"{{snooze: {snooze}}}") == [said]


@pytest.mark.parametrize("field", ["conversation.waiting", "conversation.idle", "conversation.age"])
@pytest.mark.parametrize(
    ("asked", "meaning"),
    [
        ("{older_than: 2h of support}", ("older_than", (7_200,))),
        ("{newer_than: 2h of office hours}", ("newer_than", (7_200,))),
        ("{between: [1h of support, 2h of support]}", ("between", (3_600, 7_200))),
    ],
)
def test_how_long_ago_is_asked_in_open_time(field: str, asked: str, meaning: tuple[str, tuple[int, ...]]) -> None:
    [rule] = rules(f"rules:\n  - {{name: A, when: message_received, if: {{{field}: {asked}}}, then: [close]}}\n", ONE)
    condition = rule.test
    assert isinstance(condition, Condition)
    assert (condition.field, condition.operator, condition.operand) == (f"{field} of support", *meaning)
    compiled = compile_rules([rule], VOCABULARY)
    for open_seconds in (1_000, 5_000, 7_200, 9_000):
        facts = Facts("message_received", {field: 10**6, f"{field} of support": open_seconds})
        assert bool(compiled.decide(facts).matched) is holds(condition, facts)
    assert rules_from_json(compiled.json, VOCABULARY)[0].test == condition


def test_it_is_explained_as_it_is_written() -> None:
    asked = "{conversation.age: {older_than: 2h of support}}"
    text = f"rules:\n  - {{name: A, when: message_received, if: {asked}, then: [close]}}\n"
    compiled = compile_rules(rules(text, ONE), VOCABULARY)
    [trace] = explain(compiled, Facts("message_received", {"conversation.age of support": 3_600})).rules
    [finding] = trace.findings
    assert str(finding) == "conversation.age older_than 2h of support: no, it is 1h of support"


@pytest.mark.parametrize(
    ("asked", "names", "said"),
    [
        ("{older_than: 2h of suport}", ONE, "office hours 'suport' are not in desk.yaml. Office hours: support"),
        ("{older_than: 2h in support}", ONE, "'2h in support' is not a duration. Write '2h of support'"),
        ("{older_than: 2 working hours}", ONE, "'2 working hours' is not a duration. Write '2h of support'"),
        ("{between: [1h of support, 2h of sales]}", TWO,
         "these times are counted in different hours. Count all of them in the same"),
        ("{between: [1h, 2h of support]}", ONE,
         "these times are counted in different hours. Count all of them in the same"),
        ("2h of support", ONE,
         "'conversation.age' takes no bare value. Write {older_than: 2h of support}"),
        ("2h of office hours", ONE,
         "'conversation.age' takes no bare value. Write {older_than: 2h of support}"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_question_is_told(asked: str, names: Names, said: str) -> None:
    text = f"rules:\n  - {{name: A, when: message_received, if: {{conversation.age: {asked}}}, then: [close]}}\n"
    _, problems = read_rules([("rules.yaml", text.encode())], VOCABULARY, names)
    assert [str(problem).partition(": ")[2] for problem in problems] == [said]


def test_times_that_are_always_plain_say_so() -> None:
    assert told("message_received", ONE, then="{assign: {team: x, else: {team: y, after: 2h of support}}}") == [
        "'2h of support' is not a duration. This time is counted day and night: write it without office hours"
    ]


def test_a_field_cannot_be_called_by_its_measured_name() -> None:
    asked = "{conversation.age of support: {older_than: 2h}}"
    text = f"rules:\n  - {{name: A, when: message_received, if: {asked}, then: [close]}}\n"
    _, problems = read_rules([("rules.yaml", text.encode())], VOCABULARY, ONE)
    assert len(problems) == 1
    assert "unknown field" in str(problems[0])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2h support", "2h of support"), ("2h (support)", "2h of support"), ("2h of support hours", "2h of support"),
        ("2h of hours.support", "2h of support"), ("2h working hours", "2h of support"),

        ("1.5h", "1h30m"), ("PT1H30M", "1h30m"), ("P2D", "2d"), ("half an hour", "30m"),
        ("2 ore", "2h"), ("30 minuti", "30m"), ("1 settimana", "1w"), ("2 giorni", "2d"), ("1 ora 30 minuti", "1h30m"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["after", "cooldown"])
def test_what_is_plainly_meant_is_said_and_is_right(written: str, meant: str, key: str) -> None:
    [said] = told(written, ONE, key, "close")
    assert said.partition("Write ")[2].strip("'") == meant
    assert told(meant, ONE, key, "close") == []


def test_a_day_of_work_is_no_length_of_time() -> None:
    assert told("2 business days", ONE, "cooldown", "close") == [
        "'2 business days' is not a duration. Count open time in hours: 16h of … are two days of eight hours"
    ]
