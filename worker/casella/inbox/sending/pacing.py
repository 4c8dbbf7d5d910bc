"""How fast a channel sends (a token bucket in its row, shared by all processes), and how fast one contact is written
to, where a provider limits that (WhatsApp: a message in six seconds, a short burst before; channels.md §5.7). Held
back here, before the provider refuses, and nobody else waits for it.

Every message costs `seconds` of waiting. A burst may run into debt; the debt is paid by waiting (GCRA): what a contact
was sent is paid until `paid_until`, and the next may leave when that is no more than a burst ahead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from casella.inbox.house import ChannelEntry, Rooms, able
from casella.plugin import ContactPace
from casella.store import bulk
from casella.store.forgetting import forget
from casella.store.prepared import Change, Query
from casella.store.tables import channels, contact_paces

_SPEND = bulk.Insert(
    contact_paces,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["channel_id", "address"], set_={"paid_until": insert.excluded.paid_until}
    ),
)


class _Bucket(NamedTuple):
    paused_code: str | None
    paused_until: datetime | None
    send_tokens: float
    send_tokens_at: datetime | None


_HOLD = Query(
    _Bucket,
    select(*(channels.c[name] for name in _Bucket._fields))
    .where(channels.c.id == bindparam("id"))
    .with_for_update(key_share=True),
)
_ITS = update(channels).where(channels.c.id == bindparam("row_id"))
_FILL = Change(_ITS.values(send_tokens=bindparam("tokens"), send_tokens_at=bindparam("at")))
_TAKE = Change(_ITS.values(send_tokens=channels.c.send_tokens - bindparam("count")))

LONGEST_PAUSE = timedelta(hours=1, minutes=1)
"""A pause is an hour at most (`outcomes.LONGEST_WISH`). One that ends later was written by a clock that was wrong."""


def is_paused(code: str | None, until: datetime | None, now: datetime) -> bool:
    """Whether nothing leaves through the channel that was paused for this reason (None: it was not) until then."""
    return code is not None and (until is None or now < until <= now + LONGEST_PAUSE)


def allowance(
    rooms: Rooms, db: Connection, channel: ChannelEntry, wanted: int, now: datetime
) -> tuple[int, float | None]:
    """How many the channel's rate allows now (a token bucket in its row, shared by all processes), and when more."""
    [row] = _HOLD(db, id=channel.id)
    if is_paused(row.paused_code, row.paused_until, now):
        return 0, (row.paused_until - now).total_seconds() if row.paused_until else None
    if channel.channel is None or rooms.host.is_quarantined(channel.channel_type):
        return 0, None
    if rooms.host.breakers.is_aside(channel.channel_type, "send"):
        wait = rooms.host.breakers.seconds_to_probe(channel.channel_type, "send")
        if wait > 0:
            return 0, wait
        wanted = 1  # the probe
    rate = rate_of(rooms, channel)
    known = min(row.send_tokens_at, now) if row.send_tokens_at else None  # no right clock has written a later time
    since = (now - known).total_seconds() if known else 1.0
    tokens = min(max(rate, 1.0), row.send_tokens + max(0.0, since) * rate)
    _FILL(db, row_id=channel.id, tokens=tokens, at=now)
    allowed = min(wanted, int(tokens))
    return allowed, (1.0 if allowed == wanted else max(0.01, (1 - (tokens - allowed)) / rate))


def rate_of(rooms: Rooms, channel: ChannelEntry) -> float:
    """Sends per second: the channel's own option, or its type's default."""
    option = channel.channel.options.get("sends_per_second", "") if channel.channel else ""
    try:
        return max(0.01, float(option))
    except ValueError:
        return able(rooms, channel).sends_per_second


def spend(db: Connection, channel: ChannelEntry, count: int) -> None:
    """So many are being sent; only after `allowance`, which holds the channel's row."""
    if count:
        _TAKE(db, row_id=channel.id, count=count)


class PaceBook:
    """What one claim of one channel may send to whom. The caller holds the channel's row, so that two processes do not
    spend the same allowance."""

    def __init__(
        self, db: Connection, channel_id: str, pace: ContactPace | None, addresses: Collection[str], now: datetime
    ) -> None:
        self._db, self._channel_id, self._pace, self._now = db, channel_id, pace, now
        self._paid: Mapping[str, datetime] = self._known(addresses) if pace and addresses else {}
        self._spent: dict[str, datetime] = {}

    def waits_until(self, address: str) -> datetime | None:
        """When the contact may be sent the next message; None: now."""
        if self._pace is None:
            return None
        ahead = self._until(address) - timedelta(seconds=self._pace.seconds * (self._pace.burst - 1))
        return ahead if ahead > self._now else None

    def spend(self, address: str) -> None:
        """One message leaves for him."""
        if self._pace is not None:
            self._spent[address] = max(self._now, self._until(address)) + timedelta(seconds=self._pace.seconds)

    def write(self) -> None:
        rows = [
            {"channel_id": self._channel_id, "address": address, "paid_until": until}
            for address, until in sorted(self._spent.items())
        ]
        _SPEND(self._db, rows)

    def _until(self, address: str) -> datetime:
        return self._spent.get(address) or self._paid.get(address) or self._now

    def _known(self, addresses: Collection[str]) -> dict[str, datetime]:
        columns = contact_paces.c
        query = select(columns.address, columns.paid_until).where(
            columns.channel_id == self._channel_id, columns.address.in_(sorted(addresses))
        )
        return {row.address: row.paid_until for row in self._db.execute(query)}


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of what has been paid."""
    return forget(db, contact_paces, contact_paces.c.paid_until < now)
