"""A rule is answered only where its answer does not depend on what the history does not hold."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casella.inbox.history.known import Askable, verdict
from casella.inbox.history.rows import Recorded
from casella.inbox.routing.facts.gathering import ALWAYS_FAMILIES, ALWAYS_GATHERED, is_asked_for
from casella.store.tables import decisions
from casella_rules import Facts, Nothing, Rule, ValueType, builtin_vocabulary, compile_rules, decide
from casella_rules.engine.reference import holds
from casella_rules.language.model import Action, Condition
from tests.budget import tries
from tests.house import House
from tests.rules.strategies import FACTS, RULES


@given(RULES, FACTS, FACTS, st.data())
@settings(max_examples=tries(200), deadline=None)
def test_a_verdict_holds_whatever_the_missing_fields_were(
    rule: Rule, seen: Facts, other: Facts, data: st.DataObject
) -> None:
    fields = sorted((set(seen) | set(other)) - {"event"})
    assume(fields)
    missing = data.draw(st.sets(st.sampled_from(fields)))
    known = verdict(rule.test, seen, missing)
    assume(known is not None)
    values = {name: value for name, value in seen.items() if name != "event" and name not in missing}
    filled = {name: other[name] for name in missing if name in other}
    for possible in (values, values | filled, dict(seen)):
        assert holds(rule.test, Facts(seen.trigger, {n: v for n, v in possible.items() if n != "event"})) == known


def test_whether_something_changed_is_unknown_where_what_it_was_is() -> None:
    changed = Condition("conversation.status", ValueType.WORD, "changed", (True,))
    facts = Facts("message_received", {"conversation.status": "open"})
    assert verdict(changed, facts, {"previous.status"}) is None
    assert verdict(changed, facts, set()) is False


def test_words_that_are_never_stored_are_unknown_even_where_a_rule_asked_for_them() -> None:
    test = Condition("button", ValueType.TEXT, "is", ("Yes",))
    rule = Rule("Yes", ("message_received",), test, (Action("close", Nothing()),))
    facts = Facts("message_received", {"kind": "button", "channel": "sms"})
    recorded = Recorded("m", "h", datetime(2026, 11, 23, tzinfo=UTC), facts, "Yes", (), (), {}, (), None)
    askable = Askable(compile_rules([rule], builtin_vocabulary()))
    assert not decide(askable.rules(recorded, facts, {"button"}), facts).matched
    assert [(gap.rule, gap.fields, gap.times) for gap in askable.gaps] == [("Yes", ("button",), 1)]


def test_a_desk_whose_rules_ask_nothing_stores_nothing_beyond_what_is_always_gathered(house: House) -> None:
    house.apply(rules="rules: [{name: R, when: message_received, if: always, then: [{tag: quiet}]}]")
    house.receive(house.says("Hello"))
    facts = Facts.from_json(house.one(decisions)["facts"])
    beyond = {name for name in facts if not name.startswith(("hours.", "time."))} - ALWAYS_GATHERED
    assert beyond <= {"contact.is_new", "sent_by"}
    assert {"channel", "inbox", "conversation.status", "conversation.priority"} <= set(facts)


def test_every_field_is_gathered_always_or_by_whoever_is_asked() -> None:
    """So that `known` and the gatherer cannot come apart: a new field is in the one or has the other."""
    with_its_event = {"contact.is_new", "sent_by", "survey.score"}
    for name in builtin_vocabulary().fields:
        always = name in ALWAYS_GATHERED or name.startswith(ALWAYS_FAMILIES)
        example = name.replace("*", "front")
        assert always + is_asked_for(example) + (name in with_its_event) == 1, name
