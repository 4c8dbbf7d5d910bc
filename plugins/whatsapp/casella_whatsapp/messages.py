"""Messages from contacts, and echoes of what the business wrote elsewhere (channels.md §5.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from casella.plugin import (
    AddressChanged,
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    ReactionChanged,
    Referral,
    Unsupported,
)
from casella_whatsapp.identity import address_of, aliases_of
from casella_whatsapp.kinds import Said, say
from casella_whatsapp.reading import Document, items, mapping, moment, word

_SHORT = 300


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

    def who(self, message: Document) -> Document:
        """The contact of a message. Somebody who hides his number is named by his user id alone."""
        ids = [word(message.get(name)) for name in ("from", "from_user_id")]
        known = next((self.by_id[key] for key in ids if key in self.by_id), None)
        return known if known is not None else {} if any(ids) else self.only


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as far as all kinds are alike."""

    ours: str
    theirs: str
    external_id: str
    at: datetime | None
    contact: Document
    message: Document

    @property
    def aliases(self) -> tuple[str, ...]:
        message, contact = self.message, self.contact
        ids = (word(contact.get("wa_id")), word(message.get("from_user_id")), word(contact.get("user_id")))
        return aliases_of(self.theirs, *ids)


def received(ours: str, message: Document, people: People) -> list[Event]:
    """One element of `messages`."""
    contact = people.who(message)
    sender = word(message.get("from")) or word(contact.get("wa_id"))
    theirs = address_of(sender, word(message.get("from_user_id")) or word(contact.get("user_id")))
    external_id = word(message.get("id"))
    if not theirs or not external_id:
        what = "A message without a sender or an id."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=external_id[:_SHORT])]
    arrived = Arrived(ours, theirs, external_id, moment(message.get("timestamp")), contact, message)
    special = _SPECIAL.get(word(message.get("type")))
    return special(arrived) if special else _plain(arrived)


def echoed(ours: str, message: Document) -> list[Event]:
    """One element of `message_echoes`: typed in the WhatsApp Business app. The contact is who it was sent to."""
    theirs = address_of(word(message.get("to")), word(message.get("to_user_id")))
    external_id = word(message.get("id"))
    kind = word(message.get("type"))
    if not theirs or not external_id or kind in _SPECIAL:
        what = f"An echo of the kind {kind[:40]}."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=external_id[:_SHORT])]
    said = say(message)
    return [
        MessageEchoed(
            channel_address=ours,
            contact_address=theirs,
            provider_time=moment(message.get("timestamp")),
            external_id=external_id,
            message_kind=said.kind,
            text=said.text,
            attachments=said.attachments,
            metadata=said.metadata,
        )
    ]


def _plain(arrived: Arrived) -> list[Event]:
    said, message = say(arrived.message), arrived.message
    group = word(message.get("group_id"))
    event = MessageReceived(
        channel_address=arrived.ours,
        # Several people write in a group: it is a conversation of its own, which cannot be answered from here.
        contact_address=f"group:{group}"[:_SHORT] if group else arrived.theirs,
        provider_time=arrived.at,
        external_id=arrived.external_id,
        message_kind=said.kind,
        text=said.text,
        contact_name=None if group else word(mapping(arrived.contact.get("profile")).get("name"))[:_SHORT] or None,
        attachments=said.attachments,
        reply_to=_quoted(message),
        replyable=not group,
        metadata=_facts(arrived, said, group),
        aliases=() if group else arrived.aliases,
    )
    referral = _referral(arrived)
    return [referral, event] if referral else [event]


def _quoted(message: Document) -> str | None:
    """A context without an id says only that the message was forwarded."""
    return word(mapping(message.get("context")).get("id")) or None


def _facts(arrived: Arrived, said: Said, group: str) -> dict[str, str]:
    context, facts = mapping(arrived.message.get("context")), dict(said.metadata)
    if context.get("frequently_forwarded") is True:
        facts["forwarded"] = "often"
    elif context.get("forwarded") is True:
        facts["forwarded"] = "yes"
    product = mapping(context.get("referred_product"))
    if sku := word(product.get("product_retailer_id")):
        facts["product"] = sku[:_SHORT]
    if username := word(mapping(arrived.contact.get("profile")).get("username")):
        facts["username"] = username.removeprefix("@")[:_SHORT]
    if group:
        facts["group"], facts["participant"] = group[:_SHORT], arrived.theirs
    referral = mapping(arrived.message.get("referral"))
    for theirs, ours in (("ctwa_clid", "ad_click"), ("source_id", "ad"), ("source_type", "ad_kind")):
        if value := word(referral.get(theirs)):
            facts[ours] = value[:_SHORT]
    return facts


def _referral(arrived: Arrived) -> Referral | None:
    referral = mapping(arrived.message.get("referral"))
    if not referral:
        return None
    return Referral(
        channel_address=arrived.ours,
        contact_address=arrived.theirs,
        provider_time=arrived.at,
        source=word(referral.get("source_type"))[:_SHORT] or "ad",
        text=(word(referral.get("headline")) or word(referral.get("body")))[:1000],
        url=word(referral.get("source_url"))[:2000] or None,
    )


def _reaction(arrived: Arrived) -> list[Event]:
    reaction = mapping(arrived.message.get("reaction"))
    target = word(reaction.get("message_id"))
    if not target:
        return _plain(arrived)
    return [
        ReactionChanged(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
            emoji=word(reaction.get("emoji"))[:64],  # missing or empty: taken back
            revision=arrived.external_id,
        )
    ]


def _edit(arrived: Arrived) -> list[Event]:
    edit = mapping(arrived.message.get("edit"))
    target, now = word(edit.get("original_message_id")), mapping(edit.get("message"))
    if not target:
        return _plain(arrived)
    return [
        MessageEdited(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
            text=say(now).text,
            revision=arrived.external_id,
        )
    ]


def _revoke(arrived: Arrived) -> list[Event]:
    target = word(mapping(arrived.message.get("revoke")).get("original_message_id"))
    if not target:
        return _plain(arrived)
    return [
        MessageDeleted(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
        )
    ]


def _system(arrived: Arrived) -> list[Event]:
    """About the contact, not from him: a new number or user id; anything else is only kept."""
    system = mapping(arrived.message.get("system"))
    kind = word(system.get("type"))
    new = ""
    if kind in ("user_changed_number", "customer_changed_number"):
        new = address_of(word(system.get("wa_id")) or word(system.get("new_wa_id")), word(system.get("user_id")))
    elif kind == "user_changed_user_id":
        new = address_of(word(system.get("user_id")))
    if not new or new == arrived.theirs:
        what = f"A notice of WhatsApp: {kind[:60]}."
        return [Unsupported(channel_address=arrived.ours, contact_address=arrived.theirs, what=what)]
    return [
        AddressChanged(
            channel_address=arrived.ours, contact_address=arrived.theirs, provider_time=arrived.at, new_address=new
        )
    ]


def _welcome(arrived: Arrived) -> list[Event]:
    what = "The contact has opened the chat for the first time."
    return [Unsupported(channel_address=arrived.ours, contact_address=arrived.theirs, what=what)]


_SPECIAL: dict[str, Callable[[Arrived], list[Event]]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _welcome,
}
