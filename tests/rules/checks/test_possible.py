"""What is called impossible is, and what is impossible is found: judged against everything there is, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules import (
    Facts,
    FactValue,
    OfficeHours,
    TimeRange,
    ValueType,
    builtin_vocabulary,
    hours_facts,
    time_facts,
)
from casella_rules.checks.possible import Judge, thing_of
from casella_rules.engine.reference import holds
from casella_rules.language.circumstances import AgentSketch, Circumstances
from casella_rules.language.model import Condition, OperandValue, Test, conditions_of, flat
from casella_rules.language.vocabulary import OperatorSpec, Takes
from tests.budget import tries
from tests.rules.reading import rules
from tests.rules.strategies import TEXTS, asked, groups, in_order

VOCABULARY = builtin_vocabulary()
DAY = (TimeRange(9 * 60, 18 * 60),)
HOURS = {
    "shop": OfficeHours("UTC", (DAY, DAY, DAY, DAY, DAY, (TimeRange(570, 780),), ()), {date(2026, 12, 26): ()}, "IT"),
    "never": OfficeHours("UTC", ((),) * 7),
}
AGENTS = {
    "ann": AgentSketch("Ann", "agent", frozenset({"billing"}), frozenset({"refunds"}), frozenset({"en"})),
    "bob": AgentSketch("Bob", "manager", frozenset({"billing", "sales"}), frozenset({"italian"}), frozenset({"it"})),
}
CHANNELS = {"shop-sms": "sms", "site": "webchat"}
HERE = Circumstances(VOCABULARY, channels=CHANNELS, agents=AGENTS, hours=HOURS, zones={"support": "UTC"})
TAGS = ("vip", "refund", "spam")
STATUSES, PRIORITIES = ("open", "snoozed", "closed"), ("low", "normal", "high", "urgent")

Rows = list[dict[str, FactValue]]


def subsets(names: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(some) for size in range(len(names) + 1) for some in combinations(names, size)]


def times() -> Rows:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    at_all = (first + timedelta(days=days, minutes=minutes) for days in range(1200) for minutes in range(0, 1440, 30))
    found: dict[tuple[FactValue, ...], dict[str, FactValue]] = {}
    for at in at_all:
        row: dict[str, FactValue] = {**time_facts(at, "UTC"), **hours_facts(HOURS, at)}
        near = date(2026, 12, 22) <= at.date() <= date(2026, 12, 29)
        key = (row["time.weekday"], row["time.hour"], row["hours.shop"], row["time.date"] if near else at.year)
        found.setdefault(key, row)
    return list(found.values())


def agents() -> Rows:
    rows: Rows = [{"conversation.assignee": None}]
    for key, agent in AGENTS.items():
        told: dict[str, FactValue] = {
            "agent.role": agent.role,
            "agent.teams": agent.teams,
            "agent.skills": agent.skills,
        }
        for available, number in product((True, False), (0, 1, 2, 5, 6)):
            rows.append({"conversation.assignee": key, **told, "agent.available": available, "agent.open": number})
    return rows


#: Everything that each thing can be, when a message comes in.
WORLD: Mapping[str, Rows] = {
    "time": times(),
    "channel": [
        {"channel": frozenset(pair), "channel_type": pair[1]}
        for pair in (*CHANNELS.items(), *(("other", kind) for kind in ("sms", "webchat", "whatsapp", "telegram")))
    ],
    "agent": agents(),
    "messages": [{"conversation.messages": n, "conversation.is_new": new}
        for n in range(12) for new in (True, False) if n == 0 or new is (n == 1)],
    "contact.tags": [{"contact.tags": tags} for tags in subsets((*TAGS, "press"))],
    "conversation.status": [{"conversation.status": one} for one in STATUSES],
    "conversation.priority": [{"conversation.priority": one} for one in PRIORITIES],
    "has_attachment": [{"has_attachment": one} for one in (True, False)],
    "sent_by": [{"sent_by": "contact"}],
    "language": [{"language": one} for one in ("it", "en", "fr", None)],
    "team.billing.available": [{"team.billing.available": number} for number in range(3)],
    "conversation.waiting": [{"conversation.waiting": one} for one in (None, 0, 30, 60, 61, 3600, 4000)],
}  # fmt: skip
HOURS_ALONE: Rows = [
    {"hours.shop": one, "hours.never": other} for one in ("open", "closed") for other in ("open", "closed")
]
ANY_HOURS: Rows = [{**time, **hours} for time in WORLD["time"] for hours in HOURS_ALONE]
VALUES: Mapping[str, tuple[OperandValue, ...]] = {
    "time.hour": (0, 8, 9, 9.5, 18, 23), "time.weekday": ("monday", "friday", "saturday", "sunday"),
    "time.date": (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 27)), "hours.shop": ("open", "closed"),
    "hours.never": ("open", "closed"), "channel": ("shop-sms", "sms", "site", "webchat", "whatsapp"),
    "channel_type": ("sms", "webchat", "whatsapp"), "conversation.assignee": ("ann", "bob"),
    "agent.role": ("agent", "manager", "admin"), "agent.teams": ("billing", "sales", "empty"),
    "agent.skills": ("refunds", "italian", "chess"), "agent.open": (0, 1, 5), "conversation.messages": (0, 1, 2, 10),
    "contact.tags": TAGS, "conversation.status": STATUSES, "conversation.priority": PRIORITIES,
    "sent_by": ("contact", "agent"), "language": ("it", "en"), "team.billing.available": (0, 1, 2, 3),
    "conversation.waiting": (0, 60, 3600),
}  # fmt: skip
FLAGS = ("conversation.is_new", "has_attachment", "agent.available")


def question(name: str) -> st.SearchStrategy[Condition]:
    """Everything that may be asked of a field."""
    spec = VOCABULARY.field_of(name)
    assert spec is not None
    values = VALUES.get(name, (True, False))

    def operand(takes: Takes) -> st.SearchStrategy[tuple[OperandValue, ...]]:
        match takes:
            case Takes.FLAG:
                return st.sampled_from([(True,), (False,)])
            case Takes.ONE:
                return st.tuples(st.sampled_from(values))
            case Takes.MANY:
                return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
            case Takes.PAIR:
                return st.tuples(st.sampled_from(values), st.sampled_from(values)).map(in_order)

    def asked(operator: OperatorSpec) -> st.SearchStrategy[Condition]:
        return operand(operator.takes).map(lambda told: Condition(name, spec.value, operator.name, told))

    return st.one_of([asked(operator) for operator in VOCABULARY.operators_for(spec).values()])


QUESTIONS = st.sampled_from([*VALUES, *FLAGS]).flatmap(question)
ABOUT_ONE_THING = st.sampled_from(list(WORLD)).flatmap(
    lambda thing: st.recursive(
        st.sampled_from([name for name in (*VALUES, *FLAGS) if thing_of(name) == thing]).flatmap(question),
        groups,
        max_leaves=5,
    )
)
ABOUT_MUCH = st.recursive(QUESTIONS, groups, max_leaves=4)


def everything(test: Test, *, any_hours: bool = False) -> Iterator[Facts]:
    """All that can be, as far as the test asks. `any_hours`: office hours may be what they like at any time."""
    fields = {condition.field for condition in conditions_of(test)}
    things = dict.fromkeys(map(thing_of, sorted(fields)))
    # What hours alone are is a hint; with a time they are what they are.
    timeless = not any(field.startswith("time.") for field in fields)
    times = HOURS_ALONE if timeless else ANY_HOURS if any_hours else WORLD["time"]
    for rows in product(*({**WORLD, "time": times}[thing] for thing in things)):
        yield Facts("message_received", {name: value for row in rows for name, value in row.items()})


def is_right(judged: bool, test: Test) -> bool:
    """Whether exactly what never holds was called impossible. Where a time and office hours may stand in different ways
    to hold (`any`, `not`), what hours alone are is a hint again: what no time and no hours answer has to be found."""
    firsts = {condition.field.partition(".")[0] for condition in conditions_of(test)}
    if judged or not {"time", "hours"} <= firsts or len(list(flat(test))) == len(list(conditions_of(test))):
        return judged is not any(holds(test, facts) for facts in everything(test))
    return any(holds(test, facts) for facts in everything(test, any_hours=True))


@given(ABOUT_ONE_THING)
@settings(max_examples=tries(300), deadline=None)
def test_of_one_thing_exactly_what_never_holds_is_called_impossible(test: Test) -> None:
    assert is_right(Judge(HERE, "message_received").excludes(test), test)


def test_every_operator_but_those_of_texts_is_asked() -> None:
    specs = [spec for name in (*VALUES, *FLAGS) if (spec := VOCABULARY.field_of(name)) is not None]
    operators = {name for spec in specs for name in VOCABULARY.operators_for(spec)}
    of_texts = {name for name, one in VOCABULARY.operators.items() if one.fits == {ValueType.TEXT}}
    assert operators == set(VOCABULARY.operators) - of_texts


@given(ABOUT_MUCH)
@settings(max_examples=tries(100), deadline=None)
def test_of_several_things_as_well(test: Test) -> None:
    things = {thing_of(condition.field) for condition in conditions_of(test)}
    if "time" in things and len(things) > 2:
        return  # too much to go through one by one
    assert is_right(Judge(HERE, "message_received").excludes(test), test)


TEXT_TESTS = st.recursive(asked("text"), groups, max_leaves=5)


@given(TEXT_TESTS, st.lists(TEXTS, min_size=5, max_size=20))
@settings(max_examples=tries(300), deadline=None)
def test_no_text_answers_what_is_called_impossible(test: Test, texts: list[str]) -> None:
    if Judge(HERE, "message_received").excludes(test):
        words = [str(word) for condition in conditions_of(test) for word in condition.operand]
        pairs = [f"{one}{gap}{other}" for one in words for other in words for gap in ("", " ")]
        shouted = [text.upper() for text in (*words, *pairs)]
        for text in (*texts, *words, *pairs, *shouted, None):
            assert not holds(test, Facts("message_received", {"text": text}))


@pytest.mark.parametrize(
    "test",
    [
        "{text: {is: refund, contains: x}}",
        "{text: {any_of: [a refund]}, not: {text: {contains_word: refund}}}",
        "{text: {starts_with: refund}, not: {text: {contains: fun}}}",
        "{text: {starts_with: a}, not: {text: {starts_with: [b, a]}}}",
        "{all: [{text: {starts_with: [ab, ac]}}, {text: {starts_with: [b, abx]}}, {not: {text: {starts_with: ab}}}]}",
        "{all: [{text: {ends_with: now}}, {text: {ends_with: then}}]}",
        "{text: {contains_word: [refund now, the refund]}, not: {text: {contains_word: refund}}}",
        "{text: {is_not: a, any_of: [a, A]}}",
        "{all: [{text: {is: HELP, case: exact}}, {text: {is: stop}}]}",
        "{text: {contains: a, is_set: false}}",
    ],
)
def test_texts_that_cannot_be_are_found(test: str) -> None:
    assert Judge(HERE, "message_received").excludes(read(test))


@pytest.mark.parametrize(
    "test",
    [
        "{text: {is: refund, contains: fun}}",
        "{text: {is: refund, contains: 'd '}}",  # white space around it is ignored by `is`
        "{text: {contains: refund}, not: {text: {contains_word: refund}}}",
        "{text: {starts_with: refund}, not: {text: {contains_word: refund}}}",
        "{text: {contains_word: money back}, not: {text: {contains: money back}}}",  # two spaces between
        "{text: {starts_with: ab, ends_with: bc}}",
        "{all: [{text: {is: HELP, case: exact}}, {text: {is: help}}]}",
        "{all: [{text: {contains: HELP, case: exact}}, {not: {text: {is: HELP, case: exact}}}]}",
        "{text: {matches: a}, not: {text: {contains: a}}}",  # what a pattern holds is not asked
        "{not: {text: {contains: a}}}",
    ],
)
def test_texts_that_can_be_are_left_alone(test: str) -> None:
    assert not Judge(HERE, "message_received").excludes(read(test))


def read(test: str) -> Test:
    return rules(f"rules: [{{name: A, when: message_received, if: {test}, then: [stop]}}]")[0].test
