"""A step in which somebody says by hand how urgent the conversation is."""

from __future__ import annotations

from pathlib import Path

from tests.inbox.rule_tests.test_verdict import verdicts

RULES = """
rules:
  - name: Urgent ones are tagged
    when: conversation_prioritized
    if: {conversation.priority: {changed_to: urgent}}
    then: [{tag: late}]
"""


def test_rules_hear_of_it_once(tmp_path: Path) -> None:
    tests = """
  - name: A
    given: {message: Hello}
    steps:
      - {prioritizes: high, expect: {rules: [], priority: high}}
      - {prioritizes: urgent, expect: {rules: [Urgent ones are tagged], priority: urgent, tags: [late]}}
      - {prioritizes: urgent, expect: {rules: []}}
"""
    [verdict] = verdicts(tmp_path, tests, RULES)
    assert verdict.passed, verdict.as_text()


def test_without_a_conversation_nothing_is_urgent(tmp_path: Path) -> None:
    tests = """
  - name: A
    steps: [{prioritizes: urgent, expect: {priority: urgent}}]
"""
    [verdict] = verdicts(tmp_path, tests, RULES)
    assert "prioritizes was not possible: there is no conversation" in verdict.as_text()
