"""Managers' tests are played as the house would play it, and a failed one says which rule decided."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from casella.inbox.rule_tests import Verdict, junit
from tests.desk.desks import SOUND, write_desk
from tests.inbox.rule_tests.hosts import run_desk

DESK = (
    SOUND["desk.yaml"]
    .replace("tags: [vip, refund]", "tags: [vip, refund, late]")
    .replace("name: Front desk,", "name: Front desk, reassign_after: 1h,")
    .replace("  bob: {", "  mara: {name: Mara, email: mara@test.example, role: manager, inboxes: [support]}\n  bob: {")
    + """\
attributes:
  plan: {type: word, values: [free, gold]}
  seats: {type: number}
webhooks:
  crm: {url: "https://crm.example/hook"}
surveys:
  csat: {question: greeting}
"""
)
RULES = """
rules:
  - name: VIP refunds
    when: message_received
    if:
      text: {contains_word: refund}
      contact.tags: {has: vip}
    then: [{priority: urgent}, {tag: refund}, {assign: {team: billing}}, {reply: {canned: greeting}}, stop]
  - name: Nobody answered
    when: message_received
    if: {conversation.assignee: {is_set: false}}
    after: 10m
    unless: [message_sent, closed]
    then: [{tag: late}, {notify: {managers: true, text: Somebody waits}}]
  - name: Waiting long
    when: {conversation_waiting: 30m}
    if: always
    then: [{priority: high}]
  - name: Quiet for days
    when: {conversation_idle: 3d}
    if: {conversation.status: open}
    then: [close]
  - name: Mornings
    when: {schedule: "0 8 * * *"}
    if: {conversation.tags: {has: late}}
    then: [note: Still open this morning]
  - name: Ask how it was
    when: conversation_closed
    if: {contact.opted_out: false}
    then: [survey, webhook: crm]
  - name: Unhappy
    when: survey_answered
    if: {survey.score: {lte: 2}}
    then: [reopen, {set: {plan: gold, seats: 3}}, draft]
  - name: Reopened
    when: conversation_reopened
    if: {previous.status: closed}
    then: [{move: sales}]
  - name: Tried out
    when: message_received
    mode: watch
    if: {text: {contains: try}}
    then: [close]
  - name: Only once an hour
    when: message_received
    if: {text: {contains: hours}}
    cooldown: 1h
    then: [{reply: {text: We open at nine.}}]
  - name: At opening
    when: message_received
    if: {text: {contains: tomorrow}}
    then: [{reply: {text: Good morning, when_open: support}}, {snooze: {until_open: support}}]
"""


def verdicts(folder: Path, tests: str, rules: str = RULES) -> list[Verdict]:
    files = {"desk.yaml": DESK, "rules.yaml": rules, "tests.yaml": "tests:\n" + tests}
    return run_desk(write_desk(folder, files))


def passes(folder: Path, test: str) -> None:
    (verdict,) = verdicts(folder, test)
    assert verdict.passed, verdict.as_text()


PASSING = {
    "the example of the language's page": """
  - name: A VIP
    given:
      at: 2026-11-23T10:00
      channel: sms
      contact: {name: Ada, tags: [vip]}
      agents: {ann: {team: billing, open: 3}, bob: {team: billing, open: 1, skills: [refunds]}}
      message: I want a refund
    expect:
      rules: [VIP refunds]
      assignee: bob
      team: billing
      priority: urgent
      tags: [refund]
      reply: greeting
      locale: en
      delayed: []
""",
    "a rule that waits acts when its time has come": """
  - name: A
    steps:
      - message: Hello
        expect: {rules: [], delayed: [Nobody answered]}
      - wait: 9m59s
        expect: {rules: []}
      - wait: 1s
        expect: {rules: [Nobody answered], tags: [late], notified: [Somebody waits]}
      - wait: 1d
        expect: {rules: [Waiting long, Mornings], priority: high, notes: [Still open this morning]}
""",
    "and is cancelled by an answer": """
  - name: A
    given: {message: Hello}
    steps:
      - agent_replies: Hi
      - wait: 2h
        expect: {rules: [], tags: []}
""",
    "or asks again, and does nothing": """
  - name: A
    given: {message: Hello}
    steps:
      - takes: ann
      - wait: 11m
        expect: {rules: [], assignee: ann}
""",
    "what is quiet for days is closed, and the customer asked how it was, once": """
  - name: A
    given: {message: Hello}
    steps:
      - agent_replies: Hi
      - wait: 3d
        expect: {rules: [Quiet for days, Ask how it was], status: closed, survey: csat, webhooks: [crm]}
      - event: survey_answered
        score: 1
        expect: {rules: [Unhappy, Reopened], status: open, inbox: sales, custom: {plan: gold, seats: 3}, drafts: 1}
      - closes: true
        expect: {rules: [Ask how it was], survey: null}
""",
    "watching acts on nothing": """
  - name: A
    given: {message: try it}
    expect: {watched: [Tried out], rules: [], status: open}
""",
    "a rule rests": """
  - name: A
    given: {message: Your hours?}
    steps:
      - expect: {rules: [Only once an hour], replies: [We open at nine.]}
      - wait: 59m
        message: Your hours??
        expect: {reply: null}
      - wait: 1m
        message: Your hours???
        expect: {reply: We open at nine.}
