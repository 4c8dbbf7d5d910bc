"""What a desk says and nobody means is told; what may well be meant is left alone (numbers: docs/complaints.md)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from casella.desk import load_desk
from casella.desk.checks.hints import hints
from tests.desk.desks import SOUND, catalogue, write_desk

TODAY = date(2026, 11, 28)
USED = "  - {name: Used, when: message_received, if: {hours: {support: open}}, then: [{note: Open}]}\n"
RULE = "  - {{name: R, when: {when}, if: {{{test}}}, then: [{{{then}}}]}}\n"


def said(folder: Path, **files: str) -> list[str]:
    changed = {f"{name}.yaml": text for name, text in files.items()}
    found = hints(load_desk(write_desk(folder, changed), catalogue()), TODAY)
    return [str(one).partition("/desk/")[2] for one in found]


def rules(*written: str) -> str:
    return "rules:\n" + USED + "".join(written)


def rule(test: str = "conversation.is_new: true", then: str = "note: x", when: str = "message_received") -> str:
    return RULE.format(when=when, test=test, then=then)


SCHEDULES = {
    "* 9 * * *": ("acts 60 times between 9.00 and 9.59", "0 9 * * *"),
    "*/5 9 * * *": ("acts 12 times between 9.00 and 9.59", "0 9 * * *"),
    "* * * * *": ("acts 60 times between 0.00 and 0.59", "0 * * * *"),
    "0,30 8 * * mon": ("acts 2 times between 8.00 and 8.59", "0 8 * * mon"),
}


@pytest.mark.parametrize(("cron", "told"), SCHEDULES.items())
@pytest.mark.parametrize("then", ["reply: {text: Hello}", "notify: {managers: true, text: x}"])
def test_field_12_a_schedule_that_comes_many_times_an_hour(
    tmp_path: Path, cron: str, told: tuple[str, str], then: str
) -> None:
    [hint] = said(tmp_path, rules=rules(rule("conversation.status: open", then, f"{{schedule: '{cron}'}}")))
    assert told[0] in hint
    assert f"Once is 'schedule: \"{told[1]}\"'" in hint


@pytest.mark.parametrize(
    "written",
    [
        rule("conversation.status: open", "reply: {text: Hello}", "{schedule: '0 9 * * *'}"),
        rule("conversation.status: open", "tag: vip", "{schedule: '* 9 * * *'}"),
        rule("conversation.status: open", "reply: {text: Hello}", "{schedule: '* 9 * * *'}").replace(
            ", if:", ", cooldown: 1d, if:"
        ),
    ],
)
def test_field_12_what_comes_once_or_is_not_seen(tmp_path: Path, written: str) -> None:
    assert said(tmp_path, rules=rules(written)) == []


DENIALS = [
    ("any: [{not: {text: {contains: gmail}}}, {not: {text: {contains: hotmail}}}]",
     "write 'not: {text: {contains: [gmail, hotmail]}}'"),
    ("any: [{contact.country: {is_not: IT}}, {contact.country: {is_not: CH}}]",
     "write 'contact.country: {none_of: [IT, CH]}'"),
    ("any: [{contact.tags: {has_none: vip}}, {contact.tags: {has_none: [refund]}}]",
     "write 'contact.tags: {has_none: [vip, refund]}'"),
    ("any: [{not: {text: {contains: a}}}, {not: {text: {starts_with: b}}}]", "write 'not: {any: […]}'"),
    ("all: [{kind: text}, {any: [{language: {none_of: [it]}}, {language: {is_not: en}}]}]",
     "write 'language: {none_of: [it, en]}'"),
]  # fmt: skip


@pytest.mark.parametrize(("test", "told"), DENIALS)
def test_field_09_any_of_denials(tmp_path: Path, test: str, told: str) -> None:
    [hint] = said(tmp_path, rules=rules(rule(test)))
    assert "nearly always holds" in hint
    assert told in hint


@pytest.mark.parametrize(
    "test",
    [
        "any: [{contact.country: {is_not: IT}}, {language: {is_not: it}}]",
        "any: [{contact.country: IT}, {contact.country: CH}]",
        "any: [{contact.country: {is_not: IT}}, {contact.country: {is_set: false}}]",
        "all: [{contact.country: {is_not: IT}}, {contact.country: {is_not: CH}}]",
    ],
)
def test_field_09_other_groups(tmp_path: Path, test: str) -> None:
    assert said(tmp_path, rules=rules(rule(test))) == []


CUT = {
    "We are closed. Call extension # 12 before noon.": '"We are closed. Call extension # 12 before noon."',
    "Order #5 is on its way": '"Order #5 is on its way"',
    'Say "hi" to room #3': "Put the whole text into quotes",
}


@pytest.mark.parametrize(("text", "told"), CUT.items())
def test_field_10_a_comment_cuts_a_text(tmp_path: Path, text: str, told: str) -> None:
    canned = f"canned:\n  greeting:\n    phrase: hello\n    text: {text}\n"
    hint = said(tmp_path, canned=canned, rules=rules())[0]
    assert hint.startswith("canned.yaml:4:11: ")
    assert "behind ' #' is a comment" in hint
    assert told in hint


@pytest.mark.parametrize("line", ["name: Case #5", "name: R\n    description: See room # 7 upstairs"])
def test_field_10_names_and_descriptions_too(tmp_path: Path, line: str) -> None:
    written = f"  - {line}\n    when: message_received\n    if: {{conversation.is_new: true}}\n    then: [close]\n"
    assert any("is a comment" in hint for hint in said(tmp_path, rules=rules(written)))


@pytest.mark.parametrize(
    "canned",
    [
        "canned:\n  greeting: # the first\n    phrase: hello # short\n    text: 'Room #5'  # quoted\n",
        "canned:\n  greeting:\n    phrase: hello\n    text: Room#5 is #\n",
        "# ---- all\ncanned:\n  greeting: {phrase: hello, text: Hello!} # ok\n",
    ],
)
def test_field_10_comments_that_cut_nothing(tmp_path: Path, canned: str) -> None:
    assert said(tmp_path, canned=canned, rules=rules()) == []


HOLES = {
    "{first_name}": "contact.first_name", "{contact.name}": "contact.name", "[name]": "contact.name",
    "%name%": "contact.name", "<name>": "contact.name", "${first_name}": "contact.first_name",
    "[First Name]": "contact.first_name", "*|FNAME|*": "contact.first_name", "{agent}": "agent.name",
    "[[agent name]]": "agent.name", "%FIRST_NAME%": "contact.first_name", "$first_name": "contact.first_name",
    "{phone}": "contact.phone", "{name|there}": "contact.name", "<<name>>": "contact.name", "#{name}": "contact.name",
    "{ contact.name }}": "contact.name", "%first_name": "contact.first_name", "__NAME__": "contact.name",
    "#name#": "contact.name", "«name»": "contact.name", "@name": "contact.name", "⟨first name⟩": "contact.first_name",
}  # fmt: skip


@pytest.mark.parametrize(("hole", "meant"), HOLES.items())
@pytest.mark.parametrize("place", ["canned", "rule", "locale"])
def test_field_11_placeholders_of_other_systems(tmp_path: Path, hole: str, meant: str, place: str) -> None:
    text = f"'Hi {hole}, hello'"
    changed = {
        "canned": {"canned": f"canned:\n  greeting: {{phrase: hello, text: {text}}}\n", "rules": rules()},
        "locale": {"canned": f"canned:\n  greeting: {{phrase: hi, text: {{en: Hi, it: {text}}}}}\n", "rules": rules()},
        "rule": {"rules": rules(rule(then=f"reply: {{text: {text}}}"))},
    }[place]
    [hint] = said(tmp_path, **changed)
    assert f"'{hole}' is sent as it is" in hint
    assert f"Write {{{{ {meant} }}}}" in hint


@pytest.mark.parametrize("hole", ["{{1}}", "{1}", "{{ 2 }}", "{0}"])
def test_field_11_places_of_a_providers_template(tmp_path: Path, hole: str) -> None:
    canned = f"canned:\n  greeting: {{phrase: hello, text: 'Hi {hole}'}}\n"
    [hint] = said(tmp_path, canned=canned, rules=rules())
    assert f"'{hole}' is sent as it is" in hint
    assert "What can be filled in: contact.name, contact.first_name" in hint


@pytest.mark.parametrize(
    "text",
    [
        "50% of 30% off",
        "me@myname.example #1 __init__ «sic»",
        "Press [1] or <2>",
        "{{ contact.name }} :-) $5 @home",
        "a [sic] b",
    ],
)
def test_field_11_signs_that_are_none(tmp_path: Path, text: str) -> None:
    canned = f"canned:\n  greeting: {{phrase: hello, text: '{text}'}}\n"
    assert said(tmp_path, canned=canned, rules=rules()) == []


CHANGES = [
    ("tag: refund", "conversation.tags: {has_none: [refund]}"),
    ("tag: refund", "conversation.tags: {has: refund}"),
    ("untag: refund", "conversation.tags: {has: refund}"),
    ("priority: high", "conversation.priority: {is_not: high}"),
    ("snooze: 2h", "conversation.status: snoozed"),
]


@pytest.mark.parametrize(("then", "test"), CHANGES)
def test_field_13_what_a_rule_above_has_just_changed(tmp_path: Path, then: str, test: str) -> None:
    above = rule("text: {contains: a}", then).replace("name: R", "name: Above")
    told = [hint for hint in said(tmp_path, rules=rules(above, rule(test))) if "does not see" in hint]
    assert len(told) == 1
    assert "'R' does not see what 'Above' (line 3) changes in the same run" in told[0]


UNCHANGED = [
    (rule("channel: sms", "tag: refund").replace("}, then", "}, after: 5m, then"), "conversation.tags: {has: refund}"),
    (rule("text: {contains: a}", "tag: refund").replace("}]", "}, stop]"), "conversation.tags: {has: refund}"),
    (rule("text: {contains: a}", "tag: vip"), "conversation.tags: {has: refund}"),
    (rule("channel: sms", "tag: refund"), "all: [{conversation.tags: {has: refund}}, {channel: {is_not: sms}}]"),
    (rule("text: {contains: a}", "assign: {team: billing}"), "conversation.assignee: {is_set: false}"),
]


@pytest.mark.parametrize(("above", "below"), UNCHANGED)
def test_field_13_what_it_cannot_have_changed(tmp_path: Path, above: str, below: str) -> None:
    found = said(tmp_path, rules=rules(above.replace("name: R", "name: Above"), rule(below)))
    assert not any("does not see" in hint for hint in found)


def test_field_19_until_one_minute_to_midnight(tmp_path: Path) -> None:
    desk = SOUND["desk.yaml"].replace("monday-friday: 09:00-18:00", "monday-friday: '00:00-12:00, 13:00-23:59'")
    [hint] = said(tmp_path, desk=desk, rules=rules())
    assert "until 23:59 leaves the last minute of the day closed. Write 00:00-12:00, 13:00-24:00" in hint
    assert not hint.startswith("desk.yaml:1:1:")


OF_DAYS = [
    "{name: A, when: message_received, cooldown: 2d of support, if: always, then: [close]}",
    "{name: A, when: message_received, after: 2d of support, if: always, then: [close]}",
    "{name: A, when: {conversation_idle: 2d of support}, if: always, then: [close]}",
    "{name: A, when: conversation_closed, if: always, then: [{snooze: 2d of support}]}",
    "{name: A, when: conversation_closed, if: {conversation.age: {older_than: 2d of support}}, then: [close]}",
]


@pytest.mark.parametrize("written", OF_DAYS)
def test_days_of_open_time_are_no_days_of_work(tmp_path: Path, written: str) -> None:
    """Two days of open time are a week of an office that is open for nine hours a day."""
    hints = said(tmp_path, rules=f"rules:\n  - {written}\n")
    assert any("'2d of support' are 48 hours in which the office is open, and no days of work" in one for one in hints)
    hours = written.replace("2d of support", "18h of support")
    assert not any("no days of work" in one for one in said(tmp_path, rules=f"rules:\n  - {hours}\n"))


ZONES = {
    "Etc/GMT+1": "is UTC-1", "Etc/GMT-8": "is UTC+8", "EST": "America/New_York", "MST": "America/Denver",
    "GMT": "Europe/London",
}  # fmt: skip


@pytest.mark.parametrize(("zone", "told"), ZONES.items())
def test_field_20_zones_that_know_no_summer(tmp_path: Path, zone: str, told: str) -> None:
    desk = SOUND["desk.yaml"].replace("timezone: Europe/Rome", f"timezone: {zone}")
    [hint] = said(tmp_path, desk=desk, rules=rules())
    assert hint.startswith(f"desk.yaml:2:11: '{zone}' ")
    assert told in hint


@pytest.mark.parametrize("zone", ["UTC", "Europe/Rome", "America/New_York", "Asia/Kolkata"])
def test_field_20_zones_of_places(tmp_path: Path, zone: str) -> None:
    desk = SOUND["desk.yaml"].replace("timezone: Europe/Rome", f"timezone: {zone}")
    assert said(tmp_path, desk=desk, rules=rules()) == []


@pytest.mark.parametrize("word", ["‘rimborso’", "“rimborso”", "‚rimborso‘", "‹rimborso›", "rimborso’"])
def test_field_23_curly_quotes_of_every_kind(tmp_path: Path, word: str) -> None:
    hint = said(tmp_path, rules=rules(rule(f"text: {{contains_word: [{word}]}}")))[0]
    assert "has curly quotes in it" in hint
    assert "Write rimborso" in hint


def test_field_23_an_apostrophe_is_none(tmp_path: Path) -> None:
    assert said(tmp_path, rules=rules(rule("text: {contains_word: [l’ordine]}"))) == []
