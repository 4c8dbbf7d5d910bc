"""Random rules and facts, small enough that they meet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar, cast

from hypothesis import strategies as st

from casella_rules import Facts, FactValue, FieldSpec, Nothing, Rule, Tags, ValueType, builtin_vocabulary
from casella_rules.language.model import Action, All, Always, Any, Condition, Not, Test
from casella_rules.language.vocabulary import OperatorSpec, Takes

LANGUAGE = builtin_vocabulary()

WORDS = (
    "refund",
    "money back",
    "ciao",
    "STRASSE",
    "straße",
    "l'ordine",
    "don’t",
    "é",
    "e\u0301",
    "ﬁne",
    "退款",
    "x_y",
    "a",
)
TEXTS = st.lists(
    st.sampled_from([*WORDS, "Refund", "MONEY \u2003 BACK", "refunds", "fine", "don't", "❤️", "ß", "İ", "發退款"])
    | st.text(max_size=3),
    max_size=4,
).flatmap(lambda words: st.sampled_from([" ", "", "  ", "-", "\u00a0"]).map(lambda gap: gap.join(words)))
PATTERNS = ("re.und", r"\bcia", "stra(ss|ß)e", "^don", "[A-Z]{3}", "(?-i:Refund)", r"\PL", "é$", "don’t", "")
CHANNELS = ("sms", "SMS", "whatsapp", "shop-sms")
TAGS = ("vip", "VIP", "refund", "spam")
DAYS = (date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26))
EVENTS = ("message_received", "conversation_opened", "message_sent", "conversation_waiting 30m")


def condition(
    field: str, value: ValueType, operator: str, operand: tuple[object, ...], exact: bool = False
) -> Condition:
    return Condition(field, value, operator, operand, exact)  # type: ignore[arg-type]  # strategies give plain objects


def several(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)


def one(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.sampled_from(values))


FLAGS = one((True, False))
VALUES: Mapping[ValueType, tuple[object, ...]] = {
    ValueType.TEXT: WORDS,
    ValueType.WORD: (*CHANNELS, "agent"),
    ValueType.SET: TAGS,
    ValueType.NUMBER: (8, 9, 9.5, 18),
    ValueType.DURATION: (0, 60, 3600),
    ValueType.DATE: DAYS,
    ValueType.FLAG: (True, False),
}
T = TypeVar("T")
#: One field of each type, and those with a meaning of their own.
ASKED = (
    "text", "contact.name", "channel", "conversation.status", "conversation.started_by", "contact.tags", "time.hour",
    "conversation.age", "time.date", "has_attachment",
)  # fmt: skip


def in_order(pair: tuple[T, T]) -> tuple[T, ...]:
    """Of two numbers, durations or dates, the lower one first."""
    return tuple(sorted(pair, key=lambda one: cast(float, one)))


def operands(spec: FieldSpec, operator: OperatorSpec) -> st.SearchStrategy[tuple[object, ...]]:
    values = PATTERNS[:-1] if operator.name == "matches" else VALUES[spec.value]
    match operator.takes:
        case Takes.FLAG:
            return FLAGS
        case Takes.ONE:
            return one(values)
        case Takes.MANY:
            return several(values)
        case Takes.PAIR:
            return st.tuples(st.sampled_from(values), st.sampled_from(values)).map(in_order)


def asked(name: str) -> st.SearchStrategy[Condition]:
    """Everything that may be asked of a field, by the tables of the language."""
    spec = LANGUAGE.fields[name]
    return st.one_of([
        st.builds(
            condition, st.just(name), st.just(spec.value), st.just(operator.name), operands(spec, operator),
            st.booleans() if spec.value is ValueType.TEXT else st.just(False),
        )
        for operator in LANGUAGE.operators_for(spec).values()
    ])  # fmt: skip


TEXT_CONDITIONS = asked("text")
CONDITIONS = st.one_of(
    TEXT_CONDITIONS,
    *map(asked, ASKED),
    st.builds(condition, st.just("weather"), st.just(ValueType.TEXT), st.just("is_set"), FLAGS),
)


def groups(children: st.SearchStrategy[Test]) -> st.SearchStrategy[Test]:
    parts = st.lists(children, min_size=1, max_size=3).map(tuple)
    return st.builds(All, parts) | st.builds(Any, parts) | st.builds(Not, children)


TESTS: st.SearchStrategy[Test] = st.recursive(CONDITIONS, groups, max_leaves=6) | st.builds(Always)

RULES = st.builds(
    Rule,
    name=st.uuids().map(str),
    when=st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2, unique=True).map(tuple),
    test=TESTS,
    actions=st.sampled_from(
        [
            (Action("tag", Tags(tags=("vip",))),),
            (Action("tag", Tags(tags=("vip",))), Action("stop", Nothing())),
            (Action("close", Nothing()),),
        ]
    ),
    enabled=st.sampled_from([True, True, True, False]),
    watch=st.sampled_from([False, False, False, True]),
    inboxes=st.sampled_from([(), (), ("support",), ("support", "sales")]),
    after=st.sampled_from([0, 0, 0, 600]),
    unless=st.sampled_from([(), ("message_sent",)]),
    cooldown=st.sampled_from([0, 0, 0, 3600]),
)

NAMES_OR_NOISE = st.sampled_from([*CHANNELS, "", None, 5, True]) | st.frozensets(st.sampled_from(CHANNELS), max_size=2)
FACTS = st.builds(
    Facts,
    st.sampled_from(EVENTS),
    st.fixed_dictionaries(
        {},
        optional={
            "text": TEXTS | st.sampled_from([None, 5, frozenset({"refund"})]),
            "contact.name": TEXTS,
            "channel": NAMES_OR_NOISE,
            "conversation.status": NAMES_OR_NOISE,
            "previous.status": NAMES_OR_NOISE,
            "contact.tags": st.frozensets(st.sampled_from(TAGS), max_size=3) | st.sampled_from(["vip", None]),
            "time.hour": st.sampled_from([None, 0, 8, 9, 9.5, 10.0, 18, True, "9", float("nan")]),
            "conversation.age": st.sampled_from([0, 60, 61, 3600.5, None]),
            "time.date": st.sampled_from([*DAYS, None, "2026-12-25"]),
            "has_attachment": st.sampled_from([True, False, None, 1, "true"]),
            "conversation.started_by": st.sampled_from(["contact", "agent", None]),
            "contact.favourite": st.booleans(),
            "inbox": st.sampled_from(["support", "sales", "Support", None]),
        },
    ),
)
FactsByName = dict[str, FactValue]
