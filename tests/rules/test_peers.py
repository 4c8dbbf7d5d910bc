"""What users of other systems complain of, and a rule engine can answer. Each test carries the complaint's number
(`docs/complaints.md` lists them, and which is answered where)."""

from collections.abc import Callable
from itertools import product

import pytest

from casella_rules import (
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


def test_56_57_message_rules_leave_conversations_alone_that_agents_start() -> None:
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


LISTS: dict[str, list[FactValue]] = {
    "text: [ann, bob, cleo]": ["ann", "bob", "cleo"],
    "text: {any_of: [ann, bob, cleo]}": ["ann", "bob", "cleo"],
    "text: {contains: [ann, bob, cleo]}": ["xannx", "xbobx", "xcleox"],
    "text: {contains_word: [ann, money back, cleo]}": ["to ann!", "my MONEY  back", "cleo"],
    "text: {starts_with: [ann, bob, cleo]}": ["ann is", "bob is", "cleo is"],
    "text: {ends_with: [ann, bob, cleo]}": ["is ann", "is bob", "is cleo"],
    "text: {matches: ['^a', '^b', '^c']}": ["ann", "bob", "cleo"],
    "inbox: [shop, support, sales]": ["shop", "support", "sales"],
    "channel: [sms, whatsapp, webchat]": [
        frozenset({"a", "sms"}),
        frozenset({"whatsapp"}),
        frozenset({"b", "webchat"}),
    ],
    "contact.tags: [vip, press, new]": [frozenset({"vip"}), frozenset({"x", "press"}), frozenset({"new"})],
    "contact.tags: {has_any: [vip, press, new]}": [frozenset({"vip"}), frozenset({"x", "press"}), frozenset({"new"})],
    "time.hour: [9, 10, 11]": [9, 10, 11],
}


@pytest.mark.parametrize("asked", LISTS)
def test_60_every_value_of_a_list_counts(asked: str) -> None:
    field = asked.partition(":")[0].replace(".", "__")
    assert [matches(f"{{{asked}}}", **{field: value}) for value in LISTS[asked]] == [True] * 3


@pytest.mark.parametrize("asked", ["text: {none_of: [a, b, c]}", "contact.tags: {has_none: [a, b, c]}"])
def test_60_every_value_of_a_list_is_excluded(asked: str) -> None:
    field = asked.partition(":")[0].replace(".", "__")
    known: dict[str, FactValue] = {name: frozenset({name}) if "tags" in asked else name for name in "abcd"}
    assert [matches(f"{{{asked}}}", **{field: value}) for value in known.values()] == [False, False, False, True]


def test_60_a_list_where_one_value_belongs_is_refused_and_not_cut_short() -> None:
    assert problems(rule("when: message_received, if: {text: {is_not: [a, b]}}, then: [stop]"))
    assert problems(rule("when: message_received, if: {time.hour: {gt: [9, 10]}}, then: [stop]"))


@pytest.mark.parametrize("number", range(3))
def test_60_every_event_and_every_inbox_of_a_list_counts(number: int) -> None:
    text = rule("when: [message_received, message_sent, message_failed], inboxes: [a, b, c], if: always, then: [stop]")
    event = ("message_received", "message_sent", "message_failed")[number]
    assert decide(ruleset(text), Facts(event, {"inbox": "abc"[number]})).matched == ("A",)


def test_61_rules_stay_in_their_inboxes() -> None:
    text = rule("when: message_received, inboxes: [support], if: {any: [{text: a}, {text: b}]}, then: [stop]")
    assert decide(ruleset(text), Facts("message_received", {"inbox": "support", "text": "b"})).matched
    assert not decide(ruleset(text), Facts("message_received", {"inbox": "sales", "text": "b"})).matched


A, B, C = "{inbox: support}", "{has_attachment: true}", "{contact.is_new: true}"
GROUPS: dict[str, Callable[[bool, bool, bool], bool]] = {
    f"{{all: [{A}, {{any: [{B}, {C}]}}]}}": lambda a, b, c: a and (b or c),
    f"{{inbox: support, any: [{B}, {C}]}}": lambda a, b, c: a and (b or c),
    f"{{any: [{A}, {{all: [{B}, {C}]}}]}}": lambda a, b, c: a or (b and c),
    f"{{all: [{{any: [{A}, {B}]}}, {{any: [{B}, {C}]}}, {{not: {B}}}]}}": lambda a, b, c: (
        (a or b) and (b or c) and not b
    ),
    f"{{not: {{all: [{A}, {{any: [{B}, {C}]}}]}}}}": lambda a, b, c: not (a and (b or c)),
}


@pytest.mark.parametrize("condition", GROUPS)
def test_62_2a_groups_say_what_a_flat_chain_or_two_groups_cannot(condition: str) -> None:
    for a, b, c in product((True, False), repeat=3):
        facts: dict[str, FactValue] = {"inbox": "support" if a else "sales", "has_attachment": b, "contact__is_new": c}
        assert matches(condition, **facts) is GROUPS[condition](a, b, c), (a, b, c)


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
    asked = {
        "{has: vip}": True,
        "{has: order}": False,
        "{has_any: [order, vip]}": True,
        "{has_any: [order, quiet]}": False,
        "{has_all: [vip, refund]}": True,
        "{has_all: [vip, order]}": False,
        "{has_none: [vip]}": False,
        "{has_none: [order]}": True,
    }
    for condition, holds in asked.items():
        assert matches(f"{{conversation.tags: {condition}}}", conversation__tags=tags) is holds, condition


def test_67_many_rules_stand_in_several_files_in_a_plain_order() -> None:
    many = rule("when: message_received, if: always, then: [note: x]")
    files = [(f"rules/{name}.yaml", many.replace("name: A", f"name: {name}")) for name in ("10", "20", "30")]
    read, mistakes = read_rules([(name, text.encode()) for name, text in files], VOCABULARY)
    assert (mistakes, [one.name for one in read]) == ([], ["10", "20", "30"])


def test_68_equal_rules_are_equal_in_every_installation() -> None:
    text = rule("when: message_received, if: {text: x}, then: [stop]")
    elsewhere = rules_from_json(ruleset(text).json, VOCABULARY)
    otherwise_written = "rules:\n  - then: [stop]\n    if: {text: {is: x}}\n    when: [message_received]\n    name: A\n"
    assert compile_rules(elsewhere, VOCABULARY).hash == ruleset(otherwise_written).hash == ruleset(text).hash
    for old, new in {"text: x": "text: y", "received": "sent", "[stop]": "[close]", "name: A": "name: B"}.items():
        assert ruleset(text.replace(old, new)).hash != ruleset(text).hash


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
    for number in range(7):
        chain = chain.caused_by(str(number))
    assert decide(last, Facts("conversation_tagged", {}), Past(chain)).matched == ("A",)
    assert decide(last, Facts("conversation_tagged", {}), Past(chain.caused_by("8"))).matched == ()


def test_74_75_76_every_action_names_its_rule_and_every_rule_its_reason() -> None:
    text = rule("when: message_received, if: {text: {contains: refund}}, then: [{tag: x}, close]")
    facts = Facts("message_received", {"text": "Hello"})
    done = decide(ruleset(text), Facts("message_received", {"text": "refund"}))
    assert {(action.rule, action.action) for action in done.actions} == {("A", "tag"), ("A", "close")}
    assert explain(ruleset(text), facts).as_text() == "A: did not match\n    text contains 'refund': no, it is 'Hello'"


#: Rules as the first version stored them, word for word: whatever is changed later, these must decide as they did.
KEPT = (
    '[{"if":{"all":[["text","TEXT","contains_word",["refund"]],["contact.tags","SET","has",["vip"]]]},'
    '"name":"VIPs","then":[["priority",{"priority":"urgent"}],["assign",{"team":"billing"}]],'
    '"when":["message_received"]},'
    '{"if":{"all":[["text","TEXT","contains",["refund"]],{"not":["inbox","WORD","any_of",["sales"]]}]},'
    '"name":"Refunds","then":[["assign",{"team":"front"}],["tag",{"tags":["refund"]}]],"when":["message_received"]},'
    '{"after":600,"if":["conversation.assignee","WORD","is_set",[false]],"name":"Late",'
    '"then":[["note",{"text":"Late"}]],"unless":["message_sent"],"when":["message_received"]},'
    '{"if":["conversation.tags","SET","has_none",["quiet"]],"mode":"watch","name":"Watch","then":[["close",{}]],'
    '"when":["message_received"]},'
    '{"if":["contact.custom.plan","WORD","is_not",["gold"]],"name":"Plan","then":[["stop",{}]],'
    '"when":["message_received"]},'
    '{"cooldown":3600,"if":"always","name":"Last","then":[["tag",{"tags":["seen"]}]],"when":["message_received"]}]'
)


def test_77_a_kept_rule_set_decides_as_it_did() -> None:
    old = compile_rules(rules_from_json(KEPT, VOCABULARY), VOCABULARY)
    assert old.json == KEPT

    def did(**values: FactValue) -> tuple[object, ...]:
        facts = Facts("message_received", {name.replace("__", "."): value for name, value in values.items()})
        decision = decide(old, facts, Past(Chain("m"), {"Last": 3600}))
        return (
            decision.matched, decision.watched, decision.stopped_by,
            [(one.rule, one.after, one.unless) for one in decision.delayed],
            [(one.rule, one.action) for one in decision.actions], [(one.rule, one.reason) for one in decision.skipped],
        )  # fmt: skip

    late = [("Late", 600, ("message_sent",))]
    vip, none = frozenset({"VIP"}), frozenset[str]()
    assert did(text="A REFUND!", contact__tags=vip, inbox="shop", conversation__tags=none) == (
        ("VIPs", "Refunds", "Last"), ("Watch",), None, late,
        [("VIPs", "priority"), ("VIPs", "assign"), ("Refunds", "tag"), ("Last", "tag")],
        [("Refunds", "already_assigned"), ("Watch", "watch_mode")],
    )  # fmt: skip
    assert did(text="refunds", contact__tags=vip, inbox="sales", conversation__tags=frozenset({"quiet"})) == (
        ("Last",), (), None, late, [("Last", "tag")], [],
    )  # fmt: skip
    assert did(text="refunds", conversation__assignee="ann", contact__custom__plan="free") == (
        ("Refunds", "Plan"), (), "Plan", [], [("Refunds", "assign"), ("Refunds", "tag")], [],
    )  # fmt: skip


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


def test_2a_more_than_two_groups_all_count() -> None:
    """Each of them alone decides, also the last."""
    names = "abcdef"
    groups = ", ".join(
        f"{{any: [{{text: {{contains: {name}}}}}, {{text: {{contains: {name}{name}}}}}]}}" for name in names
    )
    assert matches(f"{{all: [{groups}]}}", text=names)
    for left_out in names:
        assert not matches(f"{{all: [{groups}]}}", text=names.replace(left_out, ""))
        assert matches(f"{{any: [{groups}]}}", text=left_out)


def test_2a_stop_is_obeyed_and_so_is_the_order_without_it() -> None:
    text = """
rules:
  - {name: B, when: message_received, if: {text: x}, then: [{tag: b}, stop]}
  - {name: A, when: message_received, if: always, then: [{tag: a}]}
"""
    assert decide(ruleset(text), Facts("message_received", {"text": "x"})).matched == ("B",)
    assert decide(ruleset(text), Facts("message_received", {"text": "y"})).matched == ("A",)
    assert decide(ruleset(text.replace(", stop", "")), Facts("message_received", {"text": "x"})).matched == ("B", "A")


@pytest.mark.parametrize("operator", ["is", "contains", "contains_word", "starts_with", "ends_with", "matches"])
def test_2a_case_does_not_matter_unless_the_rule_says_so(operator: str) -> None:
    assert matches(f"{{text: {{{operator}: Straße}}}}", text="STRASSE" if operator != "matches" else "STRAßE")
    assert not matches(f"{{text: {{{operator}: Vip, case: exact}}}}", text="VIP")
    assert matches(f"{{text: {{{operator}: Vip, case: exact}}}}", text="Vip")


def test_2a_a_value_with_a_comma_is_one_value() -> None:
    assert not matches("{text: {contains: 'refund, please'}}", text="a refund")
    assert matches("{text: {contains: 'refund, please'}}", text="Refund, please!")


@pytest.mark.parametrize(
    "field", ["text: x", "inbox: x", "contact.tags: {has: x}", "hours: {x: open}", "time.hour: {gte: 9}"]
)
def test_2a_a_delay_goes_with_any_condition_and_asks_it_again(field: str) -> None:
    text = rule(f"when: message_received, if: {{{field}}}, after: 10m, then: [close]")
    holding: dict[str, FactValue] = {
        "text": "x", "inbox": "x", "contact.tags": frozenset({"x"}), "hours.x": "open", "time.hour": 9,
    }  # fmt: skip
    assert decide(ruleset(text), Facts("message_received", holding)).delayed
    assert decide_due(ruleset(text), "A", Facts("message_received", holding)).matched == ("A",)
    assert decide_due(ruleset(text), "A", Facts("message_received", {})).matched == ()
