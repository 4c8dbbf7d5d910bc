"""The house in which tests are played: nothing from outside is needed, nothing is left behind, and what channels and
people may not do they may not do here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from casella.desk import Catalogue, load_desk
from casella.host import find_plugins
from casella.inbox.rule_tests import RuleTests, Verdict
from casella.inbox.rule_tests.stand_ins import StandIn, stand_in_host
from tests.docs.pages import ROOT
from tests.inbox.rule_tests.hosts import run_desk

EXAMPLE = ROOT / "examples" / "desk"
DESK = """
desk: Small
timezone: Europe/Rome
tags: [seen, late]
inboxes:
  support: {name: Support, teams: [front]}
  sales: {name: Sales}
connections:
  acme: {type: acme, settings: {secret: "${NOBODY_HAS_THIS}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001"}
teams:
  front: {name: Front}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [front], password: "${NOR_THIS}"}
  mute: {name: Mute, email: mute@desk.example, inboxes: [support], may_reply: false}
  sam: {name: Sam, email: sam@desk.example, inboxes: [sales]}
webhooks:
  crm: {url: "https://crm.example/hook", secret: "${NOR_THAT}"}
"""


def run(folder: Path, rule: str, test: str, **files: str) -> list[Verdict]:
    written: Mapping[str, str] = {"desk": DESK, "rules": f"rules:\n  - {rule}\n", "tests": f"tests:\n{test}", **files}
    for name, text in written.items():
        (folder / f"{name}.yaml").write_text(text)
    return run_desk(folder)


def said(verdicts: list[Verdict]) -> str:
    return "\n".join(verdict.as_text() for verdict in verdicts if not verdict.passed)


NOTHING = "{name: R, when: contact_opted_in, if: always, then: [{tag: seen}]}"


def test_the_example_desk_needs_no_secret_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CASELLA_")]:
        monkeypatch.delenv(name)
    host = find_plugins()
    desk = load_desk(EXAMPLE, Catalogue.of_host(host))
    tests = RuleTests(desk, host)
    assert said([tests.run(test) for test in desk.tests]) == ""
    assert list(tmp_path.iterdir()) == []


def test_real_channels_do_here_what_their_settings_let_them_do() -> None:
    host = find_plugins()
    desk = load_desk(EXAMPLE, Catalogue.of_host(host))
    made = stand_in_host(host, desk.parts.connections, {})
    for key, part in desk.parts.connections.items():
        plugin = made.plugins[part.channel_type]
        assert isinstance(plugin, StandIn)
        assert key in plugin.settings


def test_no_test_sees_another_and_their_order_does_not_matter() -> None:
    host = find_plugins()
    desk = load_desk(EXAMPLE, Catalogue.of_host(host))
    tests = RuleTests(desk, host)
    assert said([tests.run(test) for test in (*reversed(desk.tests), *desk.tests)]) == ""


def test_passwords_and_secrets_of_webhooks_are_not_asked_for(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: always, then: [webhook: crm]}"
    test = "  - {name: A, given: {message: Hi}, expect: {webhooks: [crm]}}"
    assert said(run(tmp_path, rule, test)) == ""


def test_a_desk_with_one_inbox_and_nobody_is_tested_all_the_same(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: always, then: [reply: {text: Hello}, note: n]}"
    test = """
  - name: A
    given: {message: Hi}
    steps:
      - expect: {replies: [Hello], notes: [n], status: open, inbox: support, assignee: null}
      - {agent_replies: Yes, expect: {rules: []}}
      - {closes: true, expect: {status: closed}}
"""
    assert said(run(tmp_path, rule, test, desk="desk: S\ninboxes:\n  support: {name: Support}\n")) == ""


def test_an_inbox_without_a_channel_has_one_in_its_tests(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: {inbox: sales}, then: [reply: {text: Hello}]}"
    test = """
  - name: A
    given: {inbox: sales, message: Hi}
    expect: {reply: Hello, inbox: sales}
"""
    assert said(run(tmp_path, rule, test)) == ""


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("takes: sam", "takes was not possible: sam is not a member of the inbox support"),
        ("takes: mute", "takes was not possible: mute may not answer customers"),
        ("agent_replies: Hi, by: sam", "agent_replies was not possible: sam is not a member of the inbox support"),
        ("agent_replies: Hi, by: mute", "agent_replies was not possible: mute may not answer customers"),
    ],
)
def test_what_an_agent_may_not_do_is_said(tmp_path: Path, step: str, expected: str) -> None:
    test = f"  - {{name: A, given: {{message: Hi}}, steps: [{{{step}, expect: {{tags: [seen]}}}}]}}"
    assert expected in said(run(tmp_path, NOTHING, test)).splitlines()[3].strip()


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("{closes: true}, {takes: ann, expect: {tags: [seen]}}", "takes was not possible: the conversation is closed"),
        ("{event: contact_opted_out}, {agent_replies: Hi, expect: {tags: [seen]}}",
         "agent_replies was not possible: the customer wants no messages"),
    ],
)  # fmt: skip
def test_nor_is_anything_done_to_what_is_over(tmp_path: Path, steps: str, expected: str) -> None:
    test = f"  - {{name: A, given: {{message: Hi}}, steps: [{steps}]}}"
    assert expected in said(run(tmp_path, NOTHING, test))


def test_what_a_message_has_besides_words_is_told_to_the_rules(tmp_path: Path) -> None:
    rule = """{name: R, when: message_received, if: {quoted: We close at six., referral.source: ad, language: it,
     has_attachment: true, kind: image}, then: [{tag: seen}]}
  - {name: B, when: message_received, if: {button: Yes please}, then: [{tag: late}]}"""
    test = """
  - name: A
    given: {message: {kind: image, attachment: true, quoted: We close at six., referral: ad, language: it}}
    expect: {rules: [R], tags: [seen]}
  - {name: B, given: {message: {button: Yes please}}, expect: {rules: [B]}}
  - {name: C, given: {message: Yes please}, expect: {rules: []}}
