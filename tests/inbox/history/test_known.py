"""A rule is answered only where its answer does not depend on what the history does not hold."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from casella.inbox.history.known import ALWAYS_GATHERED, verdict
from casella.store.tables import decisions
from casella_rules import Facts, Rule
from casella_rules.reference import holds
from tests.house import House
from tests.rules.strategies import FACTS, RULES


@given(RULES, FACTS, FACTS, st.data())
@settings(max_examples=200, deadline=None)
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


def test_a_desk_whose_rules_ask_nothing_stores_nothing_beyond_what_is_always_gathered(house: House) -> None:
    house.apply(rules="rules: [{name: R, when: message_received, if: always, then: [{tag: quiet}]}]")
    house.receive(house.says("Hello"))
    facts = Facts.from_json(house.one(decisions)["facts"])
    beyond = {name for name in facts if not name.startswith(("hours.", "time."))} - ALWAYS_GATHERED
    assert beyond <= {"contact.is_new", "sent_by"}
    assert {"channel", "inbox", "conversation.status", "conversation.priority"} <= set(facts)