""",
    "an answer waits for office hours, and the conversation sleeps as long": """
  - name: A
    given: {at: 2026-11-23T20:00, message: See you tomorrow}
    steps:
      - expect: {reply: null, status: snoozed}
      - at: 2026-11-24T09:00
        expect: {reply: Good morning, status: open}
""",
    "nothing is sent to who wants none": """
  - name: A
    given: {contact: {tags: [vip], opted_out: true}, message: a refund, agents: {bob: {}}}
    expect: {assignee: bob, reply: null, opted_out: true}
""",
    "whom agents have served": """
  - name: A
    given:
      conversation: {assignee: ann, tags: [vip], status: open, waiting: 20m, messages: 4}
      inbox: sales
      message: a refund please
      contact: {tags: [vip], custom: {seats: 2}}
    expect: {assignee: ann, unassigned: false, tags: [refund, vip]}
""",
    "agents begin": """
  - name: A
    steps:
      - agent_replies: Your parcel is here
        expect: {rules: [], status: open}
""",
}


@pytest.mark.parametrize("what", PASSING)
def test_what_should_pass_passes(what: str, tmp_path: Path) -> None:
    passes(tmp_path, PASSING[what])


FAILING = """
  - name: Wrong in many ways
    given: {contact: {name: Ada}, agents: {bob: {open: 3, capacity: 3}}, message: a refund}
    expect:
      rules: [VIP refunds]
      assignee: bob
      priority: urgent
      reply: greeting
  - name: Full
    given: {contact: {tags: [vip]}, agents: {ann: {}, bob: {open: 3, capacity: 3}}, message: a refund}
    expect: {assignee: bob}
  - name: Nothing is asked
    steps: [{agent_replies: Hi, expect: {tags: [vip]}}]
  - name: Right
    given: {message: Hello}
    expect: {status: open}
"""


def test_a_failed_test_prints_expected_got_and_what_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_desk(tmp_path, {"desk.yaml": DESK, "rules.yaml": RULES, "tests.yaml": "tests:" + FAILING})
    monkeypatch.chdir(tmp_path)
    wrong, full, _, right = run_desk(folder.name)
    assert right.passed
    assert wrong.as_text().splitlines() == [
        "desk/tests.yaml:2:5: Wrong in many ways",
        "    rules: expected 'VIP refunds'",
        "           got none",
        "        VIP refunds: did not match",
        "            contact.tags has 'vip': no, it is empty",
        "    assignee: expected 'bob'",
        "              got nothing",
        "        VIP refunds: did not match",
        "            contact.tags has 'vip': no, it is empty",
        "    priority: expected 'urgent'",
        "              got 'normal'",
        "        VIP refunds: did not match",
        "            contact.tags has 'vip': no, it is empty",
        "    reply: expected 'greeting'",
        "           got nothing",
        "        VIP refunds: did not match",
        "            contact.tags has 'vip': no, it is empty",
    ]
    assert full.as_text().splitlines()[1:] == [
        "    assignee: expected 'bob'",
        "              got nothing",
        "        VIP refunds: matched",
        "            text contains_word 'refund': yes, it is 'a refund'",
        "            contact.tags has 'vip': yes, it is ['vip']",
        "        least_busy of billing: nobody (bob has as many conversations as allowed)",
    ]


def test_the_results_are_written_as_junit(tmp_path: Path) -> None:
    root = fromstring(junit(verdicts(tmp_path, FAILING)))  # written two lines ago
    assert root.attrib == {"name": "casella test", "tests": "4", "failures": "3"}
    (suite,) = root
    assert [case.attrib["name"] for case in suite] == ["Wrong in many ways", "Full", "Nothing is asked", "Right"]
    assert [len(case) for case in suite] == [1, 1, 1, 0]
    assert suite[0].attrib["line"] == "3"
    assert "expected 'VIP refunds'" in (suite[0][0].text or "")


def test_loops_end_in_tests_too(tmp_path: Path) -> None:
    rules = """
rules:
  - {name: Open again, when: conversation_closed, if: {conversation.tags: {has: vip}}, then: [reopen]}
  - {name: Close again, when: conversation_reopened, if: always, cooldown: 1s, then: [close]}
"""
    tests = """
  - name: A
    given: {conversation: {tags: [vip]}}
    steps: [{closes: true, expect: {rules: [Open again, Close again], status: closed}}]
"""
    (verdict,) = verdicts(tmp_path, tests, rules)
    assert verdict.passed, verdict.as_text()


def test_what_a_reply_offers_is_looked_at(tmp_path: Path) -> None:
    rules = """rules:
  - {name: Ask, when: conversation_opened, if: always, then: [reply: {text: "Hi!", buttons: [Orders, {title: More}]}]}
  - {name: Tell, when: {conversation_idle: 1h}, if: always, then: [reply: {template: {name: bye, language: en}}]}
"""
    tests = """tests:
  - name: Both
    steps:
      - {message: Hello, expect: {reply: "Hi!", offered: [Orders, More]}}
      - {wait: 1h, expect: {reply: bye, offered: []}}
"""
    [verdict] = run_desk(write_desk(tmp_path, {"rules.yaml": rules, "tests.yaml": tests}))
    assert verdict.passed, verdict.as_text()
