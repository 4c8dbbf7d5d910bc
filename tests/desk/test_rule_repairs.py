"""What a rule has beside `when`, `if` and `then`, and belongs behind them: what the check proposes there, done, is the
rule that was meant (law 16); where nothing that could be written would mean the same, nothing is proposed."""

from __future__ import annotations

import re

import pytest

from casella_rules import Names, Rule, read_rules
from tests.desk.repairs import read, repaired
from tests.rules.reading import VOCABULARY

NAMES = Names({
    "tag": frozenset({"vip"}), "channel": frozenset({"sms"}), "hours": frozenset({"support"}),
    "inbox": frozenset({"sales", "support"}),
})  # fmt: skip
RULES = [
    ('schedule: "0 9 * * *", if: always, then: [close]',
     'when: {schedule: "0 9 * * *"}, if: always, then: [close]'),
    ('cron: 30 8 * * mon-fri, if: always, then: [close]',
     'when: {schedule: 30 8 * * mon-fri}, if: always, then: [close]'),
    ('at: "09:00", if: always, then: [close]',
     'when: {schedule: "0 9 * * *"}, if: always, then: [close]'),
    ('when: {schedule: "9:30"}, if: always, then: [close]',
     'when: {schedule: "30 9 * * *"}, if: always, then: [close]'),
    ('when: {schedule: "0 15 9 * * *"}, if: always, then: [close]',
     'when: {schedule: "15 9 * * *"}, if: always, then: [close]'),
    ('when: {schedule: "@daily"}, if: always, then: [close]',
     'when: {schedule: "0 0 * * *"}, if: always, then: [close]'),
    ("waiting: 2 hours, if: always, then: [close]",
     "when: {conversation_waiting: 2h}, if: always, then: [close]"),
    ("conversation_idle: 3d, if: always, then: [close]",
     "when: {conversation_idle: 3d}, if: always, then: [close]"),
    ("message_received: , if: always, then: [close]",
     "when: message_received, if: always, then: [close]"),
    ("when: {conversation_waiting: 2 business hours}, if: always, then: [close]",
     "when: {conversation_waiting: 2h of support}, if: always, then: [close]"),
    ("when: {conversation_idle: 90m open}, if: always, then: [close]",
     "when: {conversation_idle: 90m of support}, if: always, then: [close]"),
    ("when: message_received, if_not: {text: {contains: a}}, then: [close]",
     "when: message_received, if: {not: {text: {contains: a}}}, then: [close]"),
    ("when: message_received, unless: {text: {contains: a}}, then: [close]",
     "when: message_received, if: {not: {text: {contains: a}}}, then: [close]"),
    ("when: message_received, text: {contains: a}, then: [close]",
     "when: message_received, if: {text: {contains: a}}, then: [close]"),
    ("when: message_received, if: {text: refund, money}, then: [close]",
     "when: message_received, if: {text: [refund, money]}, then: [close]"),
    ("when: message_received, if: yes, then: [close]",
     "when: message_received, if: always, then: [close]"),
    ("when: message_received, if: always, reply: {text: hi}",
     "when: message_received, if: always, then: [{reply: {text: hi}}]"),
    ("when: message_received, if: {conversation.assigned: false}, then: [close]",
     "when: message_received, if: {conversation.assignee: {is_set: false}}, then: [close]"),
    ("when: message_received, if: {conversation.unassigned: true}, then: [close]",
     "when: message_received, if: {conversation.assignee: {is_set: false}}, then: [close]"),
    ("when: message_received, if: {contact.opted_in: true}, then: [close]",
     "when: message_received, if: {contact.opted_out: false}, then: [close]"),
    ("when: message_received, if: {conversation.is_not_new: true}, then: [close]",
     "when: message_received, if: {not: {conversation.is_new: true}}, then: [close]"),
    ("when: message_received, if: {has_attachment: {is_not_set: true}}, then: [close]",
     "when: message_received, if: {has_attachment: {is: false}}, then: [close]"),
    ("when: message_received, if: always, then: [resolve]", "when: message_received, if: always, then: [close]"),
    ("when: message_received, if: always, then: [{contact_tag: vip}]",
     "when: message_received, if: always, then: [{tag: {contact: vip}}]"),
    ("when: message_received, if: always, then: [{remove_tag: vip}]",
     "when: message_received, if: always, then: [{untag: vip}]"),
    ("when: message_received, if: always, then: [close], enabled: no",
     "when: message_received, if: always, then: [close], enabled: false"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), RULES, ids=lambda text: text)
def test_a_repair_keeps_the_meaning_of_a_rule(written: str, meant: str) -> None:
    text = f"rules:\n  - {{name: A, {written}}}\n"
    _, mistakes = read_rules([("r.yaml", text.encode())], VOCABULARY, NAMES)
    assert mistakes
    for _ in range(3):
        after = repaired(text, read(str(mistakes[0])))
        assert after, str(mistakes[0])
        text = after
        read_now, mistakes = read_rules([("r.yaml", text.encode())], VOCABULARY, NAMES)
        if not mistakes:
            break
    wanted, wrong = read_rules([("r.yaml", f"rules:\n  - {{name: A, {meant}}}\n".encode())], VOCABULARY, NAMES)
    assert not mistakes, (text, [str(one) for one in mistakes])
    assert not wrong
    assert [_without_places(rule) for rule in read_now] == [_without_places(rule) for rule in wanted]


def _without_places(rule: Rule) -> str:
    return re.sub(r"Place\([^)]*\)", "", repr(rule))


#: Nothing that could be written there would mean the same: it is said, and nothing is proposed.
NOTHING_PROPOSED = [
    ("when: message_received, if: never, then: [close]", "A rule that shall never act says 'enabled: false'"),
    ("when: message_received, if: always, then: [reopen: false]",
     "Leave 'reopen' out: what is not written is not done"),
    ("when: message_received, if: always, then: [notify: managers]",
     "Write for example 'notify: {managers: true, text: Please look at this}'"),
    ("when: message_received, if: always, then: [stop: no]",
     "Leave 'stop' out: what is not written is not done"),
    ('when: message_received, schedule: "0 9 * * *", if: always, then: [close]',
     "What happens stands behind 'when', and makes a rule of its own: when: {schedule: \"0 9 * * *\"}"),
    ("when: message_received, if: {channel: sms}, unless: {text: a}, then: [close]",
     "Below 'if' it is 'not: {text: a}'"),
    ("when: message_received, if: always, then: [close], inboxes: not sales",
     "Below 'if' it is 'inbox: {is_not: sales}'"),
    ("when: message_received, if: always, then: [close], inboxes: all",
     "Without 'inboxes' a rule is for all of them: leave it out"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "hint"), NOTHING_PROPOSED, ids=lambda text: text)
def test_what_has_no_repair_is_only_told(written: str, hint: str) -> None:
    text = f"rules:\n  - {{name: A, {written}}}\n"
    _, mistakes = read_rules([("r.yaml", text.encode())], VOCABULARY, NAMES)
    assert [problem.hint for problem in mistakes] == [hint]
    assert repaired(text, read(str(mistakes[0]))) is None
