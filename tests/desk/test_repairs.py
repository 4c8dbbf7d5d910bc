"""What the check proposes, done at the place it names, is right (law 16): what it repairs is gone, nothing else is
wrong afterwards, and the rule means what was meant. Every `Write …` and `Did you mean …?` of the corpus of broken desks
is done, and operators that say no are tried in every form people give them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.desk import check_desk
from casella_rules import FactValue, Names, read_rules
from casella_rules.yaml.polarity import opposite, positive_of
from casella_rules.yaml.problems import nearest
from tests.desk.desks import BrokenDesk, catalogue, corpus, write_desk
from tests.desk.repairs import Said, read, repaired
from tests.rules.reading import VOCABULARY, matches

MOST = 60
#: Where one repair asks for another that only a person can choose.
FOR_PEOPLE = {
    "rules: assign to the sender, of whom, and with what beside": "which of several keys of 'assign' stays",
    "rules: one value where a list or a mapping belongs": "both messages about 'agents' propose something",
    "yaml: text where a list belongs makes no name unknown": "locales that were not known are held to their list",
}


def told(files: dict[str, str]) -> list[Said]:
    return [read(str(problem)) for problem in check_desk(write_desk(Path(), files), catalogue())]


@pytest.mark.parametrize("broken", corpus(), ids=lambda broken: broken.label)
def test_every_repair_repairs(broken: BrokenDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files, before, done = dict(broken.files), {read(line).rest for line in broken.expected}, set[Said]()
    for _ in range(MOST):
        now = told(files)
        found = next(((said, text) for said in now if said not in done and (text := proposal(files, said))), None)
        if found is None:
            break
        done.add(found[0])
        files[found[0].file.removeprefix("desk/")] = found[1]
    if broken.label not in FOR_PEOPLE:
        new = [said.rest for said in now if said.rest not in before and " is here twice" not in said.rest]
        assert not new, sorted((said.line, said.repair) for said in done)
        assert done.isdisjoint(now)


def proposal(files: dict[str, str], said: Said) -> str | None:
    """The file as it is after the repair, where there is one that changes it."""
    text = files.get(said.file.removeprefix("desk/"))
    after = repaired(text, said) if text is not None and said.repair else None
    return after if after != text else None


# --- the meaning: what was written, and the same as somebody writes it who knows the language ------------------------

NAMES = Names({"tag": frozenset({"vip", "press"}), "channel": frozenset({"sms", "webchat", "whatsapp"})})
NO_TEXT = ["not_{}", "doesnt_{}", "does_not_{}", "doesn't {}", "not {}", "dont_{}", "'!{}'", "not-{}", "never_{}"]
DENIED = [
    (f"text: {{{form.format(word)}: refund}}", f"not: {{text: {{{operator}: refund}}}}")
    for word, operator in (
        ("contains", "contains"), ("contain", "contains"), ("contains_word", "contains_word"), ("matches", "matches"),
        ("match", "matches"), ("starts_with", "starts_with"), ("begins_with", "starts_with"),
        ("ends_with", "ends_with"),
    )
    for form in NO_TEXT
]  # fmt: skip
ABSENT = [
    (f"contact.name: {{{word}: {flag}}}", f"contact.name: {{is_set: {str((flag == 'true') is there).lower()}}}")
    for words, there in (
        (("is_not_set", "is_unset", "not_set", "unset", "is_empty", "isEmpty", "empty", "is_blank", "isnt_set",
          "missing", "is_missing", "is_null", "not_exists", "doesnt_exist", "does_not_exist", "is_not_present",
          "absent"), False),
        (("exists", "is_present", "present", "is_not_empty", "not_empty", "isnt_empty", "not_null", "is_not_blank",
          "has_value"), True),
    )
    for word in words
    for flag in ("true", "false")
]  # fmt: skip
OTHERS = [
    ("contact.tags: {not_has: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {hasnt: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {has_not: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {not_contains: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {doesnt_include: [vip, press]}", "contact.tags: {has_none: [vip, press]}"),
    ("contact.tags: {not_has_any: [vip, press]}", "contact.tags: {has_none: [vip, press]}"),
    ("contact.tags: {not_has_all: [vip, press]}", "not: {contact.tags: {has_all: [vip, press]}}"),
    ("contact.tags: {without: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {excludes: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: not vip", "contact.tags: {has_none: [vip]}"),
    ("text: {containsnot: refund}", "not: {text: {contains: refund}}"),
    ("text: {notcontains: refund}", "not: {text: {contains: refund}}"),
    ("text: {doesntmatch: refund}", "not: {text: {matches: refund}}"),
    ("text: {contains_all: [want, refund]}", "all: [{text: {contains: want}}, {text: {contains: refund}}]"),
    (
        "text: {contains_every_word: [no, refund]}",
        "all: [{text: {contains_word: no}}, {text: {contains_word: refund}}]",
    ),
    ("text: {contains_any: [want, please]}", "text: {contains: [want, please]}"),
    ("text: {not_contains_all: [want, refund]}", "not: {all: [{text: {contains: want}}, {text: {contains: refund}}]}"),
    ("text: {not_contains_any: [want, please]}", "not: {text: {contains: [want, please]}}"),
    (
        "text: {contains: refund, not_contains: want}",
        "all: [{text: {contains: refund}}, {not: {text: {contains: want}}}]",
    ),
    (
        "text: {not_contains: want, contains: refund}",
        "all: [{text: {contains: refund}}, {not: {text: {contains: want}}}]",
    ),
    ("text: {not_contains: want, doesnt_contain: please}", "not: {text: {contains: [want, please]}}"),
    (
        "text: {not_contains: want}, contact.name: {not_contains: Ada}",
        "all: [{not: {text: {contains: want}}}, {not: {contact.name: {contains: Ada}}}]",
    ),
    (
        "not: {channel: sms}, text: {not_contains: hello}",
        "all: [{not: {channel: sms}}, {not: {text: {contains: hello}}}]",
    ),
    ("text: {neq: refund}", "text: {is_not: refund}"),
    ("contact.name: {isnt: null}", "contact.name: {is_set: true}"),
    ("contact.name: {not: ~}", "contact.name: {is_set: true}"),
    ("contact.name: {eq: null}", "contact.name: {is_set: false}"),
    ("contact.name: {is_not: null}", "contact.name: {is_set: true}"),
    ("contact.name: {is_not: ''}", "contact.name: {is_set: true}"),
    ("contact.name: {is: ''}", "contact.name: {is_set: false}"),
    ("contact.tags: {is_not: vip}", "contact.tags: {has_none: [vip]}"),
    ("contact.tags: {none_of: [vip, press]}", "contact.tags: {has_none: [vip, press]}"),
    ("contact.tags: {contains: vip}", "contact.tags: {has: vip}"),
    ("channel: {is_not: [sms, webchat]}", "channel: {none_of: [sms, webchat]}"),
    (
        "time.hour: {between: [22, 6], is_not: 23}",
        "all: [{time.hour: {is_not: 23}}, {any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]}]",
    ),
    ("time.hour: {from: 22, to: 6}", "any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]"),
    ("time.hour: {after: 22}", "time.hour: {gte: 22}"),
    ("time.date: {after: 2026-12-24}", "time.date: {gt: 2026-12-24}"),
    ("time.date: {before: 2026-12-25}", "time.date: {lt: 2026-12-25}"),
    ("time.weekday: workday", "time.weekday: [monday, tuesday, wednesday, thursday, friday]"),
    ("time.weekday: {from: friday, to: monday}", "time.weekday: [friday, saturday, sunday, monday]"),
    ("time.weekday: {between: [sat, sun]}", "time.weekday: [saturday, sunday]"),
    ("channel: {isnt: sms}", "channel: {is_not: sms}"),
    ("channel: {not: sms}", "channel: {is_not: sms}"),
    ("channel: {not_in: [sms, webchat]}", "channel: {none_of: [sms, webchat]}"),
    ("channel: {not_any_of: [sms, webchat]}", "channel: {none_of: [sms, webchat]}"),
    ("channel: {isnt: [sms, webchat]}", "channel: {none_of: [sms, webchat]}"),
    ("conversation.status: not open", "conversation.status: {is_not: open}"),
    ("conversation.status: '!open'", "conversation.status: {is_not: open}"),
    ("time.hour: {not_between: [9, 17]}", "not: {time.hour: {between: [9, 17]}}"),
    ("time.hour: {not_gt: 9}", "time.hour: {lte: 9}"),
    ("time.hour: {not_less_than: 9}", "time.hour: {gte: 9}"),
    ("conversation.age: {not_older_than: 2d}", "not: {conversation.age: {older_than: 2d}}"),
    ("not_text: {contains: refund}", "not: {text: {contains: refund}}"),
    ("'!channel': sms", "not: {channel: sms}"),
    ("no_contact.tags: {has: vip}", "not: {contact.tags: {has: vip}}"),
    ("time.hour: {between: [22, 6]}", "any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]"),
    ("time.hour: 22-6", "any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]"),
    ("time.hour: {between: [18, 0]}", "time.hour: {gte: 18}"),
    ("time.hour: 22:00-06:00", "any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]"),
    ("time.hour: 10pm to 6am", "any: [{time.hour: {gte: 22}}, {time.hour: {lt: 6}}]"),
    ("time.hour: 9:00-17:00", "time.hour: {between: [9, 16]}"),
    ("time.hour: {gte: 9am}", "time.hour: {gte: 9}"),
    ("time.hour: {lt: 12 a.m.}", "time.hour: {lt: 0}"),
    ("time.hour: {between: [9:00, '17:00']}", "time.hour: {between: [9, 17]}"),
    ("text: {not: {contains: refund}}", "not: {text: {contains: refund}}"),
    ("contact.tags: {not: {has: vip}}", "not: {contact.tags: {has: vip}}"),
    ("conversation.messages: {gt: 9,5}", "conversation.messages: {gt: 9.5}"),
    ("conversation.messages: {between: [10, 2]}", "conversation.messages: {between: [2, 10]}"),
    ("time.date: {between: [2026-12-24, 2026-01-06]}", "time.date: {between: [2026-12-24, 2027-01-06]}"),
    ("time.date: 2026-12-24 to 2026-12-26", "time.date: {between: [2026-12-24, 2026-12-26]}"),
    ("time.date: 25/12/2026", "time.date: 2026-12-25"),
    ("time.date: 12/25/2026", "time.date: 2026-12-25"),
    ("time.date: 2026/12/25", "time.date: 2026-12-25"),
    ("time.weekday: mon..fri", "time.weekday: [monday, tuesday, wednesday, thursday, friday]"),
    ("time.weekday: lunedì-venerdì", "time.weekday: [monday, tuesday, wednesday, thursday, friday]"),
    ("time.weekday: {is_not: sabato}", "time.weekday: {is_not: saturday}"),
    ("time.weekday: fine settimana", "time.weekday: [saturday, sunday]"),
    ("time.date: 25 December 2026", "time.date: 2026-12-25"),
    ("time.date: 25 dicembre 2026", "time.date: 2026-12-25"),
    ("time.date: {gte: 'Dec 25, 2026'}", "time.date: {gte: 2026-12-25}"),
    ("time.weekday: monday-friday", "time.weekday: [monday, tuesday, wednesday, thursday, friday]"),
    ("time.weekday: Mon - Fri", "time.weekday: [monday, tuesday, wednesday, thursday, friday]"),
    ("time.weekday: weekend", "time.weekday: [saturday, sunday]"),
    ("time.weekday: fri-mon", "time.weekday: [friday, saturday, sunday, monday]"),
    ("time.weekday: {is: weekdays}", "time.weekday: {any_of: [monday, tuesday, wednesday, thursday, friday]}"),
    ("time.weekday: {is_not: sat-sun}", "time.weekday: {none_of: [saturday, sunday]}"),
    ("time.weekday: {none_of: [sat-sun]}", "time.weekday: {none_of: [saturday, sunday]}"),
    ("time.weekday: Tue", "time.weekday: tuesday"),
    ("time.weekday: sat and sun", "time.weekday: [saturday, sunday]"),
]
SAMPLES: list[dict[str, FactValue]] = [
    {"text": text, "contact.tags": frozenset(tags), "channel": channel, "contact.name": name, "time.hour": hour,
     "conversation.age": age, "time.weekday": day, "time.date": date.fromisoformat(on), "conversation.messages": hour,
     "conversation.status": status}
    for text, tags, channel, name, hour, age, day, on, status in (
        ("I want a refund", ("vip",), "sms", "Ada", 23, 3600, "monday", "2026-12-24", "open"),
        ("refund", ("press",), "webchat", None, 6, 172_800, "friday", "2026-12-25", "closed"),
        ("hello", (), "whatsapp", "Bea", 9, 300_000, "saturday", "2027-01-01", "open"),
        ("refund, please", ("vip", "press"), "sms", None, 0, 0, "sunday", "2026-11-01", "snoozed"),
        ("no refund", (), "webchat", "Ada", 12, 86_400, "tuesday", "2027-01-07", "open"),
    )
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), [*DENIED, *ABSENT, *OTHERS], ids=lambda text: text)
def test_a_repair_keeps_the_meaning(written: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = f"rules:\n  - {{name: A, when: message_received, if: {{{written}}}, then: [close]}}\n"
    for _ in range(4):
        mistakes = read_rules([("r.yaml", text.encode())], VOCABULARY, NAMES)[1]
        if not mistakes:
            break
        after = repaired(text, read(str(mistakes[0])))
        assert after, str(mistakes[0])
        text = after
    assert not mistakes, (text, [str(one) for one in mistakes])
    told = text.partition("if: ")[2].partition(", then:")[0]
    for values in SAMPLES:
        facts = {name.replace(".", "__"): value for name, value in values.items()}
        assert matches(told, **facts) is matches(f"{{{meant}}}", **facts), (told, values)


WORDS = st.sampled_from(
    sorted(
        word
        for word in {*VOCABULARY.operators, *VOCABULARY.events, *VOCABULARY.fields, *VOCABULARY.actions}
        if len(word.split("_")[0]) > 2 and positive_of(word) is None and not word.startswith(("un", "dis"))
    )
)


@given(WORDS, st.sampled_from(["not_{}", "un{}", "!{}", "no_{}", "dis{}"]))
def test_no_word_is_taken_for_its_opposite(word: str, form: str) -> None:
    denied = form.format(word)
    assert nearest(denied, [word]) == ""
    assert not opposite(word, word)
    assert not opposite(denied, denied)


@pytest.mark.parametrize(
    ("word", "option"),
    [("unassigned", "assigned"), ("opt_in", "opt_out"), ("unsnooze", "snooze"),
     ("agent_unavailable", "agent_available"),
     ("message_not_received", "message_received"), ("conversation_unopened", "conversation_opened"),
     ("ends_wth", "starts_with"), ("conversation_unsnoozed", "conversation_unassigned"),
     ("contact.email", "contact.name"), ("conversation.subject", "conversation.id"),
     ("contains： refund", "contains_word"), ("remove", "move"), ("left", "lt"),
     ("resolve", "reopen"), ("money", "phone"), ("workday", "monday"), ("newer", "older_than")],
)  # fmt: skip
def test_what_is_near_by_letters_only_is_not_proposed(word: str, option: str) -> None:
    assert nearest(word, [option]) == ""


# --- a value by itself is proposed only where it will do --------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "ends"),
    [
        ("{tag: {name: vip}}", "Write 'tag: vip'"),
        ("{tag: {name: no_such_tag}}", "And tag 'no_such_tag' is not in desk.yaml. Tags: press, vip"),
        ("{webhook: {url: 'http://example.com/x'}}", "is not in desk.yaml. There are no webhooks yet"),
        ("{webhook: {url: 'https://example.com/x'}}", "is not in desk.yaml. There are no webhooks yet"),
    ],
)
def test_what_is_proposed_in_place_of_a_key_would_pass(action: str, ends: str) -> None:
    names = Names({**NAMES.known, "webhook": frozenset()})
    rules = f"rules:\n  - {{name: A, when: message_received, if: always, then: [{action}]}}\n"
    _, problems = read_rules([("rules.yaml", rules.encode())], VOCABULARY, names)
    assert [str(problem).endswith(ends) for problem in problems] == [True], problems
