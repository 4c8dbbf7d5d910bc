"""Message resources: what `GET …/Messages` shows, inbound and outbound."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime

from casella_simulator.network.journal import Accepted
from casella_simulator.network.media import MediaFile
from casella_simulator.network.phones import Entry

API_VERSION = "2010-04-01"
_RANK = {"accepted": 0, "queued": 1, "sending": 2, "sent": 3, "undelivered": 4, "failed": 4, "delivered": 5, "read": 6}


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def date(moment: datetime | None) -> str | None:
    """RFC 2822, as Twilio writes dates."""
    return None if moment is None else format_datetime(moment)


@dataclass(slots=True)
class Record:
    """One message resource."""

    sid: str
    account: str
    direction: str
    sender: str
    to: str
    body: str
    status: str
    created: datetime
    segments: int
    service: str | None = None
    num_media: int = 0
    media: dict[str, MediaFile] = field(default_factory=dict)
    updated: datetime | None = None
    sent: datetime | None = None
    error_code: int | None = None
    error_text: str | None = None
    entry: Entry | None = None
    accepted: Accepted | None = None

    @property
    def path(self) -> str:
        return f"/{API_VERSION}/Accounts/{self.account}/Messages/{self.sid}"

    def advance(self, status: str, now: datetime) -> bool:
        """Moves the status up, never down. Returns whether it moved."""
        if _RANK[status] <= _RANK[self.status]:
            return False
        self.status = status
        self.updated = now
        if status in ("sent", "delivered") and self.sent is None:
            self.sent = now
        return True

    def to_json(self) -> dict[str, object]:
        return {
            "body": self.body,
            "num_segments": str(self.segments),
            "direction": self.direction,
            "from": self.sender or None,
            "date_updated": date(self.updated or self.created),
            "price": None,
            "error_message": self.error_text,
            "uri": f"{self.path}.json",
            "account_sid": self.account,
            "num_media": str(self.num_media),
            "to": self.to,
            "date_created": date(self.created),
            "status": self.status,
            "sid": self.sid,
            "date_sent": date(self.sent),
            "messaging_service_sid": self.service,
            "error_code": self.error_code,
            "price_unit": "USD",
            "api_version": API_VERSION,
            "subresource_uris": {"media": f"{self.path}/Media.json"},
        }


class RecordBook:
    """Message resources of all accounts, found by sid or newest first."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Record] = {}
        self._by_to: defaultdict[str, list[Record]] = defaultdict(list)

    def add(self, record: Record) -> Record:
        self._by_sid[record.sid] = record
        self._by_to[record.to].append(record)
        return record

    def get(self, account: str, sid: str) -> Record | None:
        record = self._by_sid.get(sid)
        return record if record is not None and record.account == account else None

    def newest(self, account: str, to: str | None, sender: str | None) -> Iterator[Record]:
        candidates = self._by_to.get(to, []) if to else list(self._by_sid.values())
        for record in reversed(candidates):
            if record.account == account and sender in (None, record.sender):
                yield record

    def remove(self, record: Record) -> None:
        del self._by_sid[record.sid]
        self._by_to[record.to].remove(record)

    def clear(self) -> None:
        self._by_sid.clear()
        self._by_to.clear()
