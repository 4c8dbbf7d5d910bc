"""Links to a survey's page. Whoever has one may answer for that one sending, until it expires; nobody can make one up.

The link is no part of the message that is kept: it is written below the words when they leave, so that whoever reads
conversations, searches them or takes them along cannot answer for the customer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress

from itsdangerous import BadSignature, Signer

from casella.ids import is_id
from casella.inbox.house import Rooms
from casella.store.sealing import derive

DETAIL = "survey_link"
"""In `messages.details`: the id of the sending whose link goes with the message."""


def link_of(rooms: Rooms, sent_id: str) -> str:
    """The address of one sending's page."""
    signed = _signer(rooms.settings.secret_keys()[0]).sign(sent_id).decode()
    return f"{rooms.settings.public_url}/survey/{signed}"


def linked(rooms: Rooms, signed: str) -> str | None:
    """The id of the sending that a link is for; None if it is forged. Compared in constant time, with every key."""
    for key in rooms.settings.secret_keys():
        with suppress(BadSignature):
            sent_id = _signer(key).unsign(signed).decode()
            return sent_id if is_id(sent_id) else None
    return None


def with_link(rooms: Rooms, text: str, details: object) -> str:
    """What leaves: the words, and the link below them if one goes with this message."""
    sent_id = details.get(DETAIL) if isinstance(details, Mapping) else None
    return f"{text}\n{link_of(rooms, sent_id)}" if isinstance(sent_id, str) else text


def _signer(key: str) -> Signer:
    return Signer(derive(key, "survey-links"), salt="survey", digest_method=hashlib.sha256)
