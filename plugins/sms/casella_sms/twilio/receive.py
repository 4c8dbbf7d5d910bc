"""What Twilio sends us: which requests are authentic, and what they say.

verify     content type (415), signature (403), well formed (400)
translate  inbound SMS and MMS, status callbacks; other prefixes (whatsapp:, rcs:) are Unsupported
"""

from __future__ import annotations

import orjson

from casella.plugin import Event, Unsupported, Verdict, Webhook
from casella_sms.form import Fields, TooManyFields, field_text, parse_form
from casella_sms.twilio import inbound, status
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.twilio.signature import body_hash_matches, signature_problem

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_MAX_ID = 64
_ESSENTIAL = frozenset({b"MessageSid", b"From", b"To", b"MessageStatus", b"SmsStatus"})
_READ = _ESSENTIAL | {name.encode() for name in (*inbound.FIELDS, *status.FIELDS)}
"""The others are not decoded: it is half of the work."""


def verify(settings: TwilioSettings, webhook: Webhook) -> Verdict:
    """Is it Twilio's, and a message's?"""
    if webhook.method == "POST" and webhook.content_type not in (FORM, JSON):
        # An empty form would be "signed" by the URL alone, and the body read by nobody would count as checked.
        return Verdict.refused(415, "unsupported_content_type")
    try:
        signed = webhook.once(_body) if _is_form(webhook) else []
        problem = signature_problem(settings, webhook, signed)
        if problem is None and _is_json(webhook) and not body_hash_matches(_query(webhook), webhook.body):
            problem = "bad_body_hash"
        if problem:
            return Verdict.refused(403, problem)
        fields = _texts(signed, _ESSENTIAL) if _is_form(webhook) else read_fields(webhook)
    except ValueError:
        return Verdict.refused(400, "malformed_request")
    flaw = _flaw(fields)
    return Verdict.refused(400, flaw) if flaw else Verdict.authentic()


def translate(settings: TwilioSettings, webhook: Webhook) -> list[Event]:
    """The events of an authentic webhook: none, one, or a message and what it says about consent."""
    try:
        fields = read_fields(webhook)
    except ValueError:
        return []
    if _flaw(fields):
        return []
    prefix = _foreign_prefix(fields)
    if prefix:
        return [_foreign(fields, prefix, webhook)]
    if status.is_status(fields):
        return status.translate(fields, _message_id(webhook))
    return inbound.translate(settings, fields)


def read_fields(webhook: Webhook) -> dict[str, str]:
    """The parameters of a webhook, the first of each name, as clean text. Raises ValueError if there is no reading
    them."""
    if _is_json(webhook):
        document = orjson.loads(webhook.body)
        if not isinstance(document, dict):
            raise ValueError("not an object")
        return {name: field_text(value.encode()) for name, value in document.items() if isinstance(value, str)}
    return _texts(webhook.once(_body) if _is_form(webhook) else _query(webhook), _READ)


def _texts(fields: Fields, names: frozenset[bytes]) -> dict[str, str]:
    return {name.decode(): field_text(value) for name, value in reversed(fields) if name in names}


def _is_form(webhook: Webhook) -> bool:
    return webhook.method == "POST" and webhook.content_type == FORM


def _is_json(webhook: Webhook) -> bool:
    return webhook.method == "POST" and webhook.content_type == JSON


def _body(webhook: Webhook) -> Fields:
    return parse_form(webhook.body)


def _query(webhook: Webhook) -> Fields:
    return parse_form(webhook.query.encode("utf-8", "surrogateescape"))


def _message_id(webhook: Webhook) -> str | None:
    """Our own id, which we put into the callback's address."""
    try:
        found = next((value for name, value in _query(webhook) if name == b"message_id"), b"")
    except TooManyFields:
        return None
    return field_text(found) or None


def _flaw(fields: dict[str, str]) -> str | None:
    """What is missing so much that nothing can be made of it."""
    sid = fields.get("MessageSid", "")
    if not (0 < len(sid) <= _MAX_ID and sid.isascii() and sid.isalnum()):
        return "no_message_id"
    # A status of a Messaging Service comes before the service has chosen its sender, and a message of somebody whom
    # Twilio cannot name is shown all the same: neither has a From.
    return None if fields.get("To") else "no_address"


def _foreign_prefix(fields: dict[str, str]) -> str:
    """The channel Twilio carries for somebody else: "whatsapp", "messenger", "rcs"; empty for SMS and MMS."""
    prefixes = (fields[name].partition(":") for name in ("From", "To") if ":" in fields.get(name, ""))
    return next((prefix.lower() for prefix, _, _ in prefixes), "")


def _foreign(fields: dict[str, str], prefix: str, webhook: Webhook) -> Unsupported:
    ours, theirs = ("From", "To") if status.is_status(fields) else ("To", "From")
    return Unsupported(
        channel_address=fields.get(ours, ""),
        contact_address=fields.get(theirs, ""),
        what=f"A {prefix} message through Twilio: this channel type carries SMS and MMS only.",
        raw=field_text(webhook.body or webhook.query.encode("utf-8", "surrogateescape")),
    )
