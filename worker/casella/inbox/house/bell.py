"""The bell: "there is work", and nothing else (law 4). The database is the truth; a bell may be lost or ring twice.

The domain rings after its commit; `casella.jobs` gives the bell its sound (dramatiq, in this process or on Redis), and
a sweep rings again for whatever was not heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Bell(Protocol):
    """Rings never raise: an unheard bell costs time, not work."""

    def lanes(self, lanes: Iterable[int]) -> None:
        """Rows wait in these lanes of the journal."""

    def deliveries(self) -> None:
        """Messages wait in the outbox."""

    def media(self) -> None:
        """Attachments wait to be fetched."""

    def search(self) -> None:
        """Messages wait to be indexed."""

    def timers(self) -> None:
        """Timers have come due this moment."""

    def feed(self) -> None:
        """The event feed has grown: wake whoever is streaming it."""


class SilentBell:
    """Rings nobody: for tests and tools that look after the work themselves."""

    def lanes(self, lanes: Iterable[int]) -> None: ...

    def deliveries(self) -> None: ...

    def media(self) -> None: ...

    def search(self) -> None: ...

    def timers(self) -> None: ...

    def feed(self) -> None: ...
