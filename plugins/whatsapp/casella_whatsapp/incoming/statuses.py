"""Receipts (channels.md §5.5)."""

from __future__ import annotations

from casella.plugin import AddressChanged, DeliveryProblem, Event, MessageStatusChanged, Unsupported
from casella.plugin.events import DeliveryStatus
from casella_whatsapp.errors import delivery_problem
from casella_whatsapp.identity import RECEIPT, address_of, ids_of
from casella_whatsapp.reading import Document, items, mapping, moment, word

_STATUSES: dict[str, DeliveryStatus] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "read",  # a voice note was heard
    "failed": "failed",
}
_LONGEST_ID = 64


def changed(ours: str, status: Document) -> list[Event]:
    """One receipt. Our own id comes back with it, so that it finds its message before the send has returned."""
    external_id, said = word(status.get("id")), word(status.get("status"))
    theirs = address_of(*ids_of(status, RECEIPT))
    known = _STATUSES.get(said)
    if not external_id or known is None:
        what = f"A receipt of the kind {said[:40]}."
        return [Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=external_id[:200])]
    our_id = word(status.get("biz_opaque_callback_data"))
    return [
        *_both_ids(ours, theirs, status),
        MessageStatusChanged(
            channel_address=ours,
            contact_address=theirs,
            provider_time=moment(status.get("timestamp")),
            external_id=external_id,
            status=known,
            message_id=our_id if 0 < len(our_id) <= _LONGEST_ID else None,
            problem=_problem(status) if known == "failed" else None,
        ),
    ]


def _both_ids(ours: str, theirs: str, status: Document) -> list[Event]:
    """A receipt that names its recipient twice tells a user id, by which the contact may write next."""
    ids = (address_of(one) for one in ids_of(status, RECEIPT)[1:])
    return [
        AddressChanged(channel_address=ours, contact_address=other, new_address=theirs)
        for other in dict.fromkeys(ids)
        if other and theirs and other != theirs
    ]


def _problem(status: Document) -> DeliveryProblem:
    first = next(iter(items(status.get("errors"))), None)
    return delivery_problem(word(mapping(first).get("code")))
