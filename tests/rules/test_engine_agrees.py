"""The compiled engine decides as the plainly written reference does, whatever the rules and the facts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules import (
    Facts,
    Nothing,
    Outcome,
    Rule,
    builtin_vocabulary,
    compile_rules,
    decide,
    explain,
    rules_from_json,
)
from casella_rules.model import Action
from casella_rules.reference import matching
from tests.rules.strategies import FACTS, RULES, TEXT_CONDITIONS, TEXTS

VOCABULARY = builtin_vocabulary()


@given(st.lists(RULES, max_size=12), st.lists(FACTS, min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_engine_matches_what_the_reference_matches(rules: list[Rule], seen: list[Facts]) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    for facts in seen:
        decision = decide(ruleset, facts)
        expected = matching(ruleset.rules, facts)
        assert decision.matched == tuple(rule.name for rule in expected if not rule.watch)
        assert decision.watched == tuple(rule.name for rule in expected if rule.watch)


TEXT_RULES = st.builds(
    Rule,
    name=st.uuids().map(str),
    when=st.just(("message_received",)),
    test=TEXT_CONDITIONS,
    actions=st.just((Action("close", Nothing()),)),
)


@given(st.lists(TEXT_RULES, min_size=4, max_size=30), st.lists(TEXTS, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_words_and_patterns_of_many_rules_are_found_in_one_pass(rules: list[Rule], texts: list[str]) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    for text in texts:
        facts = Facts("message_received", {"text": text})
        assert decide(ruleset, facts).matched == tuple(rule.name for rule in matching(ruleset.rules, facts))


@given(st.lists(RULES, max_size=6), FACTS)
@settings(max_examples=60, deadline=None)
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
@settings(max_examples=60, deadline=None)
def test_rules_and_facts_survive_being_stored(rules: list[Rule], facts: Facts) -> None:
    ruleset = compile_rules(rules, VOCABULARY)
    again = compile_rules(rules_from_json(ruleset.json, VOCABULARY), VOCABULARY)
    assert again.hash == ruleset.hash
    assert decide(again, Facts.from_json(facts.as_json())) == decide(ruleset, facts)


@given(st.lists(RULES, min_size=1, max_size=8), FACTS)
@settings(max_examples=40, deadline=None)
def test_a_rule_alone_matches_as_it_does_among_others(rules: list[Rule], facts: Facts) -> None:
    """Indexes and shared automata must not let rules disturb each other."""
    together = {rule.name for rule in matching(tuple(rules), facts)}
    stopped = next((i for i, rule in enumerate(rules) if rule.name in together and rule.stops), len(rules))
    for rule in rules[: stopped + 1]:
        alone = decide(compile_rules([rule], VOCABULARY), facts)
        assert (rule.name in (*alone.matched, *alone.watched)) == (rule.name in together)
