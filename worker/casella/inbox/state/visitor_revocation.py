"""Credentials of contacts that count no more before they run out: of one browser, or all that a contact was given.

The credentials themselves are the plugins' (signed tokens of a webchat, for instance), and nothing is stored of them
while they count. `MOST_LASTING`: no plugin gives out one that lasts longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.forgetting import forget
from casella.store.tables import contact_addresses, conversations, revocations

MOST_LASTING = timedelta(days=366)
_EVERYTHING = ""


def revoke(db: Connection, channel_id: str, address: str, credential: str, at: datetime, until: datetime) -> None:
    """This one credential counts no more; remembered until it would have run out."""
    _insert(db, channel_id, address, credential, at, min(until, at + MOST_LASTING))


def sign_out(db: Connection, contact_id: str, at: datetime) -> None:
    """Nothing counts any more that this contact was given up to now, on any channel."""
    place = conversations.c
    used = (
        select(place.channel_id, contact_addresses.c.address)
        .join(contact_addresses, contact_addresses.c.id == place.address_id)
        .where(place.contact_id == contact_id)
        .distinct()
    )
    for row in db.execute(used).all():
        _insert(db, row.channel_id, row.address, _EVERYTHING, at, at + MOST_LASTING)


def is_revoked(db: Connection, channel_id: str, address: str, credential: str, issued_at: datetime) -> bool:
    """Whether a credential that was given out then counts no more."""
    mine = revocations.c
    all_before = (mine.credential == _EVERYTHING) & (mine.revoked_at >= issued_at)
    query = select(mine.revoked_at).where(
        mine.channel_id == channel_id, mine.address == address, or_(mine.credential == credential, all_before)
    )
    return db.execute(query.limit(1)).first() is not None


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of what has run out by itself."""
    return forget(db, revocations, revocations.c.until < now)


def _insert(db: Connection, channel_id: str, address: str, credential: str, at: datetime, until: datetime) -> None:
    """A later one takes the place of an earlier one."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    key = {"channel_id": channel_id, "address": address, "credential": credential}
    change = {"revoked_at": at, "until": until}
    insert = dialect.insert(revocations).values({**key, **change})
    db.execute(insert.on_conflict_do_update(index_elements=list(key), set_=change))
