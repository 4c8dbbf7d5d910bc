"""How fast one contact is written to, where a provider limits that (WhatsApp: a message in six seconds, a short burst
before; channels.md §5.7). Held back here, before the provider refuses, and nobody else waits for it.

Every message costs `seconds` of waiting. A burst may run into debt; the debt is paid by waiting (GCRA): what a contact
was sent is paid until `paid_until`, and the next may leave when that is no more than a burst ahead.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from casella.plugin import ContactPace
from casella.store.tables import contact_paces


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
        if not self._spent:
            return
        dialect = postgresql if self._db.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(contact_paces)
        keys = [contact_paces.c.channel_id, contact_paces.c.address]
        statement = insert.on_conflict_do_update(keys, set_={"paid_until": insert.excluded.paid_until})
        rows = [
            {"channel_id": self._channel_id, "address": address, "paid_until": until}
            for address, until in sorted(self._spent.items())
        ]
        self._db.execute(statement, rows)

    def _until(self, address: str) -> datetime:
        return self._spent.get(address) or self._paid.get(address) or self._now

    def _known(self, addresses: Collection[str]) -> dict[str, datetime]:
        columns = contact_paces.c
        query = select(columns.address, columns.paid_until).where(
            columns.channel_id == self._channel_id, columns.address.in_(sorted(addresses))
        )
        return {row.address: row.paid_until for row in self._db.execute(query)}


def prune(db: Connection, now: datetime) -> None:
    """Forget what has been paid."""
    db.execute(delete(contact_paces).where(contact_paces.c.paid_until < now))
