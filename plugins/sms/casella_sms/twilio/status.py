"""Status callbacks: how a message that we sent fares (channels.md §1.7)."""

from __future__ import annotations

from casella.plugin import DeliveryProblem, Event, MessageStatusChanged, Unsupported
from casella.plugin.events import DeliveryStatus
from casella_sms.twilio.errors import delivery_problem

FIELDS = ("MessageSid", "MessageStatus", "SmsStatus", "ErrorCode", "From", "To")
"""Read here."""
_NEWS: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "partially_delivered": "sent",  # not all of it: no more than sent
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_NO_NEWS = frozenset({"accepted", "scheduled", "queued", "sending"})
_INBOUND = frozenset({"", "received", "receiving"})


def is_status(fields: dict[str, str]) -> bool:
    """Whether this is about a message of ours. Inbound messages have no MessageStatus, and the SmsStatus
    "received"."""
    reported = fields.get("MessageStatus", "")
    if reported:
        return reported not in _INBOUND
    older_name = fields.get("SmsStatus", "")
    return older_name in _NEWS or older_name in _NO_NEWS


def translate(fields: dict[str, str], message_id: str | None) -> list[Event]:
    """One event, or none for the stations before "sent"."""
    reported = fields.get("MessageStatus") or fields.get("SmsStatus", "")
    if reported in _NO_NEWS:
        return []
    ours, theirs = fields.get("From", ""), fields["To"]
    news = _NEWS.get(reported)
    if news is None:
        return [Unsupported(channel_address=ours, contact_address=theirs, what=f"Unknown status: {reported[:64]}")]
    event = MessageStatusChanged(
        channel_address=ours,
        contact_address=theirs,
        external_id=fields["MessageSid"],
        status=news,
        message_id=message_id,
        problem=_problem(reported, fields.get("ErrorCode", "")) if news == "failed" else None,
    )
    return [event]


def _problem(reported: str, code: str) -> DeliveryProblem:
    if reported == "canceled" and not code:
        return DeliveryProblem(code="canceled", text="The message was canceled at the provider before it was sent.")
    return delivery_problem(code or reported)
