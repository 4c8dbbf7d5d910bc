"""Signs of other languages and slips of the space bar are found where they stand, with the line as it should be
(numbers: docs/complaints.md)."""

from __future__ import annotations

import pytest

from casella_rules import read_rules
from tests.rules.reading import VOCABULARY

HEAD = "rules:\n  - name: Mine\n    when: message_received\n    if: {conversation.is_new: true}\n    then:\n"


def told(text: str) -> list[str]:
    return [str(one).removeprefix("r.yaml:") for one in read_rules([("r.yaml", text.encode())], VOCABULARY)[1]]


BEHIND_THEN = {
    # 15
    "      - assign:\n        team: billing\n": "7:9: 'team' stands beside 'assign', and not below it. "
    "Move 'team' two columns to the right of 'assign'",
    "      - reply:\n        text: Hi\n        quote: true\n": "7:9: 'text' and 'quote' stand beside 'reply', and not "
    "below it. Move 'text' and 'quote' these two columns to the right of 'reply'",
    "      - tag: vip\n        priority: high\n": "6:9: expected one action. Start each action with its own '- '",
    # 16
    "      - assign: team: billing\n": "6:17: 'team:' stands behind another key in one line. Put 'team:' on a "
    "line of its own, two columns to the right of 'assign:', or write 'assign: {team: billing}'",
    # 17
    "      -tag: vip\n": "6:7: a space is missing behind the dash. Write '- tag: vip'",
    "      -tag: vip\n      - close\n": "6:7: a space is missing behind the dash. Write '- tag: vip'",
    "      - close\n      -tag: vip # now\n": "7:7: a space is missing behind the dash. Write '- tag: vip'",
    "      -tag: vip\n      -assign: {team: billing}\n": "6:7: a space is missing behind the dash. Write '- tag: vip'",
    "      -close\n": "6:7: unknown action '-close'. Write '- close'",
    # 22
    "      – tag: vip\n": "6:7: '–' begins no entry of a list. Write '- tag: vip'",
    "      • tag: vip\n": "6:7: '•' begins no entry of a list. Write '- tag: vip'",
    "      * tag: vip\n": "6:7: '*' begins no entry of a list. Write '- tag: vip'",
    "      — close\n": "6:7: unknown action '— close'. Write '- close'",
    "      - tag： vip\n": "6:9: unknown action 'tag： vip'. Write '- tag: vip'",
    "      - tag=vip\n": "6:9: unknown action 'tag=vip'. Write '- tag: vip'",
    "      - set:\n        plan: gold\n": "7:9: 'plan' stands beside 'set', and not below it. "
    "Move 'plan' two columns to the right of 'set'",
    "      - snooze:\n        8h\n": "7:9: '8h' stands beside 'snooze', and not behind it. "
    "Write 'snooze: 8h' in one line",
    "      - tag: vip\n      -stop\n": "7:7: a space is missing behind the dash. Write '- stop'",
    "      -close # now\n      - tag: vip\n": "6:7: a space is missing behind the dash. Write '- close'",
    "      - tag:vip\n": "6:9: unknown action 'tag:vip'. Write 'tag: vip', with a space behind the colon",
}


@pytest.mark.parametrize(("actions", "expected"), BEHIND_THEN.items())
def test_field_15_16_17_22_behind_then(actions: str, expected: str) -> None:
    assert told(HEAD + actions) == [expected]


