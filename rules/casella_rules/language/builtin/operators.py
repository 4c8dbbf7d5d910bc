"""The built-in operators. Plugins bring fields; what may be asked of them follows from their type."""

from __future__ import annotations

from casella_rules.language.vocabulary import OperatorSpec, Takes, ValueType

TEXT, WORD, SET = ValueType.TEXT, ValueType.WORD, ValueType.SET
NUMBER, DURATION, FLAG, DATE = ValueType.NUMBER, ValueType.DURATION, ValueType.FLAG, ValueType.DATE

_ALL = frozenset(ValueType)
_SINGLE = frozenset({TEXT, WORD, NUMBER, FLAG, DATE})
_LISTED = frozenset({TEXT, WORD, NUMBER, DATE})
_ORDERED = frozenset({NUMBER, DURATION, DATE})
_TRACKED = frozenset({WORD})

OPERATORS = (
    OperatorSpec("is", _SINGLE, Takes.ONE, "Equal to this.", "channel: {is: sms}"),
    OperatorSpec("is_not", _SINGLE, Takes.ONE, "Something else than this.", "inbox: {is_not: sales}"),
    OperatorSpec("any_of", _LISTED, Takes.MANY, "One of these.", "channel: {any_of: [sms, whatsapp]}"),
    OperatorSpec(
        "none_of", _LISTED, Takes.MANY, "Something else than all of these.", "inbox: {none_of: [sales, press]}"
    ),
    OperatorSpec(
        "contains",
        frozenset({TEXT}),
        Takes.MANY,
        "One of these stands in it, also inside a word.",
        "text: {contains: refund}",
    ),
    OperatorSpec(
        "contains_word",
        frozenset({TEXT}),
        Takes.MANY,
        "One of these words or phrases stands in it.",
        'text: {contains_word: [refund, "money back"]}',
    ),
    OperatorSpec(
        "starts_with", frozenset({TEXT}), Takes.MANY, "It begins with one of these.", "text: {starts_with: help}"
    ),
    OperatorSpec("ends_with", frozenset({TEXT}), Takes.MANY, "It ends with one of these.", 'text: {ends_with: "?"}'),
    OperatorSpec(
        "matches",
        frozenset({TEXT}),
        Takes.MANY,
        "One of these regular expressions (RE2) is found in it.",
        "text: {matches: 'order #?[0-9]{6}'}",
    ),
    OperatorSpec("has", frozenset({SET}), Takes.ONE, "This is among them.", "contact.tags: {has: vip}"),
    OperatorSpec(
        "has_any", frozenset({SET}), Takes.MANY, "At least one of these is.", "contact.tags: {has_any: [vip, press]}"
    ),
    OperatorSpec(
        "has_all", frozenset({SET}), Takes.MANY, "All of these are.", "contact.tags: {has_all: [vip, italian]}"
    ),
    OperatorSpec("has_none", frozenset({SET}), Takes.MANY, "None of these is.", "contact.tags: {has_none: [spam]}"),
    OperatorSpec("gt", _ORDERED, Takes.ONE, "More than this.", "time.hour: {gt: 17}"),
    OperatorSpec("gte", _ORDERED, Takes.ONE, "This or more.", "time.hour: {gte: 18}"),
    OperatorSpec("lt", _ORDERED, Takes.ONE, "Less than this.", "time.hour: {lt: 9}"),
    OperatorSpec("lte", _ORDERED, Takes.ONE, "This or less.", "time.hour: {lte: 8}"),
    OperatorSpec(
        "between", _ORDERED, Takes.PAIR, "From the first to the second, both included.", "time.hour: {between: [9, 17]}"
    ),
    OperatorSpec(
        "older_than", frozenset({DURATION}), Takes.ONE, "Longer than this.", "conversation.age: {older_than: 2d}"
    ),
    OperatorSpec(
        "newer_than", frozenset({DURATION}), Takes.ONE, "Shorter than this.", "conversation.age: {newer_than: 1h}"
    ),
    OperatorSpec(
        "is_set", _ALL, Takes.FLAG, "Whether there is a value at all.", "conversation.assignee: {is_set: false}"
    ),
    OperatorSpec(
        "changed",
        _TRACKED,
        Takes.FLAG,
        "Whether this event changed it.",
        "conversation.priority: {changed: true}",
        tracked=True,
    ),
    OperatorSpec(
        "changed_from",
        _TRACKED,
        Takes.MANY,
        "This event changed it, and it was one of these.",
        "conversation.status: {changed_from: closed}",
        tracked=True,
    ),
    OperatorSpec(
        "changed_to",
        _TRACKED,
        Takes.MANY,
        "This event made it one of these.",
        "conversation.priority: {changed_to: urgent}",
        tracked=True,
    ),
)
