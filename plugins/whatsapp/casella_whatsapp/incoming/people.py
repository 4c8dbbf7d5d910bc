"""Who wrote, to whom, and where: what all kinds of messages have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from casella.plugin import Event, Unsupported, made_id
from casella_whatsapp.identity import (
    CONTACT,
    RECIPIENT,
    SENDER,
    address_of,
    aliases_of,
    group_address,
    ids_of,
    unknown_address,
)
from casella_whatsapp.reading import Document, items, mapping, moment, word

_LONGEST_ID = 400
_RAW = 4000


@dataclass(frozen=True, slots=True)
class People:
    """The contacts an update names, by number and by user id."""

    by_id: dict[str, Document] = field(default_factory=dict)
    only: Document = field(default_factory=dict)

    @classmethod
    def of(cls, value: Document) -> People:
        known: dict[str, Document] = {}
        contacts = [mapping(contact) for contact in items(value.get("contacts"))]
        for contact in contacts:
            for key in filter(None, ids_of(contact, CONTACT)):
                known[key] = contact
        return cls(known, contacts[0] if len(contacts) == 1 else {})

    def who(self, *ids: str) -> Document:
        """The contact with one of these ids. Somebody who hides his number is named by his user id alone."""
        known = next((self.by_id[key] for key in ids if key in self.by_id), None)
        return known if known is not None else {} if any(ids) else self.only


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as far as all kinds are alike. `theirs`: the contact, which is the group where it was written in one.
    `sender`: who wrote there; empty when it was the business, through another client (`by_business`)."""

    ours: str
    theirs: str
    sender: str
    external_id: str
    at: datetime | None
    contact: Document
    message: Document
    by_business: bool

    @classmethod
    def received(cls, ours: str, message: Document, people: People) -> Arrived:
        """One element of `messages`."""
        ids = ids_of(message, SENDER)
        contact = people.who(*ids)
        sender = told_by(ids, contact)
        return cls._of(ours, message, contact, sender, by_business=False)

    @classmethod
    def echoed(cls, ours: str, message: Document, people: People) -> Arrived:
        """One element of `message_echoes`: typed in the WhatsApp Business app. The contact is who it was sent to."""
        ids = ids_of(message, RECIPIENT)
        contact = people.who(*ids)
        return cls._of(ours, message, contact, address_of(*ids), by_business=True)

    @classmethod
    def _of(cls, ours: str, message: Document, contact: Document, person: str, *, by_business: bool) -> Arrived:
        external_id, group = word(message.get("id")), word(message.get("group_id"))
        if not 0 < len(external_id) <= _LONGEST_ID:
            external_id = made_id("message", ours, written(message))
        theirs = group_address(group) if group else person or unknown_address(ours, external_id)
        sender = "" if by_business else person
        at = moment(message.get("timestamp"))
        return cls(ours, theirs, sender, external_id, at, contact, message, by_business)

    @property
    def kind(self) -> str:
        return word(self.message.get("type"))

    @property
    def group(self) -> str:
        return word(self.message.get("group_id"))

    @property
    def aliases(self) -> tuple[str, ...]:
        """None in a group, which is nobody's other name."""
        if self.group:
            return ()
        said = ids_of(self.message, RECIPIENT if self.by_business else SENDER)[1:]
        number, *others = ids_of(self.contact, CONTACT)
        return aliases_of(self.theirs, number, *(one for pair in zip(said, others, strict=True) for one in pair))

    @property
    def name(self) -> str:
        return word(mapping(self.contact.get("profile")).get("name"))

    def kept(self, what: str) -> list[Event]:
        """Something that is no message: a sentence about it."""
        raw = written(self.message)
        return [Unsupported(channel_address=self.ours, contact_address=self.theirs, what=what, raw=raw)]


def told_by(ids: list[str], contact: Document) -> str:
    """The address that a message and its contact give together, the number before ids."""
    return address_of(*(said or known for said, known in zip(ids, ids_of(contact, CONTACT), strict=True)))


def written(value: object) -> str:
    """The JSON of something that is only kept."""
    json = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value is not None else ""
    return json.replace("\\u0000", "")[:_RAW]
