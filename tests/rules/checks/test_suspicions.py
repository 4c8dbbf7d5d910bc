"""What is probably not meant is told, with its place; what may well be meant is left alone."""

from __future__ import annotations

from datetime import date

import pytest

from casella_rules import OfficeHours, TimeRange, builtin_vocabulary
from casella_rules.checks.possible import Judges
from casella_rules.checks.suspicions import suspicions
from casella_rules.language.circumstances import AgentSketch, Circumstances
from tests.rules.reading import rules

TODAY = date(2026, 11, 28)
HERE = Circumstances(
    builtin_vocabulary(),
    channels={"main": "sms"},
    agents={"ann": AgentSketch("Ann", "agent", frozenset({"billing"}), frozenset({"refunds"}))},
    hours={"never": OfficeHours("UTC", ((),) * 7), "always": OfficeHours("UTC", ((TimeRange(0, 1440),),) * 7)},
    zones={"support": "UTC"},
)
THEN = "then: [{tag: a}]"


def told(written: str) -> list[str]:
    read = rules("rules:\n" + "".join(f"  - {{name: R{n}, {rule}}}\n" for n, rule in enumerate(written.split(" ; "))))
    found = sorted(suspicions(read, Judges(HERE), TODAY))
    return [f"{one.line}: {one.message}. {one.hint}".removesuffix(". ") for one in found]


