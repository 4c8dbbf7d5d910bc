"""Who wrote, to whom, and where: what all kinds of messages have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import orjson

from casella.plugin import Event, Unsupported, made_id
from casella_whatsapp.identity import address_of, aliases_of, group_address, unknown_address
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
            for name in ("wa_id", "user_id"):
                if key := word(contact.get(name)):
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
        ids = [word(message.get(name)) for name in ("from", "from_user_id")]
        contact = people.who(*ids)
        sender = address_of(
            ids[0] or word(contact.get("wa_id")),
            ids[1] or word(contact.get("user_id")),
        )
        return cls._of(ours, message, contact, sender, by_business=False)

    @classmethod
    def echoed(cls, ours: str, message: Document, people: People) -> Arrived:
        """One element of `message_echoes`: typed in the WhatsApp Business app. The contact is who it was sent to."""
        ids = [word(message.get(name)) for name in ("to", "to_user_id")]
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
        side = "to_user_id" if self.by_business else "from_user_id"
        ids = (word(self.contact.get("wa_id")), word(self.message.get(side)), word(self.contact.get("user_id")))
        return aliases_of(self.theirs, *ids)

    @property
    def name(self) -> str:
        return word(mapping(self.contact.get("profile")).get("name"))

    def kept(self, what: str) -> list[Event]:
        """Something that is no message: a sentence about it."""
        raw = written(self.message)
        return [Unsupported(channel_address=self.ours, contact_address=self.theirs, what=what, raw=raw)]


def written(value: object) -> str:
    """The JSON of something that is only kept."""
    json = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode() if value is not None else ""
    return json.replace("\\u0000", "")[:_RAW]
