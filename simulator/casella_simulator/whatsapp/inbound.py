"""A customer's message as WhatsApp's webhook tells it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime

from casella_simulator.network.media import MediaFile
from casella_simulator.network.provider import Written
from casella_simulator.whatsapp import people
from casella_simulator.whatsapp.account import WhatsAppAccount, WhatsAppNumber

_KINDS = ("image", "video", "audio")


def inbound(
    account: WhatsAppAccount,
    number: WhatsAppNumber,
    written: Written,
    sid: str,
    media: Sequence[tuple[str, MediaFile]],
    at: datetime,
) -> dict[str, object]:
    """The whole webhook. `media`: the ids under which files can be fetched. What `written.more` says replaces what is
    said here: `{"type": "location", "location": {…}}`."""
    common: dict[str, object] = {"id": sid, "timestamp": str(int(at.timestamp()))}
    contact: dict[str, object] = {"profile": {"name": people.name(written.phone)}}
    if written.phone not in account.hide_numbers:
        common["from"] = contact["wa_id"] = people.wa_id(written.phone)
    if account.user_ids or written.phone in account.hide_numbers:
        common["from_user_id"] = contact["user_id"] = people.user_id(account.id, written.phone)
    messages: list[dict[str, object]] = []
    for index, (media_id, file) in enumerate(media):
        caption = written.text if index == 0 else ""
        messages.append({**common, "id": f"{sid}{index or ''}", **_media(media_id, file, caption)})
    if not media:
        words = {} if "type" in written.more else {"type": "text", "text": {"body": written.text}}
        messages.append({**common, **words})
    messages[0].update(written.more)
    return envelope(account, number, contacts=[contact], messages=messages)


def envelope(account: WhatsAppAccount, number: WhatsAppNumber, **value: object) -> dict[str, object]:
    metadata = {"display_phone_number": number.number[1:], "phone_number_id": number.phone_number_id}
    whole = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    entry = {"id": account.id, "changes": [{"value": whole, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _media(media_id: str, file: MediaFile, caption: str) -> dict[str, object]:
    kind = file.content_type.partition("/")[0]
    kind = kind if kind in _KINDS else "document"
    digest = base64.b64encode(hashlib.sha256(file.content).digest()).decode()
    media: dict[str, object] = {"id": media_id, "mime_type": file.content_type, "sha256": digest}
    if file.content.startswith(b"OggS") and b"OpusHead" in file.content[:128]:
        media |= {"mime_type": "audio/ogg; codecs=opus", "voice": True}
        kind = "audio"
    if caption and kind != "audio":
        media["caption"] = caption
    if kind == "document":
        media["filename"] = file.name or "file"
    return {"type": kind, kind: media}
