"""Certain mistakes between rules are found; everything uncertain is left alone. The mistakes are in the corpus."""

import pytest

from casella_rules import analyse
from tests.rules.reading import rules

QUIET = {
    "a stop under a condition": """
  - {name: A, when: message_received, if: {text: x}, then: [stop]}
  - {name: B, when: message_received, if: always, then: [{tag: a}]}
""",
    "a stop that only watches": """
  - {name: A, when: message_received, mode: watch, if: always, then: [stop]}
  - {name: B, when: message_received, if: always, then: [{tag: a}]}
""",
    "a stop that is switched off": """
  - {name: A, when: message_received, enabled: false, if: always, then: [stop]}
  - {name: B, when: message_received, if: always, then: [{tag: a}]}
""",
    "a rule that is switched off behind a stop": """
  - {name: A, when: message_received, if: always, then: [stop]}
  - {name: B, when: message_received, enabled: false, if: always, then: [{tag: a}]}
""",
    "a stop for another event": """
  - {name: A, when: message_sent, if: always, then: [stop]}
  - {name: B, when: [message_received, message_sent], if: always, then: [{tag: a}]}
""",
    "a stop for the first of two events": """
  - {name: A, when: message_received, if: always, then: [stop]}
  - {name: B, when: [message_received, message_sent], if: always, then: [{tag: a}]}
""",
    "a stop for another inbox": """
  - {name: A, when: message_received, inboxes: [sales], if: always, then: [stop]}
  - {name: B, when: message_received, inboxes: [sales, support], if: always, then: [{tag: a}]}
""",
    "the channel has two names": """
  - name: A
    when: message_received
    if: {all: [{channel: sms}, {channel: shop-sms}]}
    then: [stop]
""",
    "any of contradicting things": """
  - {name: A, when: message_received, if: {any: [{inbox: a}, {inbox: b}]}, then: [stop]}
""",
    "numbers that leave room": """
  - {name: A, when: message_received, if: {time.hour: {gt: 8, gte: 9, lt: 10, lte: 9, between: [9, 9]}}, then: [stop]}
""",
    "texts that contain two words": """
  - {name: A, when: message_received, if: {text: {contains: a, starts_with: b, is_not: c}}, then: [stop]}
""",
    "no tags and none of these": """
  - {name: A, when: message_received, if: {contact.tags: {is_set: false, has_none: [vip]}}, then: [stop]}
""",
    "one of several that remain": """
  - {name: A, when: message_received, if: {inbox: {any_of: [a, b], is_not: a}}, then: [stop]}
""",
    "tags that may be there together": """
  - {name: A, when: message_received, if: {contact.tags: {has: a, has_any: [b, c], has_none: [b]}}, then: [stop]}
""",
}


@pytest.mark.parametrize("name", QUIET)
def test_no_false_alarm(name: str) -> None:
    assert analyse(rules("rules:" + QUIET[name])) == []


@pytest.mark.parametrize(
    "condition",
    [
        "{time.hour: {gt: 9, lt: 9}}",
        "{time.hour: {gt: 9, lte: 9}}",
        "{time.hour: {between: [9, 17], gte: 18}}",
        "{inbox: {any_of: [a, b], none_of: [b, a, c]}}",
        "{contact.tags: {has_any: [a, b], has_none: [b, a]}}",
        "{contact.tags: {has_all: [a, b], has_none: [b]}}",
        "{all: [{text: A}, {text: b}]}",
        "{all: [{conversation.status: open}, {all: [{conversation.status: closed}]}]}",
        "{conversation.assignee: {is_set: false, is_not: ann}}",
        "{text: {is_set: true}, all: [{text: {is_set: false}}]}",
    ],
)
def test_what_can_never_hold_is_found(condition: str) -> None:
    found = analyse(rules(f"rules:\n  - {{name: A, when: message_received, if: {condition}, then: [stop]}}\n"))
    assert [problem.message.partition(":")[0] for problem in found] == ["this rule can never match"]


def test_a_rule_stopped_in_each_of_its_events_is_unreachable() -> None:
    text = """rules:
  - {name: A, when: message_received, if: always, then: [stop]}
  - {name: B, when: message_sent, if: always, then: [stop]}
  - {name: C, when: [message_received, message_sent], if: {text: x}, then: [stop]}
"""
    (problem,) = analyse(rules(text))
    assert str(problem) == "rules.yaml:4:5: this rule can never run: 'A' (line 2) always stops before it"
