"""Gathering facts: what the rules may ask about a conversation at this moment.

What is at hand is always given. What costs a question to the database, or thinking, is given only where a rule of the
desk asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import func, select

from casella.desk import first_name
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Deskbook, Rooms, phone_of
from casella.inbox.routing.facts.customer_words import button, detail, quoted, written_language
from casella.inbox.routing.facts.organisation import HouseFacts
from casella.inbox.routing.facts.plugin_fields import gathered
from casella.inbox.routing.rule_events import Happening
from casella.inbox.state import ConversationState, Values, Workspace, last_written
from casella.origins import country_of, language_of
from casella.store.queries.people import contact_queries
from casella.store.tables import contacts, conversations
from casella_rules import FactValue
from casella_rules.language.open_time import measured_in

#: Gathered for every message whatever the rules ask, so that a missing one means: it had no value.
ALWAYS_GATHERED = frozenset(
    {
        "event", "channel", "channel_type", "inbox", "text", "kind", "has_attachment", "contact.name", "contact.phone",
        "contact.tags", "contact.opted_out", "conversation.status", "conversation.priority", "conversation.tags",
        "conversation.is_new", "conversation.assignee", "conversation.team",
    }
)  # fmt: skip
ALWAYS_FAMILIES = ("previous.", "time.", "hours.")


class FactGatherer:
    """One per transaction: what was asked once is remembered."""

    def __init__(self, rooms: Rooms, work: Workspace, consent: ConsentBook) -> None:
        self._rooms = rooms
        self._work = work
        self._consent = consent
        self._book: Deskbook = rooms.desk.current
        self._house = HouseFacts(rooms, work.db, work.now)
        self._time_facts: dict[str, Mapping[str, FactValue]] = {}
        self._contacts: dict[str, Mapping[str, FactValue]] = {}
        #: Of the facts given last: fields of plugins that could not be had, and why.
        self.unavailable: dict[str, str] = {}
        self._extra = [(name, ask) for name in sorted(self._book.ruleset.fields) if (ask := _asked(name))]

    def of(self, happening: Happening) -> dict[str, FactValue]:
        """Everything the rules may see of this event."""
        conversation = happening.conversation
        directory = self._rooms.directory.current
        channel, contact, row = conversation.channel, conversation.address.contact, conversation.row
        assignee = directory.agents.get(conversation.assignee_id or "")
        team = directory.teams.get(conversation.team_id or "")
        kind, _, address = conversation.address.key
        values: dict[str, FactValue] = {
            "channel": frozenset((channel.key, channel.channel_type)),
            "channel_type": channel.channel_type,
            "inbox": conversation.inbox.key,
            "contact.name": contact.name,
            "contact.phone": phone_of(kind, address),
            "contact.tags": frozenset(contact.tags),
            "contact.is_new": self._is_new(conversation),
            "contact.opted_out": self._consent.is_stopped(channel, address),
            "conversation.status": str(row["status"]),
            "conversation.priority": str(row["priority"]),
            "conversation.tags": frozenset(conversation.tags),
            "conversation.is_new": row["message_count"] == 1 or conversation.is_first_message,
            "conversation.assignee": assignee.key if assignee else None,
            "conversation.team": team.key if team else None,
        }
        if happening.message is not None:
            values |= _of_message(happening.message)
        values |= happening.previous
        values |= happening.more
        for name, ask in self._extra:
            values[name] = ask(self, happening, name)
        values |= self._time(conversation)
        self.unavailable = {}
        if self._book.guest_fields:
            found, self.unavailable = gathered(self._rooms, happening, values, self._work.now)
            values |= found
        return values

    def _time(self, conversation: ConversationState) -> Mapping[str, FactValue]:
        zone = conversation.inbox.timezone
        if zone not in self._time_facts:
            self._time_facts[zone] = self._book.time_facts(self._work.now, zone)
        return self._time_facts[zone]

    def _is_new(self, conversation: ConversationState) -> bool:
        contact = conversation.address.contact
        if contact.is_new or "contact.is_new" not in self._book.ruleset.fields:
            return contact.is_new
        return self._conversations(conversation) <= 1

    def _conversations(self, conversation: ConversationState) -> int:
        his = conversations.c.contact_id == conversation.address.contact.id
        query = select(func.count()).where(his, conversations.c.world == "shared")
        return int(self._work.db.execute(query).scalar_one()) + conversation.is_new

    def _custom(self, conversation: ConversationState) -> Mapping[str, FactValue]:
        """The desk's own attributes."""
        contact = conversation.address.contact
        if contact.is_new:
            return contact.custom or {}
        if contact.id not in self._contacts:
            query = select(contacts.c.custom).where(contacts.c.id == contact.id)
            self._contacts[contact.id] = self._work.db.execute(query).scalar_one_or_none() or {}
        return {**self._contacts[contact.id], **contact.custom}

    # --- one fact each, asked for by a rule -----------------------------------------------------------------------

    def subject(self, happening: Happening, _: str) -> FactValue:
        value = happening.conversation.row["subject"]
        return str(value) if value else None

    def campaign(self, happening: Happening, _: str) -> FactValue:
        value = happening.conversation.row["campaign"]
        return str(value["name"]) if isinstance(value, dict) else None

    def started_by(self, happening: Happening, _: str) -> FactValue:
        return str(happening.conversation.row["started_by"])

    def message_count(self, happening: Happening, _: str) -> FactValue:
        return int(str(happening.conversation.row["message_count"]))

    def waiting(self, happening: Happening, name: str) -> FactValue:
        return self._since(happening.conversation.row["waiting_since"], name)

    def age(self, happening: Happening, name: str) -> FactValue:
        return self._since(happening.conversation.row["opened_at"], name)

    def idle(self, happening: Happening, name: str) -> FactValue:
        conversation, message = happening.conversation, happening.message
        if message is not None and message["sender_kind"] == "contact" and not happening.chain.path:
            return self._since(message["shown_at"], name)  # written this very moment, perhaps not stored yet
        known = None if conversation.is_new else last_written(self._work.db, conversation.id)
        return self._since(known or conversation.row["last_message_at"], name)

    def _since(self, moment: object, name: str) -> FactValue:
        """How long ago, in the office hours that the name says."""
        hours = measured_in(name)[1]
        return int(self._book.passed(hours, moment, self._work.now)) if isinstance(moment, datetime) else None

    def conversations_had(self, happening: Happening, _: str) -> FactValue:
        return self._conversations(happening.conversation)

    def favourite(self, happening: Happening, _: str) -> FactValue:
        """Of whoever has the conversation: each agent has favourites of his own."""
        holder, contact = happening.conversation.assignee_id, happening.conversation.address.contact
        if holder is None or contact.is_new:
            return False
        return bool(contact_queries.favourites_among(self._work.db, holder, [contact.id]))

    def attribute(self, happening: Happening, name: str) -> FactValue:
        key = name.removeprefix("contact.custom.")
        value = self._custom(happening.conversation).get(key)
        if isinstance(value, str) and self._book.attribute_is_date(key):
            return _date_in(value)
        return value

    def first_name(self, happening: Happening, _: str) -> FactValue:
        return first_name(happening.conversation.address.contact.name)

    def contact_language(self, happening: Happening, _: str) -> FactValue:
        """What the channel has told of him, or what several of his messages are written in."""
        contact = happening.conversation.address.contact
        return contact.locale or written_language(self._work.db, contact, happening.message)

    def country(self, happening: Happening, _: str) -> FactValue:
        kind, _scope, address = happening.conversation.address.key
        return country_of(address) if phone_of(kind, address) else None

    def language(self, happening: Happening, _: str) -> FactValue:
        message = happening.message
        return (detail(message, "language") or language_of(str(message["text"]))) if message else None

    def quoted(self, happening: Happening, _: str) -> FactValue:
        return quoted(self._work.db, happening.message) if happening.message else None

    def button(self, happening: Happening, _: str) -> FactValue:
        return button(happening.message) if happening.message else None

    def referral(self, happening: Happening, _: str) -> FactValue:
        message = happening.message or {}
        told = happening.conversation.row.get("referral")
        source = told.get("source") if isinstance(told, dict) else None
        return detail(message, "referral.source") or (str(source) if source else None)

    def of_agent(self, happening: Happening, name: str) -> FactValue:
        return self._house.agent(happening.conversation.assignee_id, name)

    def of_team(self, _: Happening, name: str) -> FactValue:
        return self._house.team(name)


