"""Messages from contacts: text, media, and what they say about consent (channels.md §1.1, §2.1)."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error

from casella.plugin import Event, MediaRef, MessageReceived, clean_text
from casella.plugin.keywords import Keyword
from casella_sms.arrivals import address_of, also_to, media_ref, sender_of, with_consent
from casella_sms.keywords import TOLL_FREE_WORDS, TWILIO_WORDS
from casella_sms.numbers import is_e164, is_short_code, is_toll_free
from casella_sms.twilio.settings import TwilioSettings

_MEDIA = [(f"MediaUrl{index}", f"MediaContentType{index}") for index in range(10)]
_FACTS = {
    "FromCity": "from_city",
    "FromState": "from_state",
    "FromZip": "from_zip",
    "FromCountry": "from_country",
    "NumSegments": "segments",
    "MessagingServiceSid": "messaging_service",
}
_OTHERS = [f"OtherRecipients{index}" for index in range(20)]
FIELDS = (
    *_OTHERS,
    *("MessageSid", "From", "To", "Body", "OptOutType"),
    *(name for pair in _MEDIA for name in pair),
    *_FACTS,
)
"""Read here."""
_OPT_OUT_TYPES: dict[str, Keyword] = {"STOP": "stop", "START": "start", "HELP": "help"}


def translate(settings: TwilioSettings, fields: dict[str, str]) -> list[Event]:
    """The message. If it opts out or in, that comes first, so that no rule ever answers a STOP."""
    text, metadata = _body(fields.get("Body", "")), _facts(fields)
    sender = sender_of(address_of(fields.get("From")), fields["To"], fields["MessageSid"])
    metadata |= also_to((fields.get(name, "") for name in _OTHERS), fields["To"], sender)
    attachments = _attachments(fields)
    keyword = _keyword(settings, fields, text)
    if keyword:
        metadata["keyword"] = keyword
    message = MessageReceived(
        channel_address=fields["To"],
        contact_address=sender,
        external_id=fields["MessageSid"],
        message_kind=attachments[0].kind if attachments else "text",
        text=text,
        attachments=attachments,
        provider_replies=bool(keyword) and _twilio_replies(settings, fields),
        replyable=is_e164(sender),
        metadata=metadata,
    )
    return with_consent(message, keyword, settings.messaging_service_sid or "")


def _keyword(settings: TwilioSettings, fields: dict[str, str], text: str) -> Keyword | None:
    """Twilio's own word for it first; otherwise our list.

    With Advanced Opt-Out, Twilio names every message that lets somebody back in, so its silence is believed there. A
    stop is honoured from either side: the law asks for any reasonable wording, Twilio for the exact one."""
    named = _OPT_OUT_TYPES.get(fields.get("OptOutType", "").upper())
    if named:
        return named
    found = settings.keyword_list.match(text)
    return None if found == "start" and settings.advanced_opt_out else found


def _twilio_replies(settings: TwilioSettings, fields: dict[str, str]) -> bool:
    """Whether Twilio, or the carriers' network, answers this keyword by itself."""
    if fields.get("OptOutType"):
        return True
    if settings.advanced_opt_out:
        return False
    word, number = fields.get("Body", "").strip().lower(), fields["To"]
    if is_toll_free(number):
        return word in TOLL_FREE_WORDS
    if is_short_code(number):  # configured per code: only a stop is certain to be acted on
        return TWILIO_WORDS.get(word) == "stop"
    # "Yes" is answered only when it lets somebody back in, which cannot be seen from here; far more often it is
    # simply a customer's answer, and must not silence the rules.
    return word in TWILIO_WORDS and word != "yes"


def _facts(fields: dict[str, str]) -> dict[str, str]:
    return {ours: fields[theirs][:200] for theirs, ours in _FACTS.items() if fields.get(theirs)}


def _attachments(fields: dict[str, str]) -> tuple[MediaRef, ...]:
    """Every medium there is, whatever NumMedia says."""
    found = ((fields.get(url), fields.get(mime, "")) for url, mime in _MEDIA)
    return tuple(media_ref(url, mime) for url, mime in found if url)


def _body(text: str) -> str:
    """The text; long ones sometimes arrive as base64 of it."""
    if len(text) < 60 or len(text) % 4:
        return text
    try:
        decoded = b64decode(text, validate=True).decode()
    except (Base64Error, ValueError):
        return text
    readable = sum(character.isascii() and (character.isprintable() or character.isspace()) for character in decoded)
    return clean_text(decoded) if readable * 2 >= len(decoded) else text
