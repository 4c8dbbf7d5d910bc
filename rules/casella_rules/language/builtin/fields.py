"""The built-in fields: what a rule may ask about."""

from __future__ import annotations

from casella_rules.hours import WEEKDAYS
from casella_rules.language.builtin.events import EVENTS
from casella_rules.language.limits import ALWAYS, COUNT, LENGTH, FieldLimits
from casella_rules.language.vocabulary import FieldSpec, ValueType

TEXT, WORD, SET = ValueType.TEXT, ValueType.WORD, ValueType.SET
NUMBER, DURATION, FLAG, DATE = ValueType.NUMBER, ValueType.DURATION, ValueType.FLAG, ValueType.DATE

STATUSES = ("open", "snoozed", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
BEGINNERS = ("contact", "agent", "rule", "campaign")
SENDERS = ("contact", "agent", "rule", "campaign", "survey", "other_client")
ROLES = ("agent", "manager", "admin")
KINDS = (
    "text", "image", "audio", "voice", "video", "document", "location", "contacts", "sticker", "reaction",
    "interactive", "button", "story_reply", "story_mention", "share", "call", "unsupported",
)  # fmt: skip

#: Events that are about a message. Others say nothing of its words.
_WITH_MESSAGE = FieldLimits(
    known_with=("message_received", "message_sent", "message_failed", "conversation_opened", "survey_answered")
)
_WHO_HAD_IT = FieldLimits(known_with=("conversation_assigned", "conversation_unassigned"))
_COUNTED = FieldLimits(COUNT.least, COUNT.most, whole=True, always=True)

_MESSAGE = (
    FieldSpec(
        "event", WORD, "What happened.", "event: message_received", values=tuple(e.name for e in EVENTS), limits=ALWAYS
    ),
    FieldSpec(
        "channel",
        WORD,
        "The channel, by its key or by its type.",
        "channel: [whatsapp, sms]",
        names="channel",
        limits=ALWAYS,
    ),
    FieldSpec("channel_type", WORD, "The kind of channel.", "channel_type: sms", names="channel_type", limits=ALWAYS),
    FieldSpec("inbox", WORD, "The inbox the conversation is in.", "inbox: support", names="inbox", limits=ALWAYS),
    FieldSpec("text", TEXT, "What the message says.", "text: {contains_word: refund}", limits=_WITH_MESSAGE),
    FieldSpec("kind", WORD, "What kind of message it is.", "kind: image", values=KINDS, limits=_WITH_MESSAGE),
    FieldSpec("has_attachment", FLAG, "Whether a file came along.", "has_attachment: true", limits=_WITH_MESSAGE),
    FieldSpec(
        "language",
        WORD,
        "The language of the message, as far as it can be told.",
        "language: it",
        code="language",
        limits=_WITH_MESSAGE,
    ),
    FieldSpec("quoted", TEXT, "The message that this one quotes.", "quoted: {is_set: true}", limits=_WITH_MESSAGE),
    FieldSpec("button", TEXT, "The button the customer tapped.", "button: {is: Yes please}", limits=_WITH_MESSAGE),
    FieldSpec("referral.source", TEXT, "The advertisement or link the customer came by.", "referral.source: ad"),
    FieldSpec("sent_by", WORD, "Who wrote the message.", "sent_by: agent", values=SENDERS, limits=_WITH_MESSAGE),
)

_CONVERSATION = (
    FieldSpec("conversation.status", WORD, "Open, snoozed or closed.", "conversation.status: open", values=STATUSES,
              tracked=True, limits=ALWAYS),
    FieldSpec("conversation.priority", WORD, "How urgent it is.", "conversation.priority: {any_of: [high, urgent]}",
              values=PRIORITIES, tracked=True, limits=ALWAYS),
    FieldSpec("conversation.tags", SET, "The conversation's tags.", "conversation.tags: {has_none: [spam]}",
              names="tag", limits=ALWAYS),
    FieldSpec("conversation.assignee", WORD, "The agent who has it.", "conversation.assignee: {is_set: false}",
              names="agent", tracked=True),
    FieldSpec("conversation.team", WORD, "The team that has it.", "conversation.team: billing", names="team",
              tracked=True),
    FieldSpec("conversation.subject", TEXT, "What it is about, where the channel says so.",
              "conversation.subject: {contains: invoice}"),
    FieldSpec("conversation.campaign", TEXT, "The name of the campaign that wrote in it last.",
              "conversation.campaign: {contains: sale}"),
    FieldSpec("conversation.is_new", FLAG, "Whether this is its first message.", "conversation.is_new: true",
              limits=ALWAYS),
    FieldSpec("conversation.started_by", WORD, "Who began it.", "conversation.started_by: agent", values=BEGINNERS,
              limits=ALWAYS),
    FieldSpec("conversation.messages", NUMBER, "How many messages it has.", "conversation.messages: {gte: 10}",
              limits=_COUNTED),
    FieldSpec("conversation.waiting", DURATION, "How long the customer has been without an answer.",
              "conversation.waiting: {older_than: 30m}", limits=LENGTH, in_hours=True),
    FieldSpec("conversation.age", DURATION, "How long ago it began.", "conversation.age: {older_than: 2d}",
              limits=FieldLimits(least=0, always=True), in_hours=True),
    FieldSpec("conversation.idle", DURATION, "How long nobody has written.", "conversation.idle: {older_than: 3d}",
              limits=LENGTH, in_hours=True),
    FieldSpec("previous.status", WORD, "The status before this event changed it.", "previous.status: closed",
              values=STATUSES,
              limits=FieldLimits(known_with=("conversation_closed", "conversation_reopened"))),
    FieldSpec("previous.assignee", WORD, "The agent before this event changed it.", "previous.assignee: ann",
              names="agent", limits=_WHO_HAD_IT),
    FieldSpec("previous.team", WORD, "The team before this event changed it.", "previous.team: billing",
              names="team", limits=_WHO_HAD_IT),
    FieldSpec("previous.priority", WORD, "The priority before this event changed it.", "previous.priority: low",
              values=PRIORITIES, limits=FieldLimits(known_with=("conversation_prioritized",))),
)  # fmt: skip

_CONTACT = (
    FieldSpec("contact.name", TEXT, "The customer's name.", "contact.name: {starts_with: Dr}"),
    FieldSpec("contact.first_name", TEXT, "The first word of the customer's name.", "contact.first_name: Ada"),
    FieldSpec("contact.phone", TEXT, "The customer's number.", 'contact.phone: {starts_with: "+39"}'),
    FieldSpec("contact.country", WORD, "The country of the customer's number.", "contact.country: [IT, CH]",
              code="country"),
    FieldSpec("contact.language", WORD,
              "The customer's language, as the channel says or several messages are written in; `it` is also `it-IT`.",
              "contact.language: it", code="language"),
    FieldSpec("contact.tags", SET, "The customer's tags.", "contact.tags: {has: vip}", names="tag",
              limits=ALWAYS),
    FieldSpec("contact.is_new", FLAG, "Whether this is the customer's first conversation.", "contact.is_new: true",
              limits=ALWAYS),
    FieldSpec("contact.opted_out", FLAG, "Whether the customer wants no messages.", "contact.opted_out: false",
              limits=ALWAYS),
    FieldSpec("contact.favourite", FLAG, "Whether whoever has the conversation marked the customer as a favourite.",
              "contact.favourite: true"),
    FieldSpec("contact.conversations", NUMBER, "How many conversations the customer has had, this one included.",
              "contact.conversations: {gte: 5}", limits=_COUNTED),
    FieldSpec("contact.custom.*", WORD, "One of the desk's own attributes of contacts, of the type the desk says.",
              "contact.custom.plan: gold", star="attribute"),
)  # fmt: skip

_HOUSE = (
    FieldSpec("hours.*", WORD, "Whether these office hours are open now.", "hours: {support: open}", star="hours",
              values=("open", "closed"), limits=ALWAYS),
    FieldSpec("agent.name", TEXT, "The name of the agent who has the conversation, or who is available.",
              "agent.name: {starts_with: Dr}"),
    FieldSpec("agent.first_name", TEXT, "The first word of that agent's name.", "agent.first_name: Ann"),
    FieldSpec("agent.role", WORD, "That agent's role.", "agent.role: manager", values=ROLES),
    FieldSpec("agent.teams", SET, "That agent's teams.", "agent.teams: {has: billing}", names="team"),
    FieldSpec("agent.skills", SET, "What that agent can do.", "agent.skills: {has: refunds}"),
    FieldSpec("agent.languages", SET, "The languages that agent speaks.", "agent.languages: {has: it}"),
    FieldSpec("agent.available", FLAG, "Whether that agent takes work now.", "agent.available: false"),
    FieldSpec("agent.open", NUMBER, "How many open conversations that agent has.", "agent.open: {gte: 5}",
              limits=COUNT),
    FieldSpec("team.*.available", NUMBER, "How many agents of the team can take work now.",
              "team.billing.available: 0", star="team", limits=_COUNTED),
    FieldSpec("team.*.waiting", NUMBER, "How many conversations wait in the team's queue.",
              "team.billing.waiting: {gt: 5}", star="team", limits=_COUNTED),
    FieldSpec("survey.score", NUMBER, "What the customer answered, in a survey_answered.",
              "survey.score: {lte: 2}", limits=FieldLimits(0, 10, whole=True, known_with=("survey_answered",))),
    FieldSpec("time.weekday", WORD, "The day, in the inbox's time zone.", "time.weekday: [saturday, sunday]",
              values=WEEKDAYS, limits=ALWAYS),
    FieldSpec("time.date", DATE, "The date, in the inbox's time zone.",
              "time.date: {between: [2026-12-24, 2026-12-26]}", limits=ALWAYS),
    FieldSpec("time.hour", NUMBER, "The hour from 0 to 23, in the inbox's time zone.", "time.hour: {gte: 18}",
              limits=FieldLimits(0, 23, whole=True, always=True)),
)  # fmt: skip

FIELDS = (*_MESSAGE, *_CONVERSATION, *_CONTACT, *_HOUSE)