def _of_message(message: Values) -> dict[str, FactValue]:
    return {
        "text": str(message["text"]),
        "kind": str(message["kind"]),
        "has_attachment": bool(message["has_attachments"]),
        "sent_by": str(message["sender_kind"]),
    }


Ask = Callable[[FactGatherer, Happening, str], FactValue]
_ASK: Mapping[str, Ask] = {
    "language": FactGatherer.language,
    "quoted": FactGatherer.quoted,
    "button": FactGatherer.button,
    "referral.source": FactGatherer.referral,
    "conversation.subject": FactGatherer.subject,
    "conversation.campaign": FactGatherer.campaign,
    "conversation.started_by": FactGatherer.started_by,
    "conversation.messages": FactGatherer.message_count,
    "conversation.waiting": FactGatherer.waiting,
    "conversation.age": FactGatherer.age,
    "conversation.idle": FactGatherer.idle,
    "contact.first_name": FactGatherer.first_name,
    "contact.country": FactGatherer.country,
    "contact.language": FactGatherer.contact_language,
    "contact.favourite": FactGatherer.favourite,
    "contact.conversations": FactGatherer.conversations_had,
}
_FAMILIES: Mapping[str, Ask] = {
    "contact.custom.": FactGatherer.attribute,
    "agent.": FactGatherer.of_agent,
    "team.": FactGatherer.of_team,
}


def _date_in(written: str) -> date | None:
    """None for what was noted when the attribute was of another type."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _asked(name: str) -> Ask | None:
    """Who answers for a field that is not always given."""
    return _ASK.get(measured_in(name)[0]) or next(
        (ask for start, ask in _FAMILIES.items() if name.startswith(start)), None
    )


def is_asked_for(name: str) -> bool:
    """Whether a field is gathered only where a rule asks for it."""
    return _asked(name) is not None
