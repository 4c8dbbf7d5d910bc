"""How many event streams one agent, token, visitor or address has open at once, in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from casella import metrics
from casella.api.stream.feed_events import TooManyStreams


class TooManyOwnStreams(TooManyStreams):
    """You have too many event streams open; close one and try again."""

    code = "too_many_own_streams"
    status = 429


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a stream is, in one respect. `most` 0: no bound."""

    kind: str
    key: str
    most: int


class StreamPlaces:
    """From the event loop only."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, str]] = Counter()

    def take(self, holders: Sequence[Holder]) -> None:
        """A place for each. Raises TooManyOwnStreams, and takes none then."""
        for one in holders:
            if one.most and self._taken[one.kind, one.key] >= one.most:
                metrics.quota_refusals.labels(f"stream_{one.kind}").inc()
                raise TooManyOwnStreams(retry_after=10, quota=one.kind)
        for one in holders:
            self._taken[one.kind, one.key] += 1

    def free(self, holders: Sequence[Holder]) -> None:
        for one in holders:
            place = (one.kind, one.key)
            self._taken[place] -= 1
            if self._taken[place] <= 0:
                del self._taken[place]
