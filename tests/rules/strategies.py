"""Random rules and facts, small enough that they meet."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from casella_rules import Facts, FactValue, Nothing, Rule, Tags, ValueType
from casella_rules.model import Action, All, Always, Any, Condition, Not, Test

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
EVENTS = ("message_received", "conversation_opened", "message_sent")


def condition(
    field: str, value: ValueType, operator: str, operand: tuple[object, ...], exact: bool = False
) -> Condition:
    return Condition(field, value, operator, operand, exact)  # type: ignore[arg-type]  # strategies give plain objects


def several(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3).map(tuple)


def one(values: tuple[object, ...]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.tuples(st.sampled_from(values))


FLAGS = one((True, False))
TEXT_CONDITIONS = st.one_of(
    st.builds(
        condition,
        st.just("text"),
        st.just(ValueType.TEXT),
        st.sampled_from(["is", "is_not", "any_of", "none_of", "contains", "contains_word", "starts_with", "ends_with"]),
        several(WORDS),
        st.booleans(),
    ),
    st.builds(
        condition,
        st.just("text"),
        st.just(ValueType.TEXT),
        st.just("matches"),
        several(PATTERNS[:-1]),
        st.booleans(),
    ),
)
CONDITIONS = st.one_of(
    TEXT_CONDITIONS,
    st.builds(
        condition,
        st.sampled_from(["channel", "conversation.status"]),
        st.just(ValueType.WORD),
        st.sampled_from(["is", "is_not", "any_of", "none_of", "changed_from", "changed_to"]),
        several(CHANNELS),
    ),
    st.builds(
        condition,
        st.just("contact.tags"),
        st.just(ValueType.SET),
        st.sampled_from(["has", "has_any", "has_all", "has_none"]),
        several(TAGS),
    ),
    st.builds(
        condition,
        st.just("time.hour"),
        st.just(ValueType.NUMBER),
        st.sampled_from(["is", "is_not", "any_of", "none_of", "gt", "gte", "lt", "lte"]),
        several((8, 9, 9.5, 18)),
    ),
    st.builds(
        condition,
        st.just("conversation.age"),
        st.just(ValueType.DURATION),
        st.sampled_from(["older_than", "newer_than", "between"]),
        st.sampled_from([(60, 3600), (0, 60)]),
    ),
    st.builds(
        condition,
        st.just("time.date"),
        st.just(ValueType.DATE),
        st.sampled_from(["is", "none_of", "gt", "between"]),
        st.sampled_from([(DAYS[0], DAYS[1]), (DAYS[1], DAYS[2])]),
    ),
    st.builds(condition, st.just("has_attachment"), st.just(ValueType.FLAG), st.sampled_from(["is", "is_not"]), FLAGS),
    st.builds(
        condition,
        st.sampled_from(["text", "channel", "contact.tags", "time.hour", "has_attachment", "weather"]),
        st.just(ValueType.TEXT),
        st.just("is_set"),
        FLAGS,
    ),
    st.builds(condition, st.just("conversation.status"), st.just(ValueType.WORD), st.just("changed"), FLAGS),
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
            "inbox": st.sampled_from(["support", "sales", "Support", None]),
        },
    ),
)
FactsByName = dict[str, FactValue]
