"""Messages and receipts of WhatsApp and RCS as Twilio passes them on (channels.md §1.1, §1.7): form fields, with the
channel's name before every address."""

from __future__ import annotations

import orjson

from casella.plugin import Event, MediaRef, MessageReceived, ReactionChanged, Referral, Unsupported, Webhook, made_id
from casella.plugin.events import MessageKind
from casella_sms.arrivals import media_ref
from casella_sms.form import TooManyFields, field_text, parse_form
from casella_sms.twilio import status

Fields = dict[str, str]
_MEDIA = [(f"MediaUrl{index}", f"MediaContentType{index}") for index in range(10)]
_FACTS = {
    "ProfileUsername": "username",
    "Username": "username",
    "ButtonPayload": "payload",
    "ListId": "payload",
    "ListTitle": "list_title",
    "Latitude": "latitude",
    "Longitude": "longitude",
    "Address": "address",
    "Label": "name",
    "ReferralSourceId": "ad",
    "ReferralSourceType": "ad_kind",
    "ReferralSourceUrl": "ad_url",
    "ReferralHeadline": "ad_headline",
    "ReferralBody": "ad_text",
    "ReferralCtwaClid": "ad_click",
    "InteractiveData": "response",
    "MessagingServiceSid": "messaging_service",
}
_KINDS: dict[str, MessageKind] = {
    "button": "button",
    "interactive": "interactive",
    "location": "location",
    "contacts": "contacts",
    "sticker": "sticker",
    "voice": "voice",
}
_IDS = ("WaId", "ExternalUserId", "ParentExternalUserId")


def read(webhook: Webhook) -> Fields:
    """Every parameter, the first of each name."""
    source = webhook.body if webhook.method == "POST" else webhook.query.encode("utf-8", "surrogateescape")
    try:
        pairs = parse_form(source)
    except TooManyFields:
        return {}
    return {field_text(name): field_text(value) for name, value in reversed(pairs)}


def translate(prefix: str, webhook: Webhook) -> list[Event]:
    """The events of an authentic webhook of this channel; what belongs to another one is only kept."""
    fields = read(webhook)
    if not fields.get("MessageSid"):
        return []
    of_channel = [name for name in ("From", "To") if fields.get(name, "").lower().startswith(f"{prefix}:")]
    plain = {**fields, **{name: bare(prefix, fields.get(name, "")) for name in ("From", "To")}}
    is_status = status.is_status(plain)
    ours, theirs = ("From", "To") if is_status else ("To", "From")
    if not of_channel:
        what = "A message through Twilio that is of another channel than this connection's."
        return [Unsupported(channel_address=plain[ours], contact_address=plain[theirs], what=what)]
    if is_status:
        return status.translate(plain, _our_id(webhook))
    return _received(plain)


def bare(prefix: str, address: str) -> str:
    """The address without the channel's name."""
    return address[len(prefix) + 1 :] if address.lower().startswith(f"{prefix}:") else address


def _received(fields: Fields) -> list[Event]:
    ours, sid = fields["To"], fields["MessageSid"]
    aliases = dict.fromkeys(_address(name, fields.get(name, "")) for name in _IDS)
    theirs = fields["From"] or next((one for one in aliases if one), "")
    if fields.get("MessageType") == "reaction" and (target := fields.get("OriginalRepliedMessageSid")):
        emoji = fields.get("Body", "")[:64]
        return [
            ReactionChanged(
                channel_address=ours, contact_address=theirs, external_id=target, emoji=emoji, revision=sid
            )
        ]  # fmt: skip
    attachments = tuple(_media(fields))
    event = MessageReceived(
        channel_address=ours,
        contact_address=theirs or made_id("unknown", ours, sid),
        external_id=sid,
        message_kind=_kind(fields, attachments),
        text=_text(fields),
        contact_name=fields.get("ProfileName", "")[:300] or None,
        attachments=attachments,
        reply_to=fields.get("OriginalRepliedMessageSid") or None,
        replyable=bool(theirs),
        metadata=_facts(fields),
        aliases=tuple(one for one in aliases if one and one != theirs),
    )
    return [*_referral(fields, ours, theirs), event]


def _address(name: str, value: str) -> str:
    return f"+{value}" if name == "WaId" and value.isascii() and value.isdigit() else value


def _kind(fields: Fields, attachments: tuple[MediaRef, ...]) -> MessageKind:
    said = fields.get("MessageType", "").lower()
    if fields.get("ButtonText") or fields.get("ButtonPayload"):
        return "button"
    if "Latitude" in fields:
        return "location"
    if said in _KINDS:
        return _KINDS[said]
    if attachments:
        return attachments[0].kind
    return "text" if fields.get("Body") else "unsupported"


def _text(fields: Fields) -> str:
    words = fields.get("Body") or fields.get("ButtonText") or fields.get("ListTitle") or ""
    if "Latitude" in fields:
        place = [fields[name] for name in ("Label", "Address") if fields.get(name)]
        words = words or ", ".join(place) or f"{fields['Latitude']}, {fields.get('Longitude', '')}"
    return "\n".join(line for line in (words, *_answers(fields.get("InteractiveData", ""))) if line)


def _answers(data: str) -> list[str]:
    """What the customer filled in, in words."""
    try:
        document = orjson.loads(data) if data else {}
    except ValueError:
        return [data]
    return [f"{name}: {value}" for name, value in document.items()] if isinstance(document, dict) else [data]


def _facts(fields: Fields) -> dict[str, str]:
    facts = {ours: fields[theirs] for theirs, ours in _FACTS.items() if fields.get(theirs)}
    if fields.get("FrequentlyForwarded") == "true":
        facts["forwarded"] = "often"
    elif fields.get("Forwarded") == "true":
        facts["forwarded"] = "yes"
    return facts


def _media(fields: Fields) -> list[MediaRef]:
    found = [media_ref(fields[url], fields.get(mime, "")) for url, mime in _MEDIA if fields.get(url)]
    if fields.get("MessageType") in ("sticker", "voice"):
        kind = "sticker" if fields["MessageType"] == "sticker" else "voice"
        return [one.model_copy(update={"kind": kind}) for one in found]
    return found


def _referral(fields: Fields, ours: str, theirs: str) -> list[Event]:
    headline = fields.get("ReferralHeadline") or fields.get("ReferralBody", "")
    if not (theirs and (headline or fields.get("ReferralSourceId"))):
        return []
    return [
        Referral(
            channel_address=ours,
            contact_address=theirs,
            source=fields.get("ReferralSourceType", "")[:300].lower() or "ad",
            text=headline[:1000],
            url=fields.get("ReferralSourceUrl", "")[:2000] or None,
        )
    ]


def _our_id(webhook: Webhook) -> str | None:
    """Our own id, which we put into the callback's address."""
    try:
        pairs = parse_form(webhook.query.encode("utf-8", "surrogateescape"))
    except TooManyFields:
        return None
    return next((field_text(value) for name, value in pairs if name == b"message_id"), None) or None