NOISY = {
    "when: message_received, if: {text: {contains_word: x}}, then: [{tag: [a, b]}, {untag: a}]": [
        "2: this rule puts the tag 'a' on and takes it off. Leave one of the two out"
    ],
    "when: message_received, if: {text: x}, then: [{priority: low}, {priority: high}]": [
        "2: of several 'priority' only the last one lasts: high. Leave the others out"
    ],
    "when: message_received, if: {text: x}, then: [close, reopen]": [
        "2: 'close' and 'reopen' in one rule undo each other. Leave one of the two out"
    ],
    f"when: message_received, if: {{text: {{contains_word: “money back”}}}}, {THEN}": [
        "2: '“money back”' has curly quotes in it, which customers would have to type. "
        'Write money back, in straight quotes (") where it needs some'
    ],
    f"when: message_received, if: {{text: {{contains: '*refund*'}}}}, {THEN}": [
        "2: '*refund*' looks for a star; there are no wildcards. Write {contains: refund} for refund anywhere"
    ],
    f"when: message_received, if: {{text: {{matches: '/refund/i'}}}}, {THEN}": [
        "2: '/refund/i' has slashes around it, which are looked for in the text. Write the pattern without them"
    ],
    f"when: message_received, if: {{text: {{contains_word: refund or money back}}}}, {THEN}": [
        "2: 'refund or money back' is looked for word by word, 'or' included. "
        "For one of several write [refund, money back]"
    ],
    f"when: message_received, if: {{text: {{contains: '!refund'}}}}, {THEN}": [
        "2: '!refund' looks for the sign '!' too, which does not mean 'not' here. "
        "For what must not hold write 'not: {text: {contains: refund}}'"
    ],
    f"when: message_received, if: {{contact.name: is_empty}}, {THEN}": [
        "2: 'is_empty' is looked for as a value. For one that is not there write {is_set: false}"
    ],
    f"when: message_received, if: {{contact.name: {{is_not: not set}}}}, {THEN}": [
        "2: 'not set' is looked for as a value. For one that is there write {is_set: true}"
    ],
    f"when: message_received, if: {{time.hour: [9, 17]}}, {THEN}": [
        "2: this holds from 9.00 to 9.59 and from 17.00 to 17.59 only. "
        "For the hours between them write {between: [9, 17]}"
    ],
    f"when: message_received, if: {{time.hour: [22, 6]}}, {THEN}": [
        "2: this holds from 22.00 to 22.59 and from 6.00 to 6.59 only. "
        "For the hours between them write 'any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]'"
    ],
    f"when: message_received, if: {{text: {{contains_word: ′refund′}}}}, {THEN}": [
        "2: '′refund′' has curly quotes in it, which customers would have to type. "
        'Write refund, in straight quotes (") where it needs some'
    ],
    f"when: message_received, if: {{contact.phone: {{starts_with: '0039'}}}}, {THEN}": [
        "2: '0039' begins no number: customers' numbers begin with +. Write '+39'"
    ],
    f"when: message_received, if: {{contact.phone: '+39 333 1234567'}}, {THEN}": [
        "2: '+39 333 1234567' has signs between its digits, which customers' numbers never have. Write '+393331234567'"
    ],
    f"when: message_received, if: {{contact.phone: '3331234567'}}, {THEN}": [
        "2: '3331234567' is no customer's number: they begin with + and the country's code. "
        "Write it like '+393331234567'"
    ],
    f"when: message_received, if: {{time.hour: {{gte: 0}}, text: x}}, {THEN}": [
        "2: 'time.hour gte 0' always holds here. Take it out"
    ],
    f"when: message_received, if: {{any: [{{sent_by: contact}}, {{text: x}}]}}, {THEN}": [
        "2: the 'if' of this rule always holds. Write 'if: always', or ask something else"
    ],
    f"when: [message_received, conversation_closed], if: {{text: x}}, {THEN}": [
        "2: this rule never matches on 'conversation_closed': 'text' is known only with message_received, "
        "message_sent, message_failed, conversation_opened, survey_answered. Take it out of 'when'"
    ],
    "when: message_received, if: always, then: [{reply: {text: Hi}}]": [
        "2: this rule answers every message, automatic answers of other machines included. "
        "Add a cooldown, such as 'cooldown: 12h', or let it wait for conversation_opened"
    ],
    "when: message_received, if: {text: x}, then: [{assign: {team: billing, skills: [refund]}}]": [
        "2: nobody of the team 'billing' has the skill 'refund'. Did you mean 'refunds'?"
    ],
    f"when: message_received, if: {{channel: [main, whatsapp]}}, {THEN}": [
        "2: no channel of desk.yaml is of the type 'whatsapp'"
    ],
    f"when: message_received, if: {{time.date: 2026-11-27}}, {THEN}": [
        "2: this rule can never match any more: its dates are over. Write new ones, or take it out"
    ],
    f"when: message_received, if: {{hours: {{never: open, always: closed}}}}, {THEN}": [
        "2: the office hours 'never' are never open",
        "2: the office hours 'always' are never closed",
    ],
    "when: message_received, if: {text: {contains: a}}, then: [{assign: {team: billing}}] ; "
    "when: message_received, if: {text: {contains: ab}}, then: [{assign: {agent: ann}}]": [
        "3: the 'assign' of 'R1' never acts: 'R0' (line 2) assigns all that it matches. "
        "The first 'assign' of a run wins; put this rule above, or leave its 'assign' out"
    ],
    "when: message_sent, if: {sent_by: [rule, survey]}, then: [{assign: {to: sender}}]": [
        "2: the 'assign' of 'R0' never acts: no agent wrote the message whenever it matches"
    ],
    "when: message_received, if: {conversation.assignee: ann}, then: [{assign: {team: billing}}]": [
        "2: the 'assign' of 'R0' never acts: somebody has the conversation whenever it matches"
    ],
    "when: conversation_closed, if: {conversation.status: closed}, then: [{assign: {team: billing}}]": [
        "2: the 'assign' of 'R0' never acts: the conversation is closed whenever it matches"
    ],
}
QUIET = (
    "when: message_received, if: {conversation.assignee: {is_set: true}, text: x}, "
    "then: [{move: sales}, {assign: {team: billing}}]",
    "when: conversation_closed, if: {conversation.assignee: ann}, then: [reopen, {assign: {team: billing}}]",
    "when: message_sent, if: {text: {contains: a}}, then: [{assign: {to: sender}}] ; "
    "when: message_sent, if: {text: {contains: ab}}, then: [{assign: {team: billing}}]",
    "when: message_sent, if: {sent_by: [rule, agent]}, then: [{assign: {to: sender}}]",
    "when: message_sent, if: {not: {sent_by: rule}}, then: [{assign: {to: sender}}]",
    "when: message_received, if: {conversation.assignee: ann, text: x}, then: [unassign] ; "
    "when: message_received, if: {conversation.assignee: ann}, then: [{assign: {team: billing}}]",
    "when: conversation_closed, if: {conversation.status: closed}, then: [reopen, {assign: {team: billing}}]",
    "when: message_received, if: {text: x}, then: [{tag: a}, {untag: b}, {priority: high}, close]",
    f"when: message_received, if: {{text: [empty, '!', '!!'], contact.name: Missing Link}}, {THEN}",
    f"when: message_received, if: {{time.hour: [22, 23]}}, {THEN}",
    f"when: message_received, if: {{time.hour: [23, 0]}}, {THEN}",
    f"when: message_received, if: {{time.hour: [9, 13, 17]}}, {THEN}",
    f"when: message_received, if: {{text: {{contains: ['5 * 3', '*', '(a/b)']}}}}, {THEN}",
    f"when: message_received, if: {{text: {{matches: ['a/b', '^/help']}}}}, {THEN}",
    f"when: message_received, if: {{text: {{contains_word: [order, original]}}}}, {THEN}",
    f"when: message_received, if: {{contact.phone: {{starts_with: ['+39', '+1 555']}}}}, enabled: false, {THEN}",
    f"when: message_received, if: {{contact.phone: [\"12345\", '+393331234567', AMAZON]}}, {THEN}",
    f"when: message_received, if: {{time.hour: {{gte: 1}}, text: x}}, {THEN}",
    f"when: [message_received, conversation_closed], if: {{contact.tags: {{has: a}}}}, {THEN}",
    "when: message_received, if: always, cooldown: 1h, then: [{reply: {text: Hi}}]",
    "when: conversation_opened, if: always, then: [{reply: {text: Hi}}]",
    "when: message_received, if: {text: x}, then: [{assign: {team: billing, skills: [refunds]}}]",
    f"when: message_received, if: {{channel: [main, sms]}}, {THEN}",
    f"when: message_received, if: {{time.date: {{between: [2026-01-01, 2026-11-28]}}}}, {THEN}",
    f"when: message_received, if: {{any: [{{time.date: 2020-01-01}}, {{text: x}}]}}, {THEN}",
    "when: message_received, if: {text: {contains: ab}}, then: [{assign: {team: billing}}] ; "
    "when: message_received, if: {text: {contains: a}}, then: [{assign: {agent: ann}}]",
    "when: message_received, if: {text: {contains: a}}, cooldown: 1h, then: [{assign: {team: billing}}] ; "
    "when: message_received, if: {text: {contains: ab}}, then: [{assign: {agent: ann}}]",
)


@pytest.mark.parametrize("written", NOISY)
def test_what_is_probably_not_meant_is_told(written: str) -> None:
    assert told(written) == NOISY[written]


@pytest.mark.parametrize("written", QUIET)
def test_what_may_be_meant_is_left_alone(written: str) -> None:
    assert told(written) == []
