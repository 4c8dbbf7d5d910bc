"""Two years of an inbox, in the order in which they happened: conversations that overlap, each with its messages.

Skew as in life: inboxes by Zipf, contacts too (the busiest has thousands of conversations, one in five none), nearly
everything is closed; what is open is of the last weeks. Rows are tuples in the order of `COLUMNS`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.rig import desk
from bench.rig.inbox.desk import ZIPF
from bench.rig.inbox.words import texts

Row = tuple[object, ...]
COLUMNS: dict[str, Sequence[str]] = {
    "contacts": ("id", "name", "linked", "locale", "custom", "created_at"),
    "contact_addresses": ("id", "contact_id", "kind", "scope", "address"),
    "conversations": (
        "id", "inbox_id", "channel_id", "contact_id", "address_id", "status", "priority", "assignee_id", "team_id",
        "assigned_at", "queued_at", "snoozed_until", "waiting_since", "last_inbound_at", "last_message_at",
        "last_message_text", "last_message_kind", "last_message_direction", "inbound_count", "inbound_received_at",
        "message_count", "opened_at", "closed_at", "turned_at",
    ),
    "conversation_agents": ("conversation_id", "agent_id", "read_sequence", "read_inbound", "takes_part"),
    "activity": ("at", "conversation_id", "actor_kind", "what", "before", "after"),
    "conversation_tags": ("conversation_id", "tag"),
    "messages": (
        "id", "conversation_id", "channel_id", "sequence", "direction", "kind", "text", "sender_kind", "sender_id",
        "external_id", "provider_time", "received_at", "shown_at", "state",
    ),
    "consents": ("pool", "address", "state", "source", "evidence", "at"),
}  # fmt: skip
DAYS = 730
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = "Anna Luca Marta Paolo Giulia Marco Sara Pietro Emma Jack Olivia Harry Amelia George Isla Noah Ruth Owen"
_LAST = "Rossi Bianchi Ferrari Russo Gallo Costa Conti Smith Jones Taylor Brown Evans Walker White Green Hall"
_TAGS = ("vip", "urgent", *desk.TOPICS)


@dataclass(frozen=True)
class Place:
    """An inbox with its channel and its team, by their ids."""

    inbox_id: str
    channel_id: str
    team_id: str
    agent_ids: Sequence[str]


@dataclass(frozen=True)
class Size:
    conversations: int

    @property
    def contacts(self) -> int:
        return max(10, self.conversations * 3 // 10)

    @property
    def messages(self) -> int:
        return self.conversations * 5


def make_id(micros: int, number: int) -> str:
    """As `casella.ids` makes them, of that moment; `number` in place of chance."""
    value = (micros // 1000 << 80) | number
    pairs = _PAIRS
    return "".join([pairs[(value >> shift) & 1023] for shift in range(120, -1, -10)])


def moment(micros: int) -> datetime:
    """What a number of a row means."""
    return _EPOCH + timedelta(microseconds=micros)


@dataclass(slots=True)
class _Conversation:
    id: str
    place: Place
    contact: int
    left: int  # messages to come
    opened: int
    assignee: str | None
    count: int = 0
    last: int = 0
    last_in: int = 0
    inbound: int = 0
    direction: str = "in"
    text: str = ""


@dataclass
class History:
    """`rows` yields (table, row) until all is told, conversations when they are over. Moments are
    microseconds since 1970."""

    size: Size
    places: Sequence[Place]
    until: datetime
    seed: int = 3

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._end = (self.until - _EPOCH) // timedelta(microseconds=1)
        self._begin = self._end - DAYS * 86_400_000_000
        self._words = texts(self._chance, min(100_000, self.size.messages))
        self._homes = self._chance.choices(range(len(self.places)), cum_weights=ZIPF, k=self.size.contacts)
        self._first, self._last = _FIRST.split(), _LAST.split()
        self._live: dict[tuple[str, int], _Conversation] = {}  # not closed, or not yet known to be
        self._told: list[tuple[str, Row]] = []
        self._made = 0

    def rows(self) -> Iterator[tuple[str, Row]]:
        for number in range(self.size.contacts):
            yield from self._contact(number)
        active = [self._new(self._begin) for _ in range(max(4, self.size.conversations // 500))]
        pace = (self._end - self._begin) / self.size.messages
        pick = self._chance.random
        for number in range(self.size.messages):
            at = self._begin + int(number * pace)
            place = int(pick() * len(active))
            yield self._message(active[place], at, number)
            if active[place].left == 0:
                self._end_of(active[place], stays=number > self.size.messages * 0.95 and pick() < 0.5)
                active[place] = self._new(at)
            if self._told:
                yield from self._told
                self._told.clear()
        for conversation in self._live.values():
            if conversation.count:
                self._write(conversation, self._chance.choices(("open", "snoozed"), (9, 1))[0])
        yield from self._told

    def _contact(self, number: int) -> Iterator[tuple[str, Row]]:
        name = f"{self._first[number % len(self._first)]} {self._last[number // 7 % len(self._last)]}"
        id, phone, locale = self._contact_id(number), f"+39333{number:07d}", "en" if number % 3 else "it"
        yield "contacts", (id, name, number % 5 < 2, locale, "{}", self._begin)
        yield "contact_addresses", (self._address_id(number), id, "phone", "", phone)
        if number % 100 == 7:
            pool = self.places[self._homes[number]].channel_id
            yield "consents", (pool, phone, "opted_out", "keyword", "STOP", self._begin)

    def _contact_id(self, number: int) -> str:
        return make_id(self._begin, 1 << 60 | number)

    def _address_id(self, number: int) -> str:
        return make_id(self._begin, 2 << 60 | number)

    def _new(self, at: int) -> _Conversation:
        """Of a contact who has no other conversation in that inbox; one that was left open is closed by now."""
        chance = self._chance
        while True:
            contact = int(self.size.contacts * chance.random() ** 2)
            home = self._homes[contact] if chance.random() < 0.85 else int(chance.random() * len(self.places))
            place = self.places[home]
            before = self._live.get((place.channel_id, contact))
            if before is None or before.left == 0:
                break
        if before is not None:
            self._write(before, "closed")
        self._made += 1
        assignee = chance.choice(place.agent_ids) if chance.random() < 0.85 else None
        length = chance.choice((1, 2, 2, 3, 4, 5, 6, 8, 14))
        made = _Conversation(make_id(at, 3 << 60 | self._made), place, contact, length, at, assignee)
        self._live[place.channel_id, contact] = made
        return made

    def _message(self, of: _Conversation, at: int, number: int) -> tuple[str, Row]:
        chance = self._chance.random()
        direction = "in" if of.count == 0 or chance < 0.5 else "note" if chance > 0.97 else "out"
        _, of.text = next(self._words)
        of.direction = direction
        of.left, of.count, of.last = of.left - 1, of.count + 1, at
        if direction == "in":
            of.last_in, of.inbound = at, of.inbound + 1
            sender, state = ("contact", self._contact_id(of.contact)), "received"
        else:
            sender, state = ("agent", of.assignee or of.place.agent_ids[0]), "delivered"
        external_id = None if direction == "note" else f"SM{number:032x}"
        id = make_id(at, 4 << 60 | number)
        times = (at, at, at)
        return "messages", (
            id, of.id, of.place.channel_id, of.count, direction, "text", of.text, *sender, external_id, *times, state,
        )  # fmt: skip

    def _end_of(self, conversation: _Conversation, *, stays: bool) -> None:
        """`stays` open; else it is closed for good."""
        if not stays:
            self._write(conversation, "closed")
            del self._live[conversation.place.channel_id, conversation.contact]

    def _write(self, one: _Conversation, status: str) -> None:
        place, is_closed = one.place, status == "closed"
        waits = one.direction == "in" and not is_closed
        closed = one.last + 600_000_000 if is_closed else None
        queued = one.opened if not is_closed and one.assignee is None else None
        snoozed = self._end + 86_400_000_000 if status == "snoozed" else None
        priority = self._chance.choices(("normal", "low", "high", "urgent"), (80, 8, 8, 4))[0]
        self._told.append(("conversations", (
            one.id, place.inbox_id, place.channel_id, self._contact_id(one.contact), self._address_id(one.contact),
            status, priority, one.assignee, place.team_id, one.opened if one.assignee else None, queued, snoozed,
            one.last_in if waits else None, one.last_in, one.last, one.text[:200], "text", one.direction, one.inbound,
            one.last_in, one.count, one.opened, closed, closed or one.opened,
        )))  # fmt: skip
        for tag in {self._chance.choice(_TAGS) for _ in range(self._chance.choice((0, 0, 0, 1, 2)))}:
            self._told.append(("conversation_tags", (one.id, tag)))
        self._told += self._readers(one, waits=waits)
        if one.assignee:
            self._told.append(("activity", (one.opened, one.id, "rule", "assigned", None, one.assignee)))
        if closed:
            self._told.append(("activity", (closed, one.id, "agent", "closed", "open", "closed")))

    def _readers(self, one: _Conversation, *, waits: bool) -> Iterator[tuple[str, Row]]:
        """Who has it has read it, but for the newest message where it waits; in one of three so has a colleague."""
        until = one.count - waits, one.inbound - waits
        if one.assignee:
            yield "conversation_agents", (one.id, one.assignee, *until, True)
        colleague = self._chance.choice(one.place.agent_ids)
        if colleague != one.assignee and self._chance.random() < 0.33:
            yield "conversation_agents", (one.id, colleague, one.count, one.inbound, self._chance.random() < 0.3)
