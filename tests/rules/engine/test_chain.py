"""What rules cause comes to an end: never twice in one chain, never more than eight in a row, and the trace says it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules import MAX_CHAIN, Chain, Facts, HeldBecause, HeldRule, Past, decide
from tests.budget import tries
from tests.rules.reading import ruleset

PING_PONG = """
rules:
  - {name: Ping, when: conversation_closed, if: always, then: [reopen]}
  - {name: Pong, when: conversation_reopened, if: always, then: [close]}
"""


def test_a_rule_never_fires_twice_in_one_chain() -> None:
    rules = ruleset(PING_PONG)
    chain = Chain("click")
    fired: list[str] = []
    for event in ("conversation_closed", "conversation_reopened") * 2:
        decision = decide(rules, Facts(event, {}), Past(chain))
        fired += decision.matched
        held = decision.held
        chain = chain.caused_by(decision.matched[0]) if decision.matched else chain
    assert fired == ["Ping", "Pong"]
    assert held == (HeldRule("Pong", HeldBecause.ALREADY_FIRED, ("Ping", "Pong")),)
    assert decide(rules, Facts("conversation_closed", {}), Past(Chain("another click"))).matched == ("Ping",)


def test_no_more_than_eight_rules_cause_each_other() -> None:
    rules = ruleset("rules:\n  - {name: Ninth, when: conversation_tagged, if: always, then: [close]}\n")
    chain = Chain("click")
    for number in range(MAX_CHAIN):
        assert decide(rules, Facts("conversation_tagged", {}), Past(chain)).matched == ("Ninth",)
        chain = chain.caused_by(f"Rule {number}")
    decision = decide(rules, Facts("conversation_tagged", {}), Past(chain))
    assert (decision.matched, decision.actions) == ((), ())
    assert decision.held == (HeldRule("Ninth", HeldBecause.CHAIN_TOO_LONG, chain.path),)
    assert len(chain.path) == MAX_CHAIN == 8


def test_a_rule_that_fired_beside_the_path_does_not_fire_again() -> None:
    rules = ruleset("rules:\n  - {name: A, when: [message_received, message_sent], if: always, then: [{tag: x}]}\n")
    chain = Chain("message").having_fired(["A"])
    assert decide(rules, Facts("message_sent", {}), Past(chain.caused_by("B"))).held[0].reason == "already_fired"


def test_what_may_not_act_again_still_ends_the_run() -> None:
    rules = ruleset("""
rules:
  - {name: A, when: message_received, if: always, then: [{assign: {team: a}}, stop]}
  - {name: B, when: message_received, if: always, then: [{assign: {team: b}}]}
""")
    decision = decide(rules, Facts("message_received", {}), Past(Chain("m").having_fired(["A"])))
    assert (decision.matched, decision.actions, decision.stopped_by) == ((), (), "A")


NAMES = st.text(max_size=5)


@given(st.builds(Chain, NAMES, st.lists(NAMES, max_size=9).map(tuple), st.frozensets(NAMES)), NAMES)
@settings(max_examples=tries(80), deadline=None)
def test_a_chain_survives_being_stored_and_only_grows_stricter(chain: Chain, rule: str) -> None:
    again = Chain.from_json(chain.as_json())
    assert again.refusal(rule) == chain.refusal(rule)
    longer = again.caused_by(rule)
    assert longer.refusal(rule) is HeldBecause.ALREADY_FIRED
    assert all(longer.refusal(other) for other in again.fired | set(again.path))
