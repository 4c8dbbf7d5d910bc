"""Certain mistakes between rules are found; everything uncertain is left alone. The mistakes are in the corpus."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules import Facts, analyse
from casella_rules.checks.implication import implies
from casella_rules.engine.reference import holds
from casella_rules.language.model import Condition, Test
from tests.budget import tries
from tests.rules.reading import rules
from tests.rules.strategies import ASKED, CONDITIONS, FACTS, TESTS, asked

QUIET = {
    "what is let go outside any team is given to nobody": """
  - {name: A, when: conversation_assigned, if: {conversation.team: {is_set: false}}, then: [unassign]}
""",
    "what goes to whoever wrote is no part of a loop": """
  - {name: A, when: message_sent, if: {conversation.assignee: {is_set: false}}, then: [{assign: {to: sender}}]}
  - {name: B, when: conversation_assigned, if: {hours: {support: closed}},
     then: [{reply: {text: later}}, {unassign: {team: true}}]}
""",
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
  - {name: A, when: message_received, if: {inbox: {any_of: [a, b], is_not: c}}, then: [stop]}
""",
    "a stop for something narrower": """
  - {name: A, when: message_received, if: {text: {contains_word: "money back"}}, then: [stop]}
  - {name: B, when: message_received, if: {text: {contains_word: money}}, then: [{tag: a}]}
""",
    "a stop for one of several": """
  - {name: A, when: message_received, if: {inbox: support}, then: [stop]}
  - {name: B, when: message_received, if: {inbox: [support, sales]}, then: [{tag: a}]}
""",
    "a stop for something with another case": """
  - {name: A, when: message_received, if: {text: {is: HELP, case: exact}}, then: [stop]}
  - {name: B, when: message_received, if: {text: {is: HELP}}, then: [{tag: a}]}
""",
    "a stop that can never match": """
  - {name: B, when: message_received, if: {inbox: support, time.hour: {gte: 9}}, then: [{tag: a}]}
""",
    "tagging in answer to a tag": """
  - {name: A, when: conversation_tagged, if: {conversation.tags: {has: a}}, then: [{tag: b}]}
  - {name: B, when: conversation_tagged, if: {conversation.tags: {has: b}}, then: [{tag: a}]}
""",
    "taking off a tag that the same rule forbids": """
  - {name: A, when: conversation_tagged, if: {conversation.tags: {has: a}}, then: [{tag: b}]}
  - {name: B, when: conversation_tagged, if: {conversation.tags: {has_none: [b]}}, then: [{untag: b}]}
""",
    "putting aside what people opened again, and what office hours end": """
  - name: A
    when: conversation_reopened
    if: {conversation.status: {changed_from: closed}}
    then: [{snooze: 1h}]
  - name: B
    when: conversation_reopened
    if: {hours: {support: closed}}
    then: [{snooze: {until_open: support}}]
""",
    "what it did itself ends it": """
  - name: A
    when: message_sent
    if: {sent_by: rule, conversation.tags: {has_none: [a]}}
    then: [{tag: a}, {reply: {text: Hi}}]
""",
    "a priority in answer to a priority": """
  - {name: A, when: conversation_prioritized, if: always, then: [{priority: high}]}
""",
    "the same priority from two rules": """
  - {name: A, when: conversation_prioritized, if: {conversation.tags: {has: a}}, then: [{priority: high}]}
  - {name: B, when: conversation_prioritized, if: {conversation.priority: high}, then: [{priority: high}]}
""",
    "priorities that go up and stay there": """
  - {name: A, when: conversation_prioritized, if: {conversation.priority: normal}, then: [{priority: high}]}
  - {name: B, when: conversation_prioritized, if: {conversation.priority: high}, then: [{priority: urgent}]}
""",
    "priorities of which each asks for another change": """
  - {name: A, when: conversation_prioritized, if: {conversation.priority: {changed_to: urgent}}, then: [priority: high]}
  - {name: B, when: conversation_prioritized, if: {conversation.priority: {changed_to: low}}, then: [priority: normal]}
""",
    "a priority that asks what it was before": """
  - {name: A, when: conversation_prioritized, if: {previous.priority: high}, then: [{priority: high}]}
  - {name: B, when: conversation_prioritized, if: {conversation.priority: {changed_from: high}}, then: [priority: low]}
""",
    "a priority against another one that only people cause": """
  - {name: A, when: conversation_prioritized, if: {conversation.priority: urgent}, then: [{priority: high}]}
  - {name: B, when: message_received, if: {text: now}, then: [{priority: urgent}]}
""",
    "an answer to what agents write": """
  - {name: A, when: message_sent, if: {sent_by: agent}, then: [{reply: {text: Hi}}]}
""",
    "a loop that rests": """
  - {name: A, when: message_sent, if: always, cooldown: 1h, then: [{reply: {text: Hi}}]}
""",
    "closing what was reopened, by people": """
  - {name: A, when: conversation_reopened, if: always, then: [{priority: high}]}
  - {name: B, when: conversation_closed, if: always, then: [survey]}
""",
    "assigning what lost its agent": """
  - {name: A, when: conversation_unassigned, if: always, then: [{assign: {team: a}}]}
""",
    "taking it back from who does not answer": """
  - {name: A, when: conversation_assigned, if: always, after: 1h, unless: [message_sent], then: [unassign]}
""",
    "taking it from the team as well": """
  - {name: A, when: conversation_assigned, if: always, then: [{unassign: {team: true}}]}
""",
    "a loop that only watches": """
  - {name: A, when: message_sent, if: always, mode: watch, then: [{reply: {text: Hi}}]}
""",
    "words among other events": """
  - {name: A, when: [conversation_closed, message_sent], if: {text: thanks, time.hour: {gte: 23}}, then: [{tag: a}]}
  - {name: B, when: {conversation_idle: 1d}, if: {text: {is_set: false}}, then: [close]}
""",
    "a score among other events": """
  - {name: A, when: [survey_answered, message_received], if: {survey.score: {lte: 2}}, then: [{tag: a}]}
""",
    "a full queue asked of by an agent": """
  - {name: A, when: agent_available, if: {agent.open: 0, team.billing.waiting: {gt: 3}}, then: [{webhook: a}]}
""",
    "tags that may be there together": """
  - {name: A, when: message_received, if: {contact.tags: {has: a, has_any: [b, c], has_none: [d]}}, then: [stop]}
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
        "{conversation.priority: {is: low, changed_to: urgent}}",
        "{conversation.priority: {changed_to: [high, urgent], none_of: [urgent, high]}}",
        "{conversation.priority: {changed_from: [low, normal]}, previous.priority: high}",
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
    assert str(problem) == (
        "rules.yaml:4:5: this rule can never run: 'A' (line 2) and 'B' (line 3) stop all that it matches"
    )


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("{text: {contains_word: money}}", "{text: {contains_word: [money back, MONEY BAG]}}"),
        ("{text: {contains: fund}}", "{text: {contains_word: refund}, inbox: support}"),
        ("{inbox: [support, sales]}", "{inbox: sales}"),
        ("{contact.tags: {has_any: [vip, press]}}", "{contact.tags: {has_all: [vip, new]}}"),
        ("{contact.tags: {has_none: [spam]}}", "{contact.tags: {has_none: [spam, test]}}"),
        ("{time.hour: {gte: 9}}", "{time.hour: {between: [10, 12]}}"),
        ("{time.hour: {lt: 9}}", "{time.hour: {lt: 8}, text: hi}"),
        ("{any: [{inbox: support}, {text: {contains: a}}]}", "{text: {contains: [ab, ba]}, kind: text}"),
        ("{conversation.assignee: {is_set: true}}", "{conversation.assignee: ann}"),
        ("{not: {inbox: sales}}", "{not: {inbox: sales}, text: x}"),
    ],
)
def test_a_rule_that_a_wider_one_stops_is_unreachable(wide: str, narrow: str) -> None:
    text = f"""rules:
  - {{name: Wide, when: [message_received, message_sent], if: {wide}, then: [stop]}}
  - {{name: Narrow, when: message_received, if: {narrow}, then: [{{tag: a}}]}}
