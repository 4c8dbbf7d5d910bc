"""What Meta sends us, taken apart: accounts, numbers, messages, echoes, receipts (channels.md §5.1).

One request may carry a thousand updates of many numbers. Each is told by the number it names itself; one that cannot be
read becomes `Unsupported` and takes no neighbour along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson

from casella.plugin import Event, Unsupported, Webhook
from casella_whatsapp.identity import address_of
from casella_whatsapp.incoming import messages, notices, statuses
from casella_whatsapp.incoming.people import People, written
from casella_whatsapp.reading import Document, items, mapping, word
from casella_whatsapp.settings import WhatsAppSettings

OBJECT = "whatsapp_business_account"
_RAW = 4000


def translate(settings: WhatsAppSettings, webhook: Webhook) -> list[Event]:
    """The events of an authentic webhook, in order."""
    try:
        document = orjson.loads(webhook.body)
    except ValueError:
        return [_unsupported("", "A webhook that is not JSON.", webhook.body.decode("utf-8", "replace"))]
    whole = mapping(document)
    if word(whole.get("object")) != OBJECT:
        return [_unsupported("", "A webhook of another product of Meta.", word(whole.get("object")))]
    return [
        event
        for entry in items(whole.get("entry"))
        for change in items(mapping(entry).get("changes"))
        for event in _change(settings, word(mapping(entry).get("id")), mapping(change))
    ]


def _change(settings: WhatsAppSettings, account: str, change: Document) -> Iterator[Event]:
    value = mapping(change.get("value"))
    ours = our_address(settings, mapping(value.get("metadata")))
    match word(change.get("field")):
        case "messages":
            people = People.of(value)
            yield from _each(ours, value.get("messages"), lambda item: messages.received(ours, item, people))
            yield from _each(ours, value.get("statuses"), lambda item: statuses.changed(ours, item))
            if not (value.get("messages") or value.get("statuses")) and ours:
                yield _unsupported(ours, notices.error_sentence(value), written(value.get("errors")))
        case "smb_message_echoes":
            yield from _each(
                ours, value.get("message_echoes"), lambda item: messages.echoed(ours, item, People.of(value))
            )
        case "calls":
            people = People.of(value)
            yield from _each(ours, value.get("calls"), lambda item: notices.called(ours, item, people))
            yield from _each(ours, value.get("statuses"), lambda item: notices.call_status(ours, item))
        case "user_preferences":
            people = People.of(value)
            yield from _each(ours, value.get("user_preferences"), lambda item: notices.prefers(ours, item, people))
        case "user_id_update":
            people = People.of(value)
            yield from _each(ours, value.get("user_id_update"), lambda item: notices.renamed(ours, item, people))
        case field:  # of a number, or of the whole account, where its first number stands for it
            told = ours if ours in settings.numbers else next(iter(settings.numbers), "")
            if told and (told == ours or account == settings.business_account_id):
                yield notices.other(told, field, value)


def our_address(settings: WhatsAppSettings, metadata: Document) -> str:
    """Our number that an update is about. Meta's id of it is sure; the number shown may be written in any way."""
    known = settings.addresses.get(word(metadata.get("phone_number_id")))
    if known:
        return known
    digits = "".join(c for c in word(metadata.get("display_phone_number")) if c in "0123456789")
    return f"+{digits[:20]}" if digits else ""


def _each(ours: str, elements: object, read: Callable[[Document], list[Event]]) -> Iterator[Event]:
    if not ours:
        return
    for element in items(elements):
        try:
            if not _to_oneself(ours, mapping(element)):
                yield from read(mapping(element))
        except (ValueError, TypeError):  # one element that no reading foresaw must not drop its neighbours
            yield _unsupported(ours, "An update that cannot be read.", written(element))


def _to_oneself(ours: str, element: Document) -> bool:
    """What a number writes to itself is nobody's message. The other side of a message is us where it is not named."""
    sides = {address_of(word(element.get(side))) for side in ("from", "to")} - {""}
    return sides == {ours}


def _unsupported(ours: str, what: str, raw: str) -> Unsupported:
    return Unsupported(channel_address=ours, contact_address="", what=what, raw=raw.replace("\x00", "")[:_RAW])