"""
    assert said(run(tmp_path, rule, test)) == ""


def test_where_a_customer_is_from_is_his_number_or_is_made_up(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: {contact.country: FR}, then: [{tag: seen}]}"
    test = """
  - {name: A, given: {contact: {country: FR}, message: Hi}, expect: {rules: [R]}}
  - {name: B, given: {contact: {phone: "+33142685300"}, message: Hi}, expect: {rules: [R]}}
  - {name: C, given: {message: Hi}, expect: {rules: []}}
"""
    assert said(run(tmp_path, rule, test)) == ""


def test_who_waits_already_is_noticed_at_what_is_still_to_come(tmp_path: Path) -> None:
    rule = """{name: Soon, when: {conversation_waiting: 10m}, if: always, then: [{tag: seen}]}
  - {name: Later, when: {conversation_waiting: 30m}, if: always, then: [{tag: late}]}"""
    test = """
  - name: A
    given: {conversation: {waiting: 20m}}
    steps:
      - {wait: 9m, expect: {rules: []}}
      - {message: Hello?, expect: {rules: []}}
      - {wait: 1m, expect: {rules: [Later], tags: [late]}}
"""
    assert said(run(tmp_path, rule, test)) == ""


def test_waiting_in_open_time_is_tried_with_the_clock(tmp_path: Path) -> None:
    rule = """{name: Soon, when: {conversation_waiting: 1h of front}, if: always, then: [{tag: seen}]}
  - {name: Later, when: {conversation_idle: 3h of front}, if: always, then: [{tag: late}]}"""
    test = """
  - name: A message of Friday evening
    given: {at: 2026-01-16T17:30, message: Hi}
    steps:
      - {wait: 2d15h59m, expect: {rules: []}}
      - {wait: 1m, expect: {rules: [Soon], tags: [seen]}}
      - {wait: 1h59m, expect: {rules: []}}
      - {wait: 1m, expect: {rules: [Later], tags: [seen, late]}}
  - name: Who waits already
    given: {at: 2026-01-12T10:00, conversation: {waiting: 30m}}
    steps:
      - {wait: 29m, expect: {rules: []}}
      - {wait: 1m, expect: {rules: [Soon]}}
"""
    hours = DESK + "hours: {front: {week: {monday-friday: 09:00-18:00}}}\n"
    assert said(run(tmp_path, rule, test, desk=hours)) == ""


def test_rests_snoozes_and_questions_in_open_time_are_tried_with_the_clock(tmp_path: Path) -> None:
    asked = "{conversation.age: {older_than: 1h of front}}"
    rule = f"""{{name: Old, when: message_received, if: {asked}, then: [{{tag: late}}]}}
  - {{name: Rest, when: message_received, cooldown: 1h of front, if: always, then: [{{tag: seen}}]}}
  - {{name: Aside, when: message_received, if: {{text: later}}, then: [{{snooze: 1h of front}}]}}"""
    test = """
  - name: From Friday evening to Monday morning
    given: {at: 2026-01-16T17:30, message: Hi}
    steps:
      - {wait: 2d, message: Hello?, expect: {rules: []}}
      - {wait: 15h59m, message: Hello?, expect: {rules: []}}
      - {wait: 2m, message: Hello?, expect: {rules: [Old, Rest]}}
  - name: Put aside on Friday evening
    given: {at: 2026-01-16T17:30, message: later}
    steps:
      - {wait: 2d15h59m, expect: {status: snoozed}}
      - {wait: 1m, expect: {status: open}}
"""
    hours = DESK + "hours: {front: {week: {monday-friday: 09:00-18:00}}}\n"
    assert said(run(tmp_path, rule, test, desk=hours)) == ""


def test_somebody_whom_only_the_test_knows_gets_what_he_can_do(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: always, then: [assign: {team: front, skills: [refunds]}]}"
    test = """
  - {name: A, given: {message: Hi, agents: {zed: {team: front, skills: [refunds]}, ann: {}}}, expect: {assignee: zed}}
  - {name: B, given: {message: Hi, agents: {ann: {}}}, expect: {assignee: null, team: front}}
  - {name: C, given: {message: Hi, agents: {ann: {skills: [refunds]}}}, expect: {assignee: ann}}
  - {name: D, given: {message: Hi}, expect: {assignee: null, team: front}}
"""
    desk = DESK.replace("teams: [front], password", "teams: [front], skills: [italian], password")
    desk = desk.replace("may_reply: false", "may_reply: false, skills: [refunds]")
    assert said(run(tmp_path, rule, test, desk=desk)) == ""


def test_the_gate_of_a_channel_holds_here_too(tmp_path: Path) -> None:
    rule = "{name: R, when: message_received, if: always, then: [reply: {text: words}]}"
    long = "x" * 600
    test = "  - {name: A, given: {message: Hi}, expect: {reply: words}}"
    [verdict] = run(tmp_path, rule.replace("words", long), test.replace("words", long))
    assert "reply was not done: " in verdict.as_text()
