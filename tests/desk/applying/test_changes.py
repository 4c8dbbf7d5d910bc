"""What differs between two desks is told part by part: nothing is left out, and no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from casella.desk import load_desk
from casella.desk.applying.changes import changes
from tests.desk.desks import SOUND, catalogue, write_desk

FULL = {
    "desk.yaml": SOUND["desk.yaml"]
    + """    holidays: IT
    exceptions: {2026-12-24: 09:00-13:00}
attributes:
  plan: {type: word, values: [free, gold]}
webhooks:
  crm: {url: "https://crm.example/hook", secret: "${CRM_SECRET}"}
surveys:
  csat: {question: greeting}
  nps: {question: greeting}
assistant:
  time_limit: 20
""",
    "rules.yaml": """\
rules:
  - name: Greeting
    when: message_received
    if: {text: {contains_word: hello}}
    then: [{reply: {canned: greeting}}]
  - name: Refund
    when: message_received
    if: {text: {contains_word: refund}}
    then: [{tag: refund}]
""",
    "canned.yaml": SOUND["canned.yaml"],
}

# what is replaced in which file, by what -> every line of the plan
CASES: dict[str, tuple[str, str, str, list[str]]] = {
    "office hours": (
        "desk.yaml",
        "monday-friday: 09:00-18:00",
        "monday-thursday: 09:00-18:00, friday: 22:00-02:00",
        ["changed   office hours support: friday 09:00-18:00 → 22:00-02:00"],
    ),
    "a closed day": (
        "desk.yaml",
        "{monday-friday: 09:00-18:00}",
        "{monday-friday: 09:00-18:00, saturday: 10:00-12:00}",
        ["changed   office hours support: saturday closed → 10:00-12:00"],
    ),
    "days written another way": (
        "desk.yaml",
        "monday-friday: 09:00-18:00",
        "monday-thursday: 09:00-18:00, friday: 09:00-18:00",
        [],
    ),
    "holidays and a single date": (
        "desk.yaml",
        "    holidays: IT\n    exceptions: {2026-12-24: 09:00-13:00}\n",
        "    exceptions: {2026-12-24: closed}\n",
        ["changed   office hours support: holidays IT → nothing; 2026-12-24 09:00-13:00 → closed"],
    ),
    "new office hours": (
        "desk.yaml",
        "hours:\n",
        "hours:\n  night: {week: {monday: 22:00-23:00}}\n",
        ["created   office hours night"],
    ),
    "a team": (
        "desk.yaml",
        "{name: Billing}",
        "{name: Billing, strategy: manual, queue_limit: 5, alarm_after: 90m}",
        ["changed   team billing: strategy least_busy → manual; queue_limit nothing → 5; alarm_after nothing → 1h30m"],
    ),
    "what is written to after closing": (
        "desk.yaml",
        "{name: Support, teams: [front-desk, billing]}",
        "{name: Support, teams: [front-desk, billing], reopen: 7d}",
        ["changed   inbox support: reopen never → 1w"],
    ),
    "an agent": (
        "desk.yaml",
        "teams: [front-desk], capacity: 3",
        "teams: [front-desk, billing], capacity: 4, weight: 2, hours: support, "
        "skills: [italian], channel_capacity: {sms: 1}",
        [
            "changed   agent ann: teams +billing; capacity 3 → 4; channel_capacity.sms nothing → 1; weight 1 → 2; "
            "skills +italian; hours nothing → support"
        ],
    ),
    "whether an agent may reply": (
        "desk.yaml",
        "inboxes: [sales]}",
        "may_reply: false}",
        ["changed   agent bob: inboxes -sales; may_reply true → false"],
    ),
    "an inbox": (
        "desk.yaml",
        "timezone: America/New_York, locale: it",
        "assignment_mode: false, agent_capacity: 3",
        [
            "changed   inbox sales: assignment_mode true → false; timezone America/New_York → nothing; "
            "locale it → nothing; agent_capacity nothing → 3"
        ],
    ),
    "an inbox's teams": (
        "desk.yaml",
        "teams: [front-desk, billing]",
        "teams: [billing]",
        ["changed   inbox support: teams -front-desk"],
    ),
    "an order": (
        "desk.yaml",
        "teams: [front-desk, billing]",
        "teams: [billing, front-desk]",
        ["changed   inbox support: teams front-desk, billing → billing, front-desk"],
    ),
    "tags, locales, the time zone": (
        "desk.yaml",
        "timezone: Europe/Rome\nlocales: [en, it]\ntags: [vip, refund]",
        "timezone: Europe/Paris\nlocales: [it, en]\ntags: [refund, gold]",
        [
            "changed   desk: timezone Europe/Rome → Europe/Paris; locales en, it → it, en; tags +gold, -vip",
            "changed   office hours support: timezone Europe/Rome → Europe/Paris",
            "changed   canned message greeting: text.en Hello! → nothing; text.it nothing → Hello!",
        ],
    ),
    "settings": (
        "desk.yaml",
        'account: "1", token: "${TEST_TOKEN}"',
        'account: "2", token: {file: secrets/token}, retries: 5',
        [
            "changed   connection tw: settings.account 1 → 2; settings.token ${TEST_TOKEN} → the file secrets/token; "
            "settings.retries nothing → 5"
        ],
    ),
    "a channel's options": (
        "desk.yaml",
        'address: "+12025550178"',
        'address: "+12025550179", options: {registration: registered}, weight: 2',
        [
            "changed   channel support-sms: address +12025550178 → +12025550179; "
            "options.registration nothing → registered; weight 1.0 → 2.0"
        ],
    ),
    "an attribute": (
        "desk.yaml",
        "values: [free, gold]",
        "values: [free, platinum]",
        ["changed   attribute plan: values +platinum, -gold"],
    ),
    "a webhook": (
        "desk.yaml",
        'hook", secret: "${CRM_SECRET}"',
        'hook2"',
        [
            "changed   webhook crm: url https://crm.example/hook → https://crm.example/hook2; "
            "secret ${CRM_SECRET} → nothing"
        ],
    ),
    "a survey": (
        "desk.yaml",
        "csat: {question: greeting}",
        "csat: {question: greeting, highest: 10, open_for: 1d}",
        ["changed   survey csat: highest 5 → 10; open_for 3d → 1d"],
    ),
    "the first survey": (
        "desk.yaml",
        "  csat: {question: greeting}\n  nps: {question: greeting}\n",
        "  nps: {question: greeting}\n  csat: {question: greeting}\n",
        ["changed   first survey: csat → nps"],
    ),
    "the assistant": (
        "desk.yaml",
        "  time_limit: 20\n",
        "  enabled: false\n  tones: {pirate: {description: Arr}}\n",
        ["changed   assistant: enabled true → false; time_limit 20.0 → 30.0", "created   assistant tone pirate"],
    ),
    "a rule": (
        "rules.yaml",
        "    then: [{tag: refund}]",
        "    after: 5m\n    then: [{tag: vip}]",
        ["changed   rule Refund: then, after"],
    ),
    "a rule under another name": (
        "rules.yaml",
        "name: Refund",
        "name: Money",
        ["created   rule Money", "removed   rule Refund"],
    ),
    "a rule's comment": ("rules.yaml", "rules:\n", "# what happens\nrules:\n", []),
    "a canned message": (
        "canned.yaml",
        "phrase: hello, text: Hello!",
        "phrase: hi, text: {en: Hello!, it: Ciao!}",
        ["changed   canned message greeting: text.it nothing → Ciao!; phrase hello → hi"],
    ),
    "a long canned message": (
        "canned.yaml",
        "text: Hello!",
        f"text: Hello {'there ' * 20}!",
        ["changed   canned message greeting: text.en reads differently"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_is_told(case: str, tmp_path: Path) -> None:
    file, old, new, expected = CASES[case]
    assert old in FULL[file]
    before = load_desk(write_desk(tmp_path / "before", FULL), catalogue())
    after = load_desk(write_desk(tmp_path / "after", {**FULL, file: FULL[file].replace(old, new)}), catalogue())

    assert [str(change) for change in changes(before, after)] == expected


def test_an_exchange_of_two_rules_is_told(tmp_path: Path) -> None:
    head, first, second = FULL["rules.yaml"].partition("rules:\n")[1], *FULL["rules.yaml"][7:].split("  - name: Refund")
    swapped = f"{head}  - name: Refund{second}{first}"
    before = load_desk(write_desk(tmp_path / "before", FULL), catalogue())
    after = load_desk(write_desk(tmp_path / "after", {**FULL, "rules.yaml": swapped}), catalogue())

    assert [str(one) for one in changes(before, after)] == [
        "changed   order of the rules: 'Refund' now comes before 'Greeting'"
    ]


def test_of_a_first_desk_everything_is_new(tmp_path: Path) -> None:
    told = changes(None, load_desk(write_desk(tmp_path, FULL), catalogue()))

    assert {change.how for change in told} == {"created"}
    assert {change.what for change in told} == {
        "inbox", "connection", "channel", "team", "agent", "office hours", "attribute", "webhook", "survey", "rule",
        "canned message",
    }  # fmt: skip
    assert not changes(load_desk(tmp_path / "desk", catalogue()), load_desk(tmp_path / "desk", catalogue()))
