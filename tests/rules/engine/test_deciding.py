"""What rules mean: order, stop, first assignment, scopes, watching; and each operator on each kind of value."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from casella_rules import Assign, Decision, Facts, Reply, SkippedAction, Tags, compile_rules, decide
from tests.rules.reading import VOCABULARY, matches, rules, ruleset, run

THREE = """
rules:
  - name: First
    when: message_received
    if: {text: {contains: a}}
    then: [{tag: one}, {assign: {team: billing}}]
  - name: Second
    when: [message_received, conversation_opened]
    if: {text: {contains: b}}
    then: [{assign: {agent: ann}}, {tag: two}, stop]
  - name: Third
    when: message_received
    if: always
    then: [{tag: three}]
"""


def test_every_rule_that_matches_acts_in_order() -> None:
    decision = run(THREE, text="a")
    assert decision.matched == ("First", "Third")
    assert [(a.rule, a.index, a.action) for a in decision.actions] == [
        ("First", 0, "tag"),
        ("First", 1, "assign"),
        ("Third", 0, "tag"),
    ]
    assert decision.actions[1].argument == Assign(team="billing")


def test_stop_ends_the_run_and_is_no_action() -> None:
    decision = run(THREE, text="b")
    assert decision.matched == ("Second",)
    assert decision.stopped_by == "Second"
    assert [a.action for a in decision.actions] == ["assign", "tag"]


def test_the_first_assignment_wins_and_the_later_one_is_recorded() -> None:
    decision = run(THREE, text="ab")
    assert [(a.rule, a.action) for a in decision.actions] == [("First", "tag"), ("First", "assign"), ("Second", "tag")]
    assert decision.skipped == (SkippedAction("Second", 0, "assign", "already_assigned"),)


FIRST_ANSWERS = """
rules:
  - {name: Sender, when: [message_sent, message_received], if: always, then: [{assign: {to: sender}}]}
  - {name: Team, when: [message_sent, message_received], if: always, then: [{assign: {team: billing}}]}
"""


@pytest.mark.parametrize("sent_by", ["contact", "rule", "survey", "other_client", None])
def test_what_goes_to_the_sender_leaves_others_their_chance_where_no_agent_wrote(sent_by: str | None) -> None:
    decision = run(FIRST_ANSWERS, "message_sent", sent_by=sent_by)
    assert [action.rule for action in decision.actions] == ["Team"]
    assert decision.skipped == (SkippedAction("Sender", 0, "assign", "no_agent_wrote"),)


def test_what_goes_to_the_sender_is_the_first_assignment_where_an_agent_wrote() -> None:
    decision = run(FIRST_ANSWERS, "message_sent", sent_by="agent")
    assert [action.rule for action in decision.actions] == ["Sender"]
    assert decision.skipped == (SkippedAction("Team", 0, "assign", "already_assigned"),)


def test_one_rule_alone_decides_by_who_wrote_each_time() -> None:
    alone = ruleset("""
rules:
  - {name: Sender, when: message_sent, if: always, then: [{assign: {to: sender}}]}
""")
    found = [len(decide(alone, Facts("message_sent", {"sent_by": one})).actions) for one in ("rule", "agent", "rule")]
    assert found == [0, 1, 0]


def test_only_rules_that_wait_for_the_event_are_asked() -> None:
    assert run(THREE, "conversation_opened", text="ab").matched == ("Second",)
    assert run(THREE, "contact_opted_in", text="ab") == Decision(ruleset(THREE).hash)


def test_a_rule_that_is_switched_off_does_nothing() -> None:
    text = "rules:\n  - {name: A, when: message_received, enabled: false, if: always, then: [stop]}\n"
    assert run(text).matched == ()


def test_a_watching_rule_is_recorded_and_acts_on_nothing() -> None:
    text = """
rules:
  - {name: W, when: message_received, mode: watch, if: always, then: [{assign: {team: a}}, {tag: x}, stop]}
  - {name: A, when: message_received, if: always, then: [{assign: {team: b}}]}
