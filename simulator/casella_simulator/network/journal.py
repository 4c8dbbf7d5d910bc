"""The journal: everything a provider accepted and every webhook it sent. It proves that nothing was sent twice."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from typing import Literal, TypeAlias

JsonObject: TypeAlias = dict[str, object]
WebhookKind: TypeAlias = Literal["inbound", "receipt"]
Failure: TypeAlias = Literal["4xx", "5xx", "ct", "rt"]
"""How a webhook attempt failed: an answer of that class, no connection (ct), no answer in time (rt)."""


@dataclass(slots=True)
class Accepted:
    """One outbound message that a provider accepted, whether or not its caller ever heard so."""

    number: int
    provider: str
    account: str
    sid: str
    sender: str
    to: str
    body: str
    media: tuple[str, ...]
    callback: str | None
    at: datetime
    outcome: str
    fingerprint: str
    state: str
    error_code: int | None = None


@dataclass(slots=True)
class Delivery:
    """One webhook request that a provider made, and how it was answered."""

    number: int
    provider: str
    kind: WebhookKind
    sid: str
    phone: str
    method: str
    url: str
    form: dict[str, str]
    copy: int
    attempt: int
    fallback: bool
    well_signed: bool
    at: datetime
    elapsed_ms: float = 0.0
    status: int | None = None
    answer: str = ""
    answer_type: str = ""
    error: str | None = None
    failure: Failure | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(slots=True)
class Journal:
    """Append-only until `clear`. Beyond `limit` the oldest entries go, and `dropped` says how many did."""

    limit: int
    _accepted: deque[Accepted] = field(default_factory=deque)
    _deliveries: deque[Delivery] = field(default_factory=deque)
    _fingerprints: Counter[str] = field(default_factory=Counter)
    _accepted_ever: int = 0
    _deliveries_ever: int = 0

    def next_accepted(self) -> int:
        self._accepted_ever += 1
        return self._accepted_ever

    def next_delivery(self) -> int:
        self._deliveries_ever += 1
        return self._deliveries_ever

    def accept(self, accepted: Accepted) -> None:
        self._fingerprints[accepted.fingerprint] += 1
        self._accepted.append(accepted)
        if len(self._accepted) > self.limit:
            self._accepted.popleft()

    def record(self, delivery: Delivery) -> None:
        self._deliveries.append(delivery)
        if len(self._deliveries) > self.limit:
            self._deliveries.popleft()

    def accepted(self) -> list[Accepted]:
        return list(self._accepted)

    def deliveries(self) -> list[Delivery]:
        return list(self._deliveries)

    def identical(self, accepted: Accepted) -> int:
        """How many requests identical to this one, parameter by parameter, were accepted in all."""
        return self._fingerprints[accepted.fingerprint]

    def repeated(self) -> list[Accepted]:
        """Accepted messages whose identical request was accepted before: what was sent twice."""
        return [accepted for accepted in self._accepted if self.identical(accepted) > 1]

    def clear(self) -> None:
        self._accepted.clear()
        self._deliveries.clear()
        self._fingerprints.clear()
        self._accepted_ever = self._deliveries_ever = 0

    def accepted_page(self, to: str | None, after: int, limit: int) -> JsonObject:
        found = (item for item in self._accepted if item.number > after and to in (None, item.to))
        return {
            "total": self._accepted_ever,
            "dropped": self._accepted_ever - len(self._accepted),
            "repeated": sum(1 for count in self._fingerprints.values() if count > 1),
            "messages": [self.accepted_json(item) for item in islice(found, limit)],
        }

    def deliveries_page(self, kind: str | None, after: int, limit: int) -> JsonObject:
        found = (item for item in self._deliveries if item.number > after and kind in (None, item.kind))
        return {
            "total": self._deliveries_ever,
            "dropped": self._deliveries_ever - len(self._deliveries),
            "deliveries": [delivery_json(item) for item in islice(found, limit)],
        }

    def latest_deliveries(self, count: int) -> Iterator[Delivery]:
        return reversed(list(islice(reversed(self._deliveries), count)))

    def accepted_json(self, accepted: Accepted) -> JsonObject:
        return {**asdict(accepted), "at": accepted.at.isoformat(), "identical": self.identical(accepted)}


def delivery_json(delivery: Delivery) -> JsonObject:
    return {**asdict(delivery), "at": delivery.at.isoformat()}
