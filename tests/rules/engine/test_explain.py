"""A run can be explained afterwards: rule by rule, the condition that decided and the value it saw."""

from casella_rules import Chain, Facts, Outcome, Past, decide, explain
from tests.rules.reading import ruleset

TEXT = """
rules:
  - name: Off
    when: message_received
    enabled: false
    if: always
    then: [stop]
  - name: Other event
    when: message_sent
    if: always
    then: [stop]
  - name: Wrong channel
    when: message_received
    if:
      channel: whatsapp
      text: {contains: x}
    then: [stop]
  - name: Neither nor
    when: message_received
    if:
      any:
        - contact.tags: {has: vip}
        - text: {contains_word: [refund, money back]}
    then: [stop]
  - name: Not this
    when: message_received
    if: {not: {text: {contains: hello}}}
    then: [stop]
  - name: Watching
    when: message_received
    mode: watch
    if: always
    then: [stop]
  - name: Stops
    when: message_received
    if: {text: {contains: hello}}
    then: [stop]
  - name: Too late
    when: message_received
    if: always
    then: [{tag: x}]
"""


def test_every_rule_says_what_became_of_it_and_why() -> None:
    facts = Facts(
        "message_received",
        {"channel": frozenset({"sms", "shop"}), "text": "Hello you", "contact.tags": frozenset({"new"})},
    )
    trace = explain(ruleset(TEXT), facts)
    assert trace.as_text().splitlines() == [
        "Off: is switched off",
        "Other event: waits for another event",
        "Wrong channel: did not match",
        "    channel is 'whatsapp': no, it is ['shop', 'sms']",
        "Neither nor: did not match",
        "    contact.tags has 'vip': no, it is ['new']",
        "    text contains_word ['refund', 'money back']: no, it is 'Hello you'",
        "Not this: did not match",
        "    text contains 'hello': yes, it is 'Hello you'",
        "Watching: would have matched (it only watches)",
        "Stops: matched",
        "    text contains 'hello': yes, it is 'Hello you'",
        "Too late: was not reached: 'Stops' stopped",
    ]
    assert trace.rules[2].outcome is Outcome.NOT_MATCHED
    assert (trace.event, trace.ruleset) == ("message_received", ruleset(TEXT).hash)


def test_missing_values_are_called_so() -> None:
    text = """
rules:
  - {name: A, when: message_received, if: {time.hour: {gt: 5}}, then: [stop]}
  - {name: B, when: message_received, if: {has_attachment: true}, then: [stop]}
  - {name: C, when: message_received, if: {conversation.status: {changed_to: open}}, then: [stop]}
  - {name: D, when: message_received, inboxes: [support], if: always, then: [stop]}
  - {name: E, when: message_received, if: {time.date: 2026-12-24}, then: [stop]}
"""
    trace = explain(ruleset(text), Facts("message_received", {"has_attachment": False, "conversation.status": "open"}))
    assert [str(finding) for rule in trace.rules for finding in rule.findings] == [
        "time.hour gt 5: no, it is not set",
        "has_attachment is true: no, it is false",
        "conversation.status changed_to 'open': no, it is 'open', and did not change",
        "inbox any_of 'support': no, it is not set",
        "time.date is 2026-12-24: no, it is not set",
    ]


def test_long_texts_are_cut_in_a_trace() -> None:
    text = "rules:\n  - {name: A, when: message_received, if: {text: x}, then: [stop]}\n"
    trace = explain(ruleset(text), Facts("message_received", {"text": "secret " * 1000}))
    assert len(trace.as_text()) < 300


LATER = """
rules:
  - {name: Waits, when: message_received, if: always, after: 90m, unless: closed, then: [{tag: x}]}
  - {name: Rests, when: message_received, if: always, cooldown: 1h, then: [{tag: x}]}
  - {name: Fired, when: message_received, if: always, then: [{tag: x}, stop]}
  - {name: Last, when: message_received, if: always, then: [{tag: x}]}
"""


def test_rules_that_wait_rest_or_were_held_say_so_and_by_what() -> None:
    facts = Facts("message_received", {})
    past = Past(Chain("m").caused_by("Other").having_fired(["Fired"]), {"Rests": 60})
    rules = ruleset(LATER)
    assert explain(rules, facts, decide(rules, facts, past)).as_text().splitlines() == [
        "Waits: matched, and waits for 1h30m, unless conversation_closed comes first",
        "Rests: matched, and rests for its cooldown",
        "Fired: matched, and did not act: it has fired in this chain already (Other)",
        "Last: was not reached: 'Fired' stopped",
    ]
    assert explain(rules, facts).rules[1].outcome is Outcome.MATCHED


def test_a_rule_whose_time_came_is_explained_alone() -> None:
    facts = Facts("message_received", {})
    assert explain(ruleset(LATER), facts, due="Waits").as_text() == "Waits: matched"
    assert explain(ruleset(LATER), facts, due="Gone").as_text() == "Gone: was to act now, and is no longer there"