"""
    decision = run(text)
    assert (decision.watched, decision.matched) == (("W",), ("A",))
    assert [a.argument for a in decision.actions] == [Assign(team="b")]
    assert [(s.action, s.reason) for s in decision.skipped] == [("assign", "watch_mode"), ("tag", "watch_mode")]
    assert decision.stopped_by is None


def test_a_rule_keeps_to_its_inboxes() -> None:
    text = "rules:\n  - {name: A, when: message_received, inboxes: [support], if: always, then: [stop]}\n"
    assert run(text, inbox="support").matched == ("A",)
    assert run(text, inbox="sales").matched == ()
    assert run(text).matched == ()


def test_arguments_are_typed() -> None:
    text = """
rules:
  - name: A
    when: message_received
    if: always
    then:
      - tag: vip
      - untag: [a, b]
      - priority: urgent
      - note: Look
      - reply: {text: Hello}
      - assign: {team: t, skills: [s], else: {team: u, after: 1h30m}}
      - close
"""
    arguments = {a.action: a.argument for a in run(text).actions}
    assert arguments["tag"] == Tags(tags=("vip",))
    assert arguments["untag"] == Tags(tags=("a", "b"))
    assert arguments["reply"] == Reply(text="Hello")
    assign = arguments["assign"]
    assert isinstance(assign, Assign)
    assert assign.otherwise is not None
    assert (assign.otherwise.team, assign.otherwise.after) == ("u", 5400)


def test_a_decision_survives_being_stored() -> None:
    decision = run(THREE, text="ab")
    assert Decision.from_json(decision.as_json(), VOCABULARY) == decision
    assert len(decision.as_json()) < 400
    nothing = run(THREE, "schedule")
    assert Decision.from_json(nothing.as_json(), VOCABULARY) == nothing


def test_the_hash_is_of_the_meaning_not_of_the_layout() -> None:
    one = "rules:\n  - {name: A, when: message_received, if: {text: x}, then: [stop]}\n"
    other = "# c\nrules:\n  - name: A\n    then: [stop]\n    if: {text: {is: x}}\n    when:\n      - message_received\n"
    changed = one.replace("text: x", "text: y")
    assert ruleset(one).hash == ruleset(other).hash != ruleset(changed).hash


def test_a_rule_set_names_the_fields_it_asks() -> None:
    condition = "{hours: {h: open}, not: {text: x}}"
    text = f"rules:\n  - {{name: A, when: message_received, inboxes: [s], if: {condition}, then: [stop]}}"
    assert ruleset(text).fields == {"inbox", "hours.h", "text"}


def test_equal_facts_give_an_equal_decision_from_any_thread() -> None:
    rules_ = ruleset(THREE)
    facts = [Facts("message_received", {"text": text}) for text in ("a", "b", "ab", "c") * 50]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(rules_.decide, facts)) == [decide(rules_, one) for one in facts]


def test_no_rules_decide_nothing() -> None:
    assert compile_rules([], VOCABULARY).decide(Facts("message_received", {})).matched == ()


@pytest.mark.parametrize(
    ("condition", "text", "expected"),
    [
        ("{text: Hello}", "hello ", True),
        ("{text: [a, b]}", "B", True),
        ("{text: {is_not: a}}", "b", True),
        ("{text: {is_not: a}}", "A", False),
        ("{text: {is_not: a}}", None, False),
        ("{text: {none_of: [a, b]}}", "c", True),
        ("{text: {none_of: [a, b]}}", None, False),
        ("{text: {contains: [x, fun]}}", "REFUNDS", True),
        ("{text: {contains_word: [x, fun]}}", "REFUNDS", False),
        ("{text: {contains_word: [money back]}}", "my MONEY\n back", True),
        ("{text: {starts_with: [stop, quit]}}", " Quit it", True),
        ("{text: {ends_with: '?'}}", "really? ", True),
        ("{text: {matches: 'ord(er|ine) #\\d+'}}", "ORDER #12", True),
        ("{text: {matches: ['x', '^y$']}}", "Y", True),
        ("{text: {contains_word: perché, accents: ignore}}", "Perche no", True),
        ("{text: {contains_word: perche, accents: ignore}}", "PERCHÉ no", True),
        ("{text: {contains_word: perche, accents: ignore}}", "perchè?", True),
        ("{text: {contains_word: perche, accents: ignore}}", "perche\u0301", True),
        ("{text: {contains_word: perche, accents: ignore}}", "perchedere", False),
        ("{text: {contains_word: perche, accents: matter}}", "perché", False),
        ("{text: {contains_word: perche}}", "perché", False),
        ("{text: {is: cafe, accents: ignore}}", "Café", True),
        ("{text: {contains: naive, accents: ignore}}", "so naïve!", True),
        ("{text: {contains: VIP, case: exact}}", "a vip", False),
        ("{text: {contains: VIP, case: exact}}", "a VIP", True),
        ("{text: {matches: '[A-Z]{3}', case: exact}}", "vip", False),
        ("{text: {contains: strasse}}", "Große STRAßE", True),
        ("{text: {matches: 'stra(ß|ss)e'}}", "STRASSE, Straße", True),
        ("{text: {is_set: true}}", "x", True),
        ("{text: {is_set: true}}", "", False),
        ("{text: {is_set: false}}", None, True),
        ("{text: {contains: a, ends_with: b}}", "ab", True),
        ("{text: {contains: a, ends_with: b}}", "ac", False),
        ("{not: {text: a}}", "b", True),
        ("{not: {text: a}}", None, True),
        ("{any: [{text: a}, {text: b}]}", "b", True),
        ("{any: {text: a, has_attachment: true}}", "a", True),
        ("{all: [{text: {contains: a}}, {any: [{text: {contains: b}}, {not: {text: {contains: c}}}]}]}", "ad", True),
        ("{all: [{text: {contains: a}}, {any: [{text: {contains: b}}, {not: {text: {contains: c}}}]}]}", "ac", False),
    ],
)
def test_texts(condition: str, text: str | None, expected: bool) -> None:
    assert matches(condition, text=text) is expected


@pytest.mark.parametrize(
    ("condition", "tags", "expected"),
    [
        ("{contact.tags: vip}", {"vip", "x"}, True),
        ("{contact.tags: [a, b]}", {"b"}, True),
        ("{contact: {tags: {has: VIP}}}", {"vip"}, True),
        ("{contact.tags: {has_all: [a, b]}}", {"a"}, False),
        ("{contact.tags: {has_all: [a, b]}}", {"a", "b", "c"}, True),
        ("{contact.tags: {has_none: [a, b]}}", {"c"}, True),
        ("{contact.tags: {has_none: [a, b]}}", set(), True),
        ("{contact.tags: {has_none: [a, b]}}", {"b"}, False),
        ("{contact.tags: {has_none: [a]}}", None, False),
        ("{contact.tags: {is_set: false}}", set(), True),
        ("{contact.tags: {is_set: true}}", {"a"}, True),
    ],
)
def test_sets(condition: str, tags: set[str] | None, expected: bool) -> None:
    assert matches(condition, contact__tags=None if tags is None else frozenset(tags)) is expected


def test_a_channel_goes_by_its_key_and_by_its_type() -> None:
    names = frozenset({"shop-sms", "sms"})
    assert matches("{channel: sms}", channel=names)
    assert matches("{channel: [whatsapp, shop-sms]}", channel=names)
    assert not matches("{channel: {is_not: sms}}", channel=names)
    assert matches("{channel: {none_of: [whatsapp, webchat]}}", channel=names)


@pytest.mark.parametrize(
    ("condition", "hour", "expected"),
    [
        ("{time.hour: 9}", 9, True),
        ("{time.hour: {between: [9, 17]}}", 17, True),
        ("{time.hour: {between: [9, 17]}}", 18, False),
        ("{time.hour: {gt: 9}}", 9, False),
        ("{time.hour: {gte: 9, lt: 10}}", 9.5, True),
        ("{time.hour: {lte: 8.5}}", 9, False),
        ("{time.hour: {is_not: 9}}", None, False),
        ("{time.hour: {gt: 0}}", True, False),
        ("{time.hour: {gt: 0}}", "9", False),
    ],
)
def test_numbers(condition: str, hour: float | str | None, expected: bool) -> None:
    assert matches(condition, time__hour=hour) is expected


def test_dates_also_from_moments() -> None:
    condition = "{time.date: {between: [2026-12-24, 2026-12-26]}}"
    assert matches(condition, time__date=date(2026, 12, 24))
    assert matches(condition, time__date=datetime(2026, 12, 26, 23, tzinfo=UTC))
    assert not matches(condition, time__date=date(2026, 12, 27))


def test_flags() -> None:
    assert matches("{has_attachment: true}", has_attachment=True)
    assert not matches("{has_attachment: true}", has_attachment=None)
    assert matches("{has_attachment: {is_not: true}}", has_attachment=False)
    assert not matches("{has_attachment: {is_not: true}}")


def test_office_hours_are_fields() -> None:
    assert matches("{hours: {support: open, night: closed}}", hours__support="open", hours__night="closed")
    assert matches("{hours.support: open}", hours__support="open")
    assert not matches("{hours: {support: open}}")


@pytest.mark.parametrize(
    ("condition", "before", "now", "expected"),
    [
        ("{conversation.assignee: {changed: true}}", None, "ann", True),
        ("{conversation.assignee: {changed: true}}", "ann", "ann", False),
        ("{conversation.assignee: {changed: false}}", "ann", "ann", True),
        ("{conversation.assignee: {changed_to: ann}}", "bob", "ann", True),
        ("{conversation.assignee: {changed_from: [bob, eve]}}", "bob", None, True),
        ("{conversation.assignee: {changed_from: bob}}", "eve", "ann", False),
    ],
)
def test_changes(condition: str, before: str | None, now: str | None, expected: bool) -> None:
    assert matches(condition, conversation__assignee=now, previous__assignee=before) is expected


def test_nothing_has_changed_when_the_event_says_nothing_of_it() -> None:
    assert not matches("{conversation.assignee: {changed_to: ann}}", conversation__assignee="ann")
    assert matches("{conversation.assignee: {changed: false}}", conversation__assignee="ann")


def test_the_event_is_a_field() -> None:
    text = "rules:\n  - {name: A, when: [message_received, message_sent], if: {event: message_sent}, then: [stop]}\n"
    assert run(text, "message_sent").matched == ("A",)
    assert run(text, "message_received").matched == ()


def test_every_listed_value_counts() -> None:
    words = ", ".join(f"word{n}" for n in range(200))
    for number in (0, 1, 99, 199):
        assert matches(f"{{text: {{contains_word: [{words}]}}}}", text=f"a word{number} b")
        assert matches(f"{{contact.tags: [{words}]}}", contact__tags=frozenset({f"word{number}"}))


WHITE_SPACE = " \t\n\u00a0\u1680\u2003\u2028\u202f\u3000\x1f\x85"


@pytest.mark.parametrize("gap", [*WHITE_SPACE, "  "])
def test_a_phrase_is_found_across_any_white_space(gap: str) -> None:
    assert matches("{text: {contains_word: money back}}", text=f"my money{gap}back")
    assert matches("{text: {contains_word: money back, case: exact}}", text=f"my money{gap}back")


def test_one_pass_answers_words_and_patterns_of_any_spelling() -> None:
    """All rules share one automaton; each must still be asked of the text in its own form."""
    text = """
