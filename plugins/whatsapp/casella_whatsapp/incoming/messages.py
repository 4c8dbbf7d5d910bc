"""Messages from contacts, and echoes of what the business wrote elsewhere (channels.md §5.2)."""

from __future__ import annotations

from casella.plugin import Event, MessageEchoed, MessageReceived, Referral, Unsupported
from casella_whatsapp.identity import SENDER, can_be_answered
from casella_whatsapp.incoming.changes import CHANGES
from casella_whatsapp.incoming.kinds import Said, say
from casella_whatsapp.incoming.people import Arrived, People, written
from casella_whatsapp.reading import Document, mapping, word

_SHORT, _NAME = 300, 300
_REFERRAL = (
    ("ctwa_clid", "ad_click"),
    ("source_id", "ad"),
    ("source_type", "ad_kind"),
    ("headline", "ad_headline"),
    ("body", "ad_text"),
    ("source_url", "ad_url"),
)


def received(ours: str, message: Document, people: People) -> list[Event]:
    """One element of `messages`. One that names neither a sender nor itself is no message."""
    if not any(message.get(name) for name in (*SENDER, "id")):
        what = "A message of WhatsApp that names neither its sender nor itself."
        return [Unsupported(channel_address=ours, contact_address="", what=what, raw=written(message))]
    return _events(Arrived.received(ours, message, people))


def echoed(ours: str, message: Document, people: People) -> list[Event]:
    """One element of `message_echoes`, read with the same care."""
    if not message.get("id"):
        what = "An echo of WhatsApp that does not name itself."
        return [Unsupported(channel_address=ours, contact_address="", what=what, raw=written(message))]
    return _events(Arrived.echoed(ours, message, people))


def _events(arrived: Arrived) -> list[Event]:
    change = CHANGES.get(arrived.kind)
    found = change(arrived) if change else None
    if found is not None:
        return found
    said = say(arrived.message)
    return [_echo(arrived, said)] if arrived.by_business else _message(arrived, said)


def _message(arrived: Arrived, said: Said) -> list[Event]:
    event = MessageReceived(
        channel_address=arrived.ours,
        contact_address=arrived.theirs,
        provider_time=arrived.at,
        external_id=arrived.external_id,
        message_kind=said.kind,
        text=said.text,
        contact_name=None if arrived.group else arrived.name[:_NAME] or None,
        attachments=said.attachments,
        reply_to=_quoted(arrived.message),
        replyable=can_be_answered(arrived.theirs),
        metadata=_facts(arrived, said),
        aliases=arrived.aliases,
    )
    referral = _referral(arrived)
    return [referral, event] if referral else [event]


def _echo(arrived: Arrived, said: Said) -> Event:
    return MessageEchoed(
        channel_address=arrived.ours,
        contact_address=arrived.theirs,
        provider_time=arrived.at,
        external_id=arrived.external_id,
        message_kind=said.kind,
        text=said.text,
        contact_name=None if arrived.group else arrived.name[:_NAME] or None,
        attachments=said.attachments,
        reply_to=_quoted(arrived.message),
        metadata=_facts(arrived, said),
        aliases=arrived.aliases,
    )


def _quoted(message: Document) -> str | None:
    """A context without an id says only that the message was forwarded."""
    return word(mapping(message.get("context")).get("id")) or None


def _facts(arrived: Arrived, said: Said) -> dict[str, str]:
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
    if arrived.group:
        facts["group"] = arrived.group[:_SHORT]
        facts |= {"participant": arrived.sender} if arrived.sender else {}
        facts |= {"participant_name": arrived.name} if arrived.name else {}
    referral = mapping(arrived.message.get("referral"))
    facts |= {ours: value for theirs, ours in _REFERRAL if (value := word(referral.get(theirs)))}
    if welcome := word(mapping(referral.get("welcome_message")).get("text")):
        facts["ad_welcome"] = welcome
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