"""
    (problem,) = analyse(rules(text))
    assert problem.message == "this rule can never run: 'Wide' (line 2) stops all that it matches"
    swapped = text.replace(f"if: {wide}", "if: X").replace(f"if: {narrow}", f"if: {wide}").replace("X", narrow)
    assert analyse(rules(swapped)) == []


@pytest.mark.parametrize(
    ("written", "way"),
    [
        ("{name: A, when: message_sent, if: always, then: [{reply: {text: Hi}}]}", "'A' wakes itself"),
        ("{name: A, when: message_failed, if: always, then: [{reply: {text: Hi}}]}", "'A' wakes itself"),
        (
            """{name: A, when: conversation_closed, if: always, then: [reopen]}
  - {name: B, when: conversation_reopened, if: always, then: [note: x, close]}""",
            "'A' → 'B' → 'A' wake each other",
        ),
        (
            """{name: A, when: conversation_tagged, if: always, then: [tag: a]}
  - {name: B, when: conversation_tagged, if: {conversation.tags: {has: a}}, then: [untag: a]}""",
            "'A' → 'B' → 'A' wake each other",
        ),
        (
            """{name: A, when: conversation_prioritized, if: {conversation.priority: low}, then: [priority: high]}
  - {name: B, when: conversation_prioritized, if: {previous.priority: low}, then: [priority: low]}""",
            "'A' → 'B' → 'A' wake each other",
        ),
        (
            "{name: A, when: conversation_prioritized, if: always, then: [priority: low, priority: high]}",
            "'A' wakes itself",
        ),
        (
            """{name: A, when: conversation_unassigned, if: always, then: [assign: {team: a}]}
  - {name: B, when: conversation_assigned, if: always, after: 1h, then: [unassign]}""",
            "'A' → 'B' → 'A' wake each other",
        ),
        (
            """{name: A, when: message_sent, if: {conversation.tags: {has_none: a}}, then: [tag: a, reply: {text: A}]}
  - {name: B, when: conversation_tagged, if: {conversation.tags: {has: a}}, then: [untag: a]}""",
            "'A' wakes itself",
        ),
        (
            "{name: A, when: conversation_reopened, if: always, then: [{reply: {text: Hi}}, {snooze: 1m}]}",
            "'A' wakes itself",
        ),
        ("{name: A, when: conversation_assigned, if: {time.hour: {gte: 18}}, then: [unassign]}", "'A' wakes itself"),
    ],
)
def test_rules_that_wake_each_other_for_ever_are_found(written: str, way: str) -> None:
    (problem,) = analyse(rules(f"rules:\n  - {written}\n"))
    assert problem.message == f"possible loop: {way} again and again"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("when: message_received, if: {survey.score: 1}", "'survey.score' is known only with survey_answered"),
        ("when: agent_available, if: {inbox: support}", "'agent_available' has no conversation, so no 'inbox'"),
    ],
)
def test_what_no_event_of_the_rule_tells_is_found(written: str, message: str) -> None:
    (problem,) = analyse(rules(f"rules:\n  - {{name: A, {written}, then: [stop]}}\n"))
    assert problem.message == f"this rule can never match: {message}"


def test_a_part_that_cannot_hold_is_found_inside_any() -> None:
    test = "{any: [{text: a}, {time.hour: {gt: 9, lt: 9}}]}"
    text = f"rules:\n  - {{name: A, when: message_received, if: {test}, then: [stop]}}\n"
    (problem,) = analyse(rules(text))
    assert problem.message.startswith("a part of 'any' can never hold")


@given(TESTS, TESTS, FACTS)
@settings(max_examples=tries(300), deadline=None)
def test_whatever_passes_the_narrower_test_passes_the_wider(narrow: Test, wide: Test, facts: Facts) -> None:
    if implies(narrow, wide) and holds(narrow, facts):
        assert holds(wide, facts)


@given(CONDITIONS, FACTS, st.data())
@settings(max_examples=tries(300), deadline=None)
def test_so_it_does_for_two_questions_about_one_field(narrow: Condition, facts: Facts, data: st.DataObject) -> None:
    wide = data.draw(asked(narrow.field) if narrow.field in ASKED else CONDITIONS)
    if implies(narrow, wide) and holds(narrow, facts):
        assert holds(wide, facts)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("when: message_received, if: {time.hour: {gte: 25}}", "time.hour"),
        ("when: survey_answered, if: {survey.score: {gte: 50}}", "survey.score"),
        ("when: conversation_closed, if: {text: hello}", "text"),
        ("when: message_received, if: {conversation.messages: {lt: 0}}", "conversation.messages"),
        ("when: message_received, if: {contact.conversations: {lte: -1}}", "contact.conversations"),
    ],
)
def test_values_and_events_that_never_come_together_are_found(written: str, field: str) -> None:
    (problem,) = analyse(rules(f"rules:\n  - {{name: A, {written}, then: [stop]}}\n"))
    assert field in problem.message
