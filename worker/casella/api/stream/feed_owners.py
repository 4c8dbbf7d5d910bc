"""Whose an event of the feed is: found once per conversation and process, for the streams of contacts."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from casella.store.queries import visit_queries

_MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Owner:
    """A contact's address, as one channel knows it."""

    channel_id: str
    address: str


class Owned(Protocol):
    """An event, as far as this page is concerned."""

    @property
    def conversation_id(self) -> str | None: ...  # pragma: no cover - a protocol


class Owners:
    """On a channel whose contacts watch, a conversation never changes hands: what was found stays true. Used from
    several threads."""

    def __init__(self) -> None:
        self._known: dict[str, Owner | None] = {}
        self._lock = threading.Lock()

    def lack(self, events: Collection[Owned]) -> bool:
        """Whether the owner of any of them has not been asked for."""
        return any(event.conversation_id and event.conversation_id not in self._known for event in events)

    def learn(self, db: Connection, events: Collection[Owned]) -> None:
        """Ask the database for what is not known yet."""
        with self._lock:
            ids = {event.conversation_id for event in events if event.conversation_id} - self._known.keys()
            if not ids:
                return
            found = visit_queries.owners(db, ids)
            if len(self._known) > _MOST_KEPT:  # the older half goes
                self._known = dict(list(self._known.items())[_MOST_KEPT // 2 :])
            self._known |= {id: Owner(*found[id]) if id in found else None for id in ids}

    def of(self, event: Owned) -> Owner | None:
        return self._known.get(event.conversation_id or "")