WHOLE = {
    # 16
    "rules:\n  - name: A\n    when: message_received\n    if: text: {contains: refund}\n    then: [close]\n":
        "4:9: 'text:' stands behind another key in one line. Put 'text:' on a line of its own, two columns to "
        "the right of 'if:', or write 'if: {text: {contains: refund}}'",
    # 15, among fields
    "rules:\n  - name: A\n    when: message_received\n    if:\n      text:\n      contains: x\n    then: [close]\n":
        "6:7: 'contains' stands beside 'text', and not below it. Move 'contains' two columns to the right of 'text'",
    # 17
    "rules:\n  -name: A\n   when: message_received\n   if: always\n   then: [close]\n":
        "2:3: a space is missing behind the dash. Write '- name: A'",
    # 21
    "// my rules\nrules:\n  - name: A\n": "1:1: comments begin with '#', not with '//'. Write '#' there",
    "/* my rules */\nrules:\n  - name: A\n": "1:1: comments begin with '#', not with '/*'. Write '#' there",
    "-- my rules\nrules:\n  - name: A\n": "1:1: comments begin with '#', not with '--'. Write '#' there",
    "; my rules\nrules:\n  - name: A\n": "1:1: comments begin with '#', not with ';'. Write '#' there",
    # 22
    "rules:\n  - name: A\n    when： message_received\n    if: always\n    then: [close]\n":
        "3:9: '：' is another sign than ':'. Write 'when: message_received'",
    "rules:\n  - name: A\n    when = message_received\n    if: always\n    then: [close]\n":
        "3:10: '=' stands where ':' belongs. Write 'when: message_received'",
    "rules:\n  - name: A\n    when := message_received\n    if: always\n    then: [close]\n":
        "3:10: ':=' stands where ':' belongs. Write 'when: message_received'",
    "rules:\n  - name: A\n    when => message_received\n    if: always\n    then: [close]\n":
        "3:10: '=>' stands where ':' belongs. Write 'when: message_received'",
    # 15, 16
    "rules:\n  - name: A\n    when: message_received\n    if: text: contains: hi\n    then: [close]\n":
        "4:9: 'text:' stands behind another key in one line. Put 'text:' on a line of its own, two columns to the "
        "right of 'if:', or write 'if: {text: {contains: hi}}'",
    "rules:\n  - name: A\n    when: message_received\n    if:\n    text: hi\n    then: [close]\n":
        "5:5: 'text' stands beside 'if', and not below it. Move 'text' two columns to the right of 'if'",
    "rules:\n  - name: A\n    when:\n    conversation_waiting: 1h\n    if: always\n    then: [close]\n":
        "4:5: 'conversation_waiting' stands beside 'when', and not below it. Move 'conversation_waiting' two columns "
        "to the right of 'when'",
    "rules:\n  - name: A\n    when: message_received if: always\n    then: [close]\n":
        "3:28: 'if:' stands behind another key in one line. Put 'if:' on a line of its own, where 'when:' begins",
    HEAD + "- close\n": "5:10: 'then' is empty. Write what to do, for example '- stop'",
    HEAD + "  - close\n": "6:5: this action stands too far left. Indent its '-' below the 'then' of line 5",
    # 22, within brackets
    HEAD.replace("{conversation.is_new:", "{text： {contains: x}, conversation.is_new:") + "      - close\n":
        "4:14: '：' is another sign than ':'. Write 'text: ', with a space behind the colon",
    HEAD.replace("{conversation.is_new: true}", "{text： hi}") + "      - close\n":
        "4:10: unknown field 'text： hi'. Write 'text: hi'",
    HEAD.replace("{conversation.is_new: true}", "{text: {contains = hi}}") + "      - close\n":
        "4:17: unknown operator 'contains = hi'. Write {contains: hi}",
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), WHOLE.items())
def test_field_15_16_17_21_22_in_a_rule(text: str, expected: str) -> None:
    assert told(text)[0] == expected


@pytest.mark.parametrize(
    "action",
    ["note: '– a dash'", "note: – a dash", "note: a -b c", "reply: {text: 'Hi: now'}", "note: see //intranet",
     "note: |\n          // a path\n          - a -b\n          x = y", "note: a=b"],
)  # fmt: skip
def test_texts_may_hold_all_of_these(action: str) -> None:
    assert told(HEAD + f"      - {action}\n") == []


def test_a_list_left_of_its_key_is_told_where_it_belongs() -> None:
    assert told(HEAD + "- close\n")[1] == (
        "6:1: this list stands left of 'then' in line 5, to which it belongs. Begin its '-' in column 5 or 7"
    )
