"""The customers' phones: what each of them wrote and received."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Literal, TypeAlias

from casella_simulator.network.live import Hub
from casella_simulator.network.media import MediaFile

Author: TypeAlias = Literal["customer", "business", "carrier"]

_KEPT_ENTRIES = 1_000


@dataclass(slots=True)
class Entry:
    """One bubble on a phone."""

    id: int
    provider: str
    phone: str
    line: str
    author: Author
    text: str
    at: datetime
    sid: str = ""
    media: list[MediaFile] = field(default_factory=list)
    state: str = ""
    error: str | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "id": self.id,
            "provider": self.provider,
            "phone": self.phone,
            "line": self.line,
            "author": self.author,
            "text": self.text,
            "at": self.at.isoformat(),
            "sid": self.sid,
            "media": [file.summary() for file in self.media],
            "state": self.state,
            "error": self.error,
        }


class Phone:
    """One customer's phone. `line` is the business number (or page, or account) it writes with."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.entries: deque[Entry] = deque(maxlen=_KEPT_ENTRIES)
        self._arrived: deque[Entry] = deque(maxlen=_KEPT_ENTRIES)

    def arrive(self, entry: Entry) -> None:
        """What was under way is now on the phone."""
        self._arrived.append(entry)

    @property
    def inbox(self) -> list[Entry]:
        """What arrived on this phone, in that order: from the business, or from the carrier in its own name."""
        return list(self._arrived)

    @property
    def texts(self) -> list[str]:
        """The texts of the inbox."""
        return [entry.text for entry in self.inbox]


class PhoneBook:
    """All phones that ever wrote or received, made when first named."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._phones: dict[str, Phone] = {}
        self._ids = count(1)

    def phone(self, number: str) -> Phone:
        return self._phones.get(number) or self._phones.setdefault(number, Phone(number))

    def all(self) -> list[Phone]:
        return list(self._phones.values())

    def next_id(self) -> int:
        return next(self._ids)

    def add(self, entry: Entry) -> Entry:
        self.phone(entry.phone).entries.append(entry)
        self.show(entry)
        return entry

    def show(self, entry: Entry) -> None:
        """Shows an entry, new or changed, to whoever is looking."""
        if self._hub.watched:
            self._hub.publish("entry", entry.to_json())

    def clear(self) -> None:
        self._phones.clear()
