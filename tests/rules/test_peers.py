"""What users of other systems complain of, and a rule engine can answer. Each test carries the complaint's number
(`docs/complaints.md` lists them, and which is answered where)."""

from itertools import product

import pytest

from casella_rules import (
    MAX_CHAIN,
    Chain,
    Facts,
    FactValue,
    Past,
    analyse,
    compile_rules,
    decide,
    decide_due,
    explain,
    read_rules,
    rules_from_json,
)
from tests.rules.reading import VOCABULARY, matches, rules, ruleset


def rule(text: str) -> str:
    return f"rules:\n  - {{name: A, {text}}}\n"


def problems(text: str) -> list[str]:
    return [problem.message for problem in read_rules([("r.yaml", text.encode())], VOCABULARY)[1]]


def test_53_an_action_comes_only_with_its_event() -> None:
    answering = ruleset(rule("when: message_received, if: always, then: [{reply: {text: Hi}}]"))
    for event in VOCABULARY.events:
        assert bool(decide(answering, Facts(event, {})).actions) == (event == "message_received")


def test_54_an_update_that_changes_nothing_loops_for_nobody() -> None:
    text = rule("when: conversation_tagged, if: always, then: [{tag: seen}]")
    assert analyse(rules(text)) == []
    chain = Chain("edit").caused_by("A")
    assert decide(ruleset(text), Facts("conversation_tagged", {}), Past(chain)).actions == ()


def test_55_one_edit_makes_one_message() -> None:
    text = rule("when: [conversation_tagged, conversation_assigned], if: always, then: [{reply: {text: Hi}}]")
    chain, sent = Chain("edit"), 0
    for event in ("conversation_tagged", "conversation_assigned", "conversation_tagged"):
        decision = decide(ruleset(text), Facts(event, {}), Past(chain))
        sent += len(decision.actions)
        chain = chain.having_fired(decision.matched)
    assert sent == 1


@pytest.mark.parametrize("number", [56, 57])
def test_56_57_message_rules_leave_conversations_alone_that_agents_start(number: int) -> None:
    text = rule("when: [conversation_opened, message_received], if: always, then: [{reply: {text: Welcome}}]")
    assert decide(ruleset(text), Facts("conversation_opened", {"conversation.started_by": "agent"})).actions == ()
    assert decide(ruleset(text), Facts("message_sent", {"sent_by": "agent"})).actions == ()
    assert decide(ruleset(text), Facts("conversation_opened", {"conversation.started_by": "contact"})).actions


def test_58_a_condition_on_the_priority_fires() -> None:
    facts: dict[str, FactValue] = {"conversation.priority": "urgent", "previous.priority": "low"}
    for asked in (
        "urgent",
        "{any_of: [high, urgent]}",
        "{changed_to: urgent}",
        "{changed_from: low}",
        "{changed: true}",
    ):
        text = rule(f"when: message_received, if: {{conversation.priority: {asked}}}, then: [stop]")
        assert decide(ruleset(text), Facts("message_received", facts)).matched == ("A",), asked


@pytest.mark.parametrize("asked", ["gold", "{is_not: gold}", "{none_of: [gold]}", "[gold, free]"])
def test_59_an_attribute_that_is_missing_hits_nothing(asked: str) -> None:
    assert not matches(f"{{contact.custom.plan: {asked}}}")
    assert matches("{contact.custom.plan: {is_set: false}}")


@pytest.mark.parametrize("word", ["refund", "money back", "rimborso"])
def test_60_every_value_of_a_list_counts(word: str) -> None:
    assert matches("{text: {contains_word: [refund, money back, rimborso]}}", text=f"A {word}, please")
    assert matches("{text: [refund, money back, rimborso]}", text=word)


def test_61_rules_stay_in_their_inboxes() -> None:
    text = rule("when: message_received, inboxes: [support], if: {any: [{text: a}, {text: b}]}, then: [stop]")
    assert decide(ruleset(text), Facts("message_received", {"inbox": "support", "text": "b"})).matched
    assert not decide(ruleset(text), Facts("message_received", {"inbox": "sales", "text": "b"})).matched


