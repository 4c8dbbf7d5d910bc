"""What is proposed instead of a text keeps all of the text: also what a ` #` has made a comment."""

from __future__ import annotations

from pathlib import Path

import pytest

from casella.desk.check import check_desk
from tests.desk.desks import SOUND, catalogue, write_desk

RULE = """\
rules:
  - name: Greet
    when: message_received
    if: always
    then:
      - reply: {written}
"""


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("Your order #12 is here", '"Your order #12 is here"'),
        ("Case  #5, of today   ", '"Case  #5, of today"'),
        ('Say "hi" to #5', "…"),
    ],
)
def test_a_proposal_has_the_whole_text(tmp_path: Path, written: str, whole: str) -> None:
    rules = RULE.replace("{written}", written)
    told = [str(problem) for problem in check_desk(write_desk(tmp_path, {**SOUND, "rules.yaml": rules}), catalogue())]
    assert any(whole in problem for problem in told), told
    cut = written.split(" #")[0].strip()
    assert not any(f'"{cut}"' in problem for problem in told), told


def test_a_persons_comment_is_left_out(tmp_path: Path) -> None:
    rules = RULE.replace("{written}", "Hello there  # for everybody")
    [problem] = check_desk(write_desk(tmp_path, {**SOUND, "rules.yaml": rules}), catalogue())
    assert problem.hint == "Write 'reply: {text: \"Hello there\"}'"
