"""What Meta sends us, taken apart: pages or accounts, and what happened at each (channels.md §6.1).

One request may carry updates of many pages. Each is told by the page its entry names; one that cannot be read becomes
`Unsupported` and takes no neighbour along.
"""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from casella.plugin import Event, Unsupported, Webhook
from casella_meta.happenings import Happening, happened
from casella_meta.reading import Document, items, mapping, word

_RAW, _NAME = 4000, 60


def translate(object_name: str, webhook: Webhook) -> list[Event]:
    """The events of an authentic webhook, in order. `object_name`: "page" or "instagram"."""
    try:
        document = mapping(orjson.loads(webhook.body))
    except ValueError:
        return [_unsupported("", "", "A webhook that is not JSON.", webhook.body.decode("utf-8", "replace"))]
    said = word(document.get("object"))
    if said != object_name:
        return [_unsupported("", "", "A webhook of another product of Meta.", said)]
    return [event for entry in items(document.get("entry")) for event in _entry(mapping(entry))]


def _entry(entry: Document) -> Iterator[Event]:
    ours = word(entry.get("id"))
    for name in ("messaging", "standby"):
        for element in items(entry.get(name)):
            yield from _one(ours, element, standby=name == "standby")
    for change in items(entry.get("changes")):
        yield from _change(ours, mapping(change))


def _change(ours: str, change: Document) -> list[Event]:
    """Only the console's test button writes messages this way. Comments, mentions and the like are nobody's messages:
    managers are told how many of each have come."""
    field, value = word(change.get("field")), change.get("value")
    if field == "messages":
        return _one(ours, value, standby=False)
    return [_unsupported(ours, "", f"An update of the kind {field[:_NAME] or 'without a name'}.", _written(value))]


def _one(ours: str, element: object, *, standby: bool) -> list[Event]:
    update = mapping(element)
    page = ours or word(mapping(update.get("recipient")).get("id"))
    if not page:
        return []
    try:
        return happened(Happening.of(page, update, standby=standby))
    except (ValueError, TypeError):  # one element that no reading foresaw must not drop its neighbours
        return [_unsupported(page, "", "An update that cannot be read.", _written(element))]


def _written(value: object) -> str:
    return orjson.dumps(value).decode()


def _unsupported(ours: str, theirs: str, what: str, raw: str) -> Unsupported:
    return Unsupported(channel_address=ours, contact_address=theirs, what=what, raw=raw.replace("\x00", "")[:_RAW])