def test_62_one_and_either_of_two_others_can_be_said() -> None:
    condition = "{inbox: support, any: [{text: {contains: b}}, {text: {contains: c}}]}"
    for inbox, text in product(("support", "sales"), ("b", "c", "d")):
        assert matches(condition, inbox=inbox, text=text) == (inbox == "support" and text in "bc")


def test_63_all_is_all_and_any_is_any() -> None:
    for a, b in product((True, False), repeat=2):
        facts: dict[str, FactValue] = {"has_attachment": a, "contact__is_new": b}
        parts = "[{has_attachment: true}, {contact.is_new: true}]"
        assert matches(f"{{all: {parts}}}", **facts) == (a and b)
        assert matches(f"{{any: {parts}}}", **facts) == (a or b)
        assert matches(f"{{not: {{any: {parts}}}}}", **facts) == (not (a or b))


def test_64_content_that_comes_late_is_seen_by_a_rule_that_waits() -> None:
    text = rule("when: message_received, if: {kind: {is_not: unsupported}}, after: 1m, then: [{tag: x}]")
    assert decide(ruleset(text), Facts("message_received", {"kind": "image"})).delayed
    late = Facts("message_received", {"kind": "image", "text": "now with words"})
    assert decide_due(ruleset(text), "A", late).matched == ("A",)


def test_65_time_alone_can_wake_rules_and_once() -> None:
    text = rule("when: {conversation_idle: 3d}, if: {conversation.status: open}, cooldown: 3d, then: [close]")
    facts = Facts("conversation_idle 3d", {"conversation.status": "open"})
    assert decide(ruleset(text), facts).matched == ("A",)
    assert decide(ruleset(text), facts, Past(seconds_since={"A": 3600})).matched == ()


def test_66_tags_can_be_asked_for() -> None:
    tags = frozenset({"refund", "VIP"})
    for asked, holds in {"{has: vip}": True, "{has_all: [vip, refund]}": True, "{has_none: [vip]}": False}.items():
        assert matches(f"{{conversation.tags: {asked}}}", conversation__tags=tags) is holds


def test_67_many_rules_stand_in_several_files_in_a_plain_order() -> None:
    many = rule("when: message_received, if: always, then: [note: x]")
    files = [(f"rules/{name}.yaml", many.replace("name: A", f"name: {name}")) for name in ("10", "20", "30")]
    read, mistakes = read_rules([(name, text.encode()) for name, text in files], VOCABULARY)
    assert (mistakes, [one.name for one in read]) == ([], ["10", "20", "30"])


def test_68_equal_rules_are_equal_in_every_installation() -> None:
    text = rule("when: message_received, if: {text: x}, then: [stop]")
    elsewhere = rules_from_json(ruleset(text).json, VOCABULARY)
    assert compile_rules(elsewhere, VOCABULARY).hash == ruleset(text).hash


def test_69_what_one_rule_does_may_wake_another_once() -> None:
    text = """
rules:
  - {name: A, when: message_received, if: always, then: [{tag: vip}]}
  - {name: B, when: conversation_tagged, if: {conversation.tags: {has: vip}}, then: [{priority: high}]}
"""
    first = decide(ruleset(text), Facts("message_received", {}), Past(Chain("m")))
    chain = Chain("m").having_fired(first.matched).caused_by("A")
    tagged = Facts("conversation_tagged", {"conversation.tags": frozenset({"vip"})})
    assert decide(ruleset(text), tagged, Past(chain)).matched == ("B",)
    assert decide(ruleset(text), tagged, Past(chain.caused_by("B"))).held[0].path == ("A", "B")


@pytest.mark.parametrize("event", ["message_sent", "message_failed"])
def test_70_71_72_answers_to_answers_are_found_before_and_stopped_while_running(event: str) -> None:
    text = rule(f"when: {event}, if: always, then: [{{reply: {{text: Out of office}}}}]")
    assert [problem.message.partition(":")[0] for problem in analyse(rules(text))] == ["possible loop"]
    assert decide(ruleset(text), Facts(event, {}), Past(Chain("m").caused_by("A"))).actions == ()


