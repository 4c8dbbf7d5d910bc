"""Receipts of the SMS API: one for each part of a message.

The documentation's `msisdn` is the recipient and `to` the sender, older accounts were seen with the two exchanged. Our
`client-ref` names the message and its sender, so it does not matter which; without it the documentation is believed.
"""

from __future__ import annotations

from collections.abc import Mapping

from casella.plugin import Event, MessageStatusChanged, Unsupported
from casella.plugin.events import DeliveryStatus
from casella_sms.arrivals import id_of, text_of
from casella_sms.vonage.errors import delivery_problem
from casella_sms.vonage.numbers import international

_NEWS: dict[str, DeliveryStatus] = {
    "buffered": "sent",
    "accepted": "sent",
    "delivered": "delivered",
    "expired": "failed",
    "failed": "failed",
    "rejected": "failed",
    "undeliverable": "failed",
}
_NO_NEWS = frozenset({"unknown", "submitted", ""})


def client_ref(message_id: str, sender: str) -> str:
    return f"{message_id}|{sender}"[:100]


def is_receipt(fields: Mapping[str, str]) -> bool:
    return "status" in fields and "text" not in fields


def translate(fields: Mapping[str, str]) -> list[Event]:
    message_id, sender = _named(fields.get("client-ref", ""))
    recipient, origin = international(fields["msisdn"]), international(fields.get("to", ""))
    if sender and sender == recipient:
        recipient, origin = origin, recipient
    external_id, reported = id_of(fields.get("messageId")), text_of(fields.get("status"), 64).lower()
    if not (recipient and origin and external_id) or reported in _NO_NEWS:
        return []
    news = _NEWS.get(reported)
    if news is None:
        return [Unsupported(channel_address=origin, contact_address=recipient, what=f"Unknown status: {reported}")]
    event = MessageStatusChanged(
        channel_address=origin,
        contact_address=recipient,
        external_id=external_id,
        status=news,
        message_id=message_id,
        problem=delivery_problem(fields.get("err-code", ""), reported) if news == "failed" else None,
    )
    return [event]


def _named(reference: str) -> tuple[str | None, str]:
    message_id, _, sender = reference.partition("|")
    return id_of(message_id) or None, sender