rules:
  - {name: word, when: message_received, if: {text: {contains_word: STRASSE}}, then: [close]}
  - {name: pattern, when: message_received, if: {text: {matches: 'straße'}}, then: [close]}
  - {name: plain, when: message_received, if: {text: {matches: 'strasse'}}, then: [close]}
  - {name: cased, when: message_received, if: {text: {matches: '(?-i:Straße)'}}, then: [close]}
  - {name: exact, when: message_received, if: {text: {contains: Straße, case: exact}}, then: [close]}
"""
    compiled = ruleset(text)

    def matched(said: str) -> tuple[str, ...]:
        return compiled.decide(Facts("message_received", {"text": said})).matched

    assert matched("die Straße") == ("word", "pattern", "cased", "exact")
    assert matched("die straße") == ("word", "pattern")
    assert matched("DIE STRASSE") == ("word", "plain")


def test_a_set_is_not_mistaken_for_a_word_nor_a_word_for_a_set() -> None:
    assert not matches("{contact.tags: vip}", contact__tags="vip")
    assert not matches("{text: vip}", text=frozenset({"vip"}))


def test_a_rule_among_thousands_is_found() -> None:
    many = "rules:\n" + "".join(
        f"  - {{name: R{n}, when: message_received, if: {{text: {{contains_word: word{n}}}}}, then: [stop]}}\n"
        for n in range(2_000)
    )
    compiled = compile_rules(rules(many), VOCABULARY)
    for number in (0, 777, 1999):
        facts = Facts("message_received", {"text": f"please WORD{number}!"})
        assert compiled.decide(facts).matched == (f"R{number}",)