def test_73_rules_may_cause_each_other_but_not_for_ever() -> None:
    last = ruleset(rule("when: conversation_tagged, if: always, then: [close]"))
    chain = Chain("m")
    for number in range(MAX_CHAIN - 1):
        chain = chain.caused_by(str(number))
    assert decide(last, Facts("conversation_tagged", {}), Past(chain)).matched == ("A",)
    assert decide(last, Facts("conversation_tagged", {}), Past(chain.caused_by("8"))).matched == ()


def test_74_75_76_every_action_names_its_rule_and_every_rule_its_reason() -> None:
    text = rule("when: message_received, if: {text: {contains: refund}}, then: [{tag: x}, close]")
    facts = Facts("message_received", {"text": "Hello"})
    done = decide(ruleset(text), Facts("message_received", {"text": "refund"}))
    assert {(action.rule, action.action) for action in done.actions} == {("A", "tag"), ("A", "close")}
    assert explain(ruleset(text), facts).as_text() == "A: did not match\n    text contains 'refund': no, it is 'Hello'"


def test_77_a_kept_rule_set_decides_as_it_did() -> None:
    """The rules as they were stored by the first version, word for word."""
    kept = (
        '[{"if":{"all":[["text","TEXT","contains_word",["refund"]],["contact.tags","SET","has",["vip"]]]},'
        '"name":"VIPs","then":[["priority",{"priority":"urgent"}],["stop",{}]],"when":["message_received"]}]'
    )
    old = compile_rules(rules_from_json(kept, VOCABULARY), VOCABULARY)
    facts = Facts("message_received", {"text": "A REFUND!", "contact.tags": frozenset({"VIP"})})
    assert (decide(old, facts).matched, old.json) == (("VIPs",), kept)


def test_78_surveys_do_not_ask_about_surveys() -> None:
    text = """
rules:
  - {name: A, when: [conversation_closed, survey_answered], if: always, then: [survey]}
  - {name: B, when: message_sent, if: {sent_by: survey}, then: [close]}
"""
    assert analyse(rules(text)) == []  # a survey is sent once per conversation, so this ends by itself
    chain = Chain("click").caused_by("A").caused_by("B")
    assert decide(ruleset(text), Facts("conversation_closed", {}), Past(chain)).actions == ()


# --- §2a: pitfalls of other rule languages ---------------------------------------------------------------------------


@pytest.mark.parametrize("empty", ["{}", "{all: []}", "{any: []}", "{all: {}}", "{not: {}}", "[]", ""])
def test_2a_an_empty_condition_is_refused_and_never_true(empty: str) -> None:
    assert problems(rule(f"when: message_received, if: {empty or 'null'}, then: [stop]"))


def test_2a_a_comparison_with_something_that_is_no_number_is_refused_and_never_zero() -> None:
    assert problems(rule("when: message_received, if: {time.hour: {gt: nine}}, then: [stop]")) == [
        "expected a number, got 'nine'"
    ]
    assert not matches("{time.hour: {gte: 0}}", time__hour="nine")


def test_2a_groups_too_deep_are_refused_and_never_skipped() -> None:
    deep = "{any: [{not: {all: [{any: [{text: a}]}]}}]}"
    assert problems(rule(f"when: message_received, if: {deep}, then: [stop]")) == ["groups are nested more than 3 deep"]


def test_2a_rules_run_in_the_order_written_not_by_their_names() -> None:
    text = """
rules:
  - {name: Z, when: message_received, if: always, then: [{tag: z}]}
  - {name: A, when: message_received, if: always, then: [{tag: a}]}
"""
    assert decide(ruleset(text), Facts("message_received", {})).matched == ("Z", "A")


def test_2a_delays_go_with_conditions_on_what_changed() -> None:
    text = rule("when: conversation_closed, if: {conversation.status: {changed_to: closed}}, after: 1d, then: [survey]")
    facts = Facts("conversation_closed", {"conversation.status": "closed", "previous.status": "open"})
    assert decide(ruleset(text), facts).delayed[0].after == 86_400
    assert decide_due(ruleset(text), "A", facts).matched == ("A",)
