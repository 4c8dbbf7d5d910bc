"""What is written to after closing, in tests beside the rules."""

from __future__ import annotations

from pathlib import Path

from tests.desk.desks import write_desk
from tests.inbox.rule_tests.hosts import run_desk
from tests.inbox.rule_tests.test_verdict import DESK

RULES = """
rules:
  - name: Back again
    when: conversation_reopened
    if: {previous.status: closed}
    then: [{tag: late}]
"""
TESTS = """
tests:
  - name: Within a week it goes on
    steps:
      - message: Hello
      - closes: true
      - {wait: 6d, message: One more thing, expect: {rules: [Back again], tags: [late], status: open}}
  - name: Later another one begins
    steps:
      - message: Hello
      - closes: true
      - {wait: 8d, message: Hello, expect: {rules: [], tags: [], status: open}}
"""


def test_the_inbox_says_when_a_closed_conversation_goes_on(tmp_path: Path) -> None:
    desk = DESK.replace("teams: [front-desk, billing]}", "teams: [front-desk, billing], reopen: 7d}", 1)
    found = run_desk(write_desk(tmp_path, {"desk.yaml": desk, "rules.yaml": RULES, "tests.yaml": TESTS}))
    assert [verdict.passed for verdict in found] == [True, True], [verdict.as_text() for verdict in found]
