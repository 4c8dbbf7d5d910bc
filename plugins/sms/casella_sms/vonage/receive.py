"""What Vonage sends us (channels.md §3.1): the SMS API's parameters (GET, form or JSON, with `sig`), and the Messages
API's JSON (with a JWT).

verify     content type (415), signature and age (401: whatever is not 2xx is sent again, and signed then), form (400)
translate  messages and receipts of either API; parts of a long message are named as such
"""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from casella.plugin import Event, MessagePart, MessageReceived, Unsupported, Verdict, Webhook
from casella_sms.arrivals import any_id_of, sender_of, text_of, unreadable, with_consent
from casella_sms.form import TooManyFields, field_text, parse_form
from casella_sms.vonage import messages_api, receipts
from casella_sms.vonage.numbers import international, is_replyable
from casella_sms.vonage.settings import VonageSettings
from casella_sms.vonage.signature import parameters_problem, token_problem

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_TYPES = frozenset({"", "text", "unicode"})
_MOST_PARTS = 255
"""A part is numbered in one byte (3GPP TS 23.040)."""
Node = dict[str, object]


def verify(settings: VonageSettings, webhook: Webhook) -> Verdict:
    if webhook.method == "POST" and webhook.content_type not in (FORM, JSON):
        return Verdict.refused(415, "unsupported_content_type")
    if webhook.headers.get("authorization", "")[:7].lower() == "bearer ":
        problem = token_problem(settings, webhook)
    else:
        problem = parameters_problem(settings, webhook.once(_texts), webhook)
    if problem:
        return Verdict.refused(401, problem)
    return Verdict.authentic() if webhook.once(_document) else Verdict.refused(400, "malformed_request")


def translate(settings: VonageSettings, webhook: Webhook) -> list[Event]:
    document = webhook.once(_document)
    if "message_uuid" in document:
        return messages_api.translate(settings, document)
    fields = webhook.once(_texts)
    if "msisdn" not in fields:
        return [unreadable(webhook.body or webhook.query.encode("utf-8", "surrogateescape"))]
    return receipts.translate(fields) if receipts.is_receipt(fields) else _received(settings, fields)


def _document(webhook: Webhook) -> Node:
    """The parameters, wherever they are; empty if they cannot be read."""
    if webhook.method == "POST" and webhook.content_type == JSON:
        try:
            document = orjson.loads(webhook.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}
    form = webhook.query.encode("utf-8", "surrogateescape") if webhook.method == "GET" else webhook.body
    try:
        return {field_text(name): field_text(value) for name, value in reversed(parse_form(form))}
    except TooManyFields:
        return {}


def _texts(webhook: Webhook) -> dict[str, str]:
    """The parameters as the signature sees them: JSON's numbers and truth values are texts there."""
    return {name: text for name, value in webhook.once(_document).items() if (text := _text(value)) is not None}


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else None


def _received(settings: VonageSettings, fields: dict[str, str]) -> list[Event]:
    ours, theirs = international(fields.get("to", "")), international(fields["msisdn"])
    message_id, text = any_id_of(fields.get("messageId")), text_of(fields.get("text"))
    if not ours:
        return [unreadable(fields)]
    if not message_id:
        return [Unsupported(channel_address=ours, contact_address=theirs, what="A message without an id.")]
    theirs = sender_of(theirs, ours, message_id)
    if fields.get("type", "") not in _TYPES:
        return [_binary(ours, theirs, message_id, fields)]
    part = _part(fields)
    keyword = settings.keyword_list.match(text) if part is None else None
    message = MessageReceived(
        channel_address=ours,
        contact_address=theirs,
        external_id=message_id,
        provider_time=_time(fields.get("message-timestamp", "")),
        text=text,
        replyable=is_replyable(theirs),
        metadata={"keyword": keyword} if keyword else {},
        part=part,
    )
    return with_consent(message, keyword)


def _binary(ours: str, theirs: str, message_id: str, fields: dict[str, str]) -> MessageReceived:
    """Settings for phones, logos and the like: nothing for people to read."""
    return MessageReceived(
        channel_address=ours,
        contact_address=theirs,
        external_id=message_id,
        provider_time=_time(fields.get("message-timestamp", "")),
        message_kind="unsupported",
        replyable=is_replyable(theirs),
        metadata={"type": fields["type"][:64]},
    )


def _part(fields: dict[str, str]) -> MessagePart | None:
    """Vonage hands the parts of a long message over one by one."""
    if fields.get("concat", "").lower() != "true":
        return None
    reference = fields.get("concat-ref", "")[:64]
    number, total = _number(fields.get("concat-part", "")), _number(fields.get("concat-total", ""))
    if not 1 <= number <= total <= _MOST_PARTS or total == 1:
        return None
    return MessagePart(group=f"{reference}/{total}", number=number, total=total)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0


def _time(text: str) -> datetime | None:
    """`YYYY-MM-DD HH:MM:SS`, in UTC."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
