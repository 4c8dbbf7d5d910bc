"""The built-in entries of the language. Each is here because something behind it works."""

from __future__ import annotations

from .arguments import Assign, Note, Nothing, Reply, SetPriority, Tags
from .hours import WEEKDAYS
from .vocabulary import (
    EMPTY,
    ActionSpec,
    EventSpec,
    FieldSpec,
    OperatorSpec,
    StrategySpec,
    Takes,
    ValueType,
    Vocabulary,
)

TEXT, WORD, SET = ValueType.TEXT, ValueType.WORD, ValueType.SET
NUMBER, DURATION, FLAG, DATE = ValueType.NUMBER, ValueType.DURATION, ValueType.FLAG, ValueType.DATE

EVENTS = (
    EventSpec("conversation_opened", "A conversation begins, by the customer or by an agent."),
    EventSpec("message_received", "The customer has written."),
    EventSpec("message_sent", "A message has left for the customer, written by an agent, a rule or a campaign."),
    EventSpec("message_failed", "A message could not be delivered, for good."),
    EventSpec("conversation_assigned", "The conversation got an agent or a team."),
    EventSpec("conversation_unassigned", "The conversation lost its agent."),
    EventSpec("conversation_waiting", "The customer has been without an answer for a time."),
    EventSpec("conversation_idle", "Nobody has written for a time."),
    EventSpec("conversation_closed", "The conversation was closed."),
    EventSpec("conversation_reopened", "A closed conversation was opened again."),
    EventSpec("conversation_tagged", "The conversation got a tag or lost one."),
    EventSpec("contact_opted_out", "The customer wants no more messages."),
    EventSpec("contact_opted_in", "The customer wants messages again."),
    EventSpec("survey_answered", "The customer has answered a survey."),
    EventSpec("agent_available", "An agent can take work."),
    EventSpec("queue_full", "Nobody is free and the queue has reached its limit."),
    EventSpec("schedule", "A time of the calendar has come."),
)

STATUSES = ("open", "snoozed", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
KINDS = (
    "text",
    "image",
    "audio",
    "voice",
    "video",
    "document",
    "location",
    "contacts",
    "sticker",
    "reaction",
    "interactive",
    "button",
    "story_reply",
    "story_mention",
    "share",
    "unsupported",
)

FIELDS = (
    FieldSpec("event", WORD, "What happened.", "event: message_received", values=tuple(e.name for e in EVENTS)),
    FieldSpec("channel", WORD, "The channel, by its key or by its type.", "channel: [whatsapp, sms]", names="channel"),
    FieldSpec("channel_type", WORD, "The kind of channel.", "channel_type: sms", names="channel_type"),
    FieldSpec("inbox", WORD, "The inbox the conversation is in.", "inbox: support", names="inbox"),
    FieldSpec("text", TEXT, "What the customer wrote.", "text: {contains_word: refund}"),
    FieldSpec("kind", WORD, "What kind of message it is.", "kind: image", values=KINDS),
    FieldSpec("has_attachment", FLAG, "Whether a file came along.", "has_attachment: true"),
    FieldSpec("contact.name", TEXT, "The customer's name.", "contact.name: {starts_with: Dr}"),
    FieldSpec("contact.phone", TEXT, "The customer's number.", 'contact.phone: {starts_with: "+39"}'),
    FieldSpec("contact.tags", SET, "The customer's tags.", "contact.tags: {has: vip}", names="tag"),
    FieldSpec("contact.is_new", FLAG, "Whether this is the customer's first conversation.", "contact.is_new: true"),
    FieldSpec("contact.opted_out", FLAG, "Whether the customer wants no messages.", "contact.opted_out: false"),
    FieldSpec(
        "conversation.status",
        WORD,
        "Open, snoozed or closed.",
        "conversation.status: open",
        values=STATUSES,
        tracked=True,
    ),
    FieldSpec(
        "conversation.priority",
        WORD,
        "How urgent it is.",
        "conversation.priority: {any_of: [high, urgent]}",
        values=PRIORITIES,
        tracked=True,
    ),
    FieldSpec(
        "conversation.tags", SET, "The conversation's tags.", "conversation.tags: {has_none: [spam]}", names="tag"
    ),
    FieldSpec("conversation.is_new", FLAG, "Whether this is its first message.", "conversation.is_new: true"),
    FieldSpec(
        "conversation.assignee",
        WORD,
        "The agent who has it.",
        "conversation.assignee: {is_set: false}",
        names="agent",
        tracked=True,
    ),
    FieldSpec(
        "conversation.team", WORD, "The team that has it.", "conversation.team: billing", names="team", tracked=True
    ),
    FieldSpec(
        "hours.*",
        WORD,
        "Whether these office hours are open now.",
        "hours: {support: open}",
        star="hours",
        values=("open", "closed"),
    ),
    FieldSpec(
        "time.weekday", WORD, "The day, in the inbox's time zone.", "time.weekday: [saturday, sunday]", values=WEEKDAYS
    ),
    FieldSpec(
        "time.date", DATE, "The date, in the inbox's time zone.", "time.date: {between: [2026-12-24, 2026-12-26]}"
    ),
    FieldSpec("time.hour", NUMBER, "The hour from 0 to 23, in the inbox's time zone.", "time.hour: {gte: 18}"),
)

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

ACTIONS = (
    ActionSpec(
        "assign",
        Assign,
        "Give the conversation to a team or an agent. The first one of a run wins.",
        "assign: {team: billing, strategy: least_busy}",
        first_wins=True,
    ),
    ActionSpec("tag", Tags, "Put tags on the conversation.", "tag: [refund, urgent]", shorthand="tags"),
    ActionSpec("untag", Tags, "Take tags off the conversation.", "untag: waiting", shorthand="tags"),
    ActionSpec("priority", SetPriority, "Say how urgent it is.", "priority: urgent", shorthand="priority"),
    ActionSpec("reply", Reply, "Answer the customer.", "reply: {canned: greeting}"),
    ActionSpec("note", Note, "Leave a note for agents.", "note: Asked for money back twice.", shorthand="text"),
    ActionSpec("close", Nothing, "Close the conversation.", "close"),
    ActionSpec("stop", Nothing, "Ask no further rules.", "stop"),
)

STRATEGIES = (
    StrategySpec("least_busy", "The agent with the fewest open conversations; among equals, who has waited longest."),
    StrategySpec("round_robin", "One after the other, evenly."),
    StrategySpec("longest_idle", "Whose last assignment is longest ago."),
    StrategySpec("sticky", "The agent who last served this contact; when that one cannot, the least busy."),
    StrategySpec("weighted", "In proportion to the agents' weights."),
    StrategySpec("manual", "Nobody: the conversation waits in the team's queue."),
)


def builtin_vocabulary() -> Vocabulary:
    """The language without plugins."""
    return EMPTY.extended(events=EVENTS, fields=FIELDS, operators=OPERATORS, actions=ACTIONS, strategies=STRATEGIES)
