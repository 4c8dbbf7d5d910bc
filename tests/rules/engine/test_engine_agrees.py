"""The compiled engine decides as the plainly written reference does, whatever the rules and the facts."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules import (
    Chain,
    Decision,
    Facts,
    Nothing,
    Outcome,
    Past,
    Rule,
    ValueType,
    builtin_vocabulary,
    compile_rules,
    decide,
    decide_due,
    explain,
    rules_from_json,
)
from casella_rules.engine.reference import holds, matching, settled
from casella_rules.language.model import Action
from tests.budget import tries
from tests.rules.strategies import ASKED, FACTS, RULES, TEXT_CONDITIONS, TEXTS

VOCABULARY = builtin_vocabulary()


NAMES = ("A", "B", "C", "D", "E", "F")
PASTS = st.builds(
    Past,
    st.builds(
        Chain,
        st.just("m"),
        st.lists(st.sampled_from(NAMES), max_size=2).map(tuple) | st.just(tuple("12345678")),
        st.frozensets(st.sampled_from(NAMES), max_size=2),
    ),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from([0.0, 3599.9, 3600.0])),
)


@given(st.lists(RULES, max_size=12), st.lists(FACTS, min_size=1, max_size=6))
@settings(max_examples=tries(150), deadline=None)
def test_the_engine_matches_what_the_reference_matches(rules: list[Rule], seen: list[Facts]) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    for facts in seen:
        assert outcomes(decide(ruleset, facts)) == sorted(settled(ruleset.rules, facts, Past()))


@given(st.lists(RULES, max_size=6), FACTS, PASTS)
@settings(max_examples=tries(100), deadline=None)
def test_chains_and_cooldowns_hold_what_the_reference_holds(rules: list[Rule], facts: Facts, past: Past) -> None:
    named = [replace(rule, name=name) for rule, name in zip(rules, NAMES, strict=False)]
    ruleset = compile_rules(named, VOCABULARY)
    decision = decide(ruleset, facts, past)
    assert outcomes(decision) == sorted(settled(ruleset.rules, facts, past))
    assert {action.rule for action in decision.actions} <= set(decision.matched)
    trace = explain(ruleset, facts, decision)
    assert [t.name for t in trace.rules if t.outcome is Outcome.HELD] == [one.rule for one in decision.held]


@given(st.lists(RULES, min_size=1, max_size=6), FACTS, FACTS)
@settings(max_examples=tries(60), deadline=None)
def test_a_rule_whose_time_has_come_acts_if_it_still_holds(rules: list[Rule], facts: Facts, later: Facts) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    for waiting in decide(ruleset, facts).delayed:
        again = Facts(facts.trigger, {name: value for name, value in later.items() if name != "event"})
        due = decide_due(ruleset, waiting.rule, again)
        rule = next(rule for rule in rules if rule.name == waiting.rule)
        assert bool(due.matched or due.watched) == holds(rule.scoped_test, again)
        assert due.delayed == ()


def outcomes(decision: Decision) -> list[tuple[str, str]]:
    groups = {
        "matched": decision.matched,
        "watched": decision.watched,
        "delayed": [one.rule for one in decision.delayed],
        "held": [one.rule for one in decision.held],
    }
    return sorted((rule, what) for what, names in groups.items() for rule in names)


TEXT_RULES = st.builds(
    Rule,
    name=st.uuids().map(str),
    when=st.just(("message_received",)),
    test=TEXT_CONDITIONS,
    actions=st.just((Action("close", Nothing()),)),
)


@given(st.lists(TEXT_RULES, min_size=4, max_size=30), st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=tries(150), deadline=None)
def test_words_and_patterns_of_many_rules_are_found_in_one_pass(rules: list[Rule], texts: list[str]) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    for text in texts:
        facts = Facts("message_received", {"text": text})
        assert decide(ruleset, facts).matched == tuple(rule.name for rule in matching(ruleset.rules, facts))


@given(st.lists(RULES, max_size=6), FACTS)
@settings(max_examples=tries(60), deadline=None)
def test_explaining_agrees_with_deciding(rules: list[Rule], facts: Facts) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    decision = decide(ruleset, facts)
    trace = explain(ruleset, facts)
    assert len(trace.rules) == len(rules)
    assert tuple(t.name for t in trace.rules if t.outcome is Outcome.MATCHED) == decision.matched
    assert tuple(t.name for t in trace.rules if t.outcome is Outcome.WATCHED) == decision.watched
    assert all(t.findings for t in trace.rules if t.outcome is Outcome.NOT_MATCHED)
    assert trace.as_text().count("\n") + 1 >= len(rules)


@given(st.lists(RULES, max_size=5), FACTS)
@settings(max_examples=tries(60), deadline=None)
def test_rules_and_facts_survive_being_stored(rules: list[Rule], facts: Facts) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    again = compile_rules(rules_from_json(ruleset.json, VOCABULARY), VOCABULARY)
    assert again.hash == ruleset.hash
    assert decide(again, Facts.from_json(facts.as_json())) == decide(ruleset, facts)


@given(st.lists(RULES, min_size=1, max_size=8), FACTS)
@settings(max_examples=tries(40), deadline=None)
def test_a_rule_alone_matches_as_it_does_among_others(rules: list[Rule], facts: Facts) -> None:
    """Indexes and shared automata must not let rules disturb each other."""
    together = {rule.name for rule in matching(tuple(rules), facts)}
    stopped = next((i for i, rule in enumerate(rules) if rule.name in together and rule.stops), len(rules))
    for rule in rules[: stopped + 1]:
        alone = decide(compile_rules([rule], VOCABULARY), facts)
        assert bool(outcomes(alone)) == (rule.name in together)


def test_every_operator_and_every_type_is_among_the_random_conditions() -> None:
    specs = [VOCABULARY.fields[name] for name in ASKED]
    assert {spec.value for spec in specs} == set(ValueType)
    assert {name for spec in specs for name in VOCABULARY.operators_for(spec)} == set(VOCABULARY.operators)
