"""What changes an earlier message or the contact himself: reactions, edits, messages taken back, new numbers and ids.

The same for what contacts do and for what the business does in the WhatsApp Business app.
"""

from __future__ import annotations

from collections.abc import Callable

from casella.plugin import AddressChanged, Event, MessageDeleted, MessageEdited, ReactionChanged
from casella_whatsapp.identity import CONTACT, SENDER, address_of, ids_of, is_number, named_ids, spellings
from casella_whatsapp.incoming.kinds import say
from casella_whatsapp.incoming.people import Arrived
from casella_whatsapp.reading import mapping, word

Read = Callable[[Arrived], list[Event] | None]


def _reaction(arrived: Arrived) -> list[Event] | None:
    reaction = mapping(arrived.message.get("reaction"))
    target = word(reaction.get("message_id"))
    if not target:
        return None
    return [
        ReactionChanged(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
            emoji=word(reaction.get("emoji"))[:64],  # missing or empty: taken back
            revision=arrived.external_id,
            by_business=arrived.by_business,
            participant=arrived.sender if arrived.group else "",
        )
    ]


def _edit(arrived: Arrived) -> list[Event] | None:
    edit = mapping(arrived.message.get("edit"))
    target, now = word(edit.get("original_message_id")), mapping(edit.get("message"))
    if not target:
        return None
    return [
        MessageEdited(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
            text=say(now).text,
            revision=arrived.external_id,
            by_business=arrived.by_business,
        )
    ]


def _revoke(arrived: Arrived) -> list[Event] | None:
    target = word(mapping(arrived.message.get("revoke")).get("original_message_id"))
    if not target:
        return None
    return [
        MessageDeleted(
            channel_address=arrived.ours,
            contact_address=arrived.theirs,
            provider_time=arrived.at,
            external_id=target,
            by_business=arrived.by_business,
        )
    ]


def _system(arrived: Arrived) -> list[Event] | None:
    """About the contact, not from him: a new number or user id, in whichever fields; anything else is only kept."""
    system = mapping(arrived.message.get("system"))
    moved = moves(arrived, *named_ids(system)) if "chang" in word(system.get("type")) else []
    words = word(system.get("body")) or f"A notice of WhatsApp: {word(system.get('type'))[:60]}."
    return moved or arrived.kept(words)


def moves(arrived: Arrived, former: list[str], present: list[str]) -> list[Event]:
    """The living address is the new number if there is one, otherwise the new id. Whoever the notice comes from is a
    former address, unless it is the living one itself (a notice may carry `from_user_id` with either)."""
    senders = [address_of(one) for one in ids_of(arrived.message, SENDER)]
    contact = [address_of(one) for one in ids_of(arrived.contact, CONTACT)]
    living = next((one for one in present if is_number(one)), present[0] if present else "")
    every = [one for one in (*former, *senders, *contact, *present) if one and one != living]
    old = next(iter(every), "")
    if not living or not old:
        return []
    known = [*every, *(spelling for one in (living, *every) for spelling in spellings(one))]
    return [
        AddressChanged(
            channel_address=arrived.ours,
            contact_address=old,
            provider_time=arrived.at,
            new_address=living,
            aliases=tuple(dict.fromkeys(one for one in known if one != living)),
        )
    ]


def _welcome(arrived: Arrived) -> list[Event] | None:
    return arrived.kept("The contact has opened the chat for the first time.")


CHANGES: dict[str, Read] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
    "request_welcome": _welcome,
}
"""By the kind of message. None: it lacks what it should have, and is shown as a message that cannot be."""
