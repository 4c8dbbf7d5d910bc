"""Claims are held by a lease, and a lease by signs of life: a sender that has died is known within ten seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from casella.errors import StoreUnavailable
from casella.inbox.house import Rooms
from casella.inbox.sending.claims import LEASE, Claim
from casella.inbox.views import message_updated, tell
from casella.store.sessions import hold_briefly
from casella.store.tables import messages, outbox

RENEW_EVERY = 2.0
"""Seconds between two signs of life: three may be lost."""


class HeldClaims:
    """What a process is sending now, and its signs of life. One per process; `take` and `drop` from any thread."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._guard = threading.Lock()
        self._known: dict[str, tuple[Claim, float]] = {}  # by message; when it was last known to be ours
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew_for_ever, name="delivery-heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(RENEW_EVERY)

    def take(self, claim: Claim) -> None:
        with self._guard:
            self._known[claim.message_id] = (claim, time.monotonic())

    def drop(self, claims: Sequence[Claim]) -> None:
        with self._guard:
            for claim in claims:
                self._known.pop(claim.message_id, None)

    def is_ours(self, claim: Claim) -> bool:
        """Asked before the plugin is: this process may have stood still since it claimed, and others may have acted."""
        _, known = self._known.get(claim.message_id, (claim, time.monotonic()))
        if time.monotonic() - known < RENEW_EVERY:
            return True
        try:
            with self._rooms.store.write() as db:
                return claim.message_id in renew(db, [claim], self._rooms.clock.now())
        except StoreUnavailable:
            return False

    def _renew_for_ever(self) -> None:
        while not self._ended.wait(RENEW_EVERY):
            began = time.monotonic()
            with self._guard:
                claims = [claim for claim, _ in self._known.values()]
            if not claims:
                continue
            try:
                with self._rooms.store.write() as db:
                    still = renew(db, claims, self._rooms.clock.now())
            except StoreUnavailable:
                continue  # three more of these, and others take them for lost
            with self._guard:
                self._known |= {id: (self._known[id][0], began) for id in still if id in self._known}


def renew(db: Connection, claims: Sequence[Claim], now: datetime) -> set[str]:
    """Go on holding these claims. Returns the ids of the messages that are still ours."""
    hold_briefly(db)
    tokens = {claim.token for claim in claims}
    ids = sorted(claim.message_id for claim in claims)
    mine = outbox.c.message_id.in_(ids) & outbox.c.token.in_(tokens)
    held = db.execute(select(outbox.c.message_id).where(mine).order_by(outbox.c.message_id).with_for_update()).scalars()
    still = set(held)
    if still:
        db.execute(update(outbox).where(outbox.c.message_id.in_(still), mine).values(leased_until=now + LEASE))
    return still


def release(db: Connection, claims: Sequence[Claim]) -> None:
    """Give back claims whose send has not begun."""
    for claim in claims:
        db.execute(
            update(outbox)
            .where(outbox.c.message_id == claim.message_id, outbox.c.token == claim.token)
            .values(state="queued", token=None, leased_until=None, attempts=outbox.c.attempts - 1)
        )
        db.execute(update(messages).where(messages.c.id == claim.message_id).values(state="queued"))


def expire_leases(rooms: Rooms, db: Connection, now: datetime, *, every: bool = False) -> int:
    """Claims whose process has died: the outcome is unknown. `every`: all of them, because this process is the only one
    and has just begun."""
    hold_briefly(db)
    ended = outbox.c.state == "sending"
    if not every:
        ended &= outbox.c.leased_until < now
    gone = db.execute(
        select(outbox.c.message_id, outbox.c.conversation_id, outbox.c.channel_id)
        .where(ended)
        .order_by(outbox.c.message_id)
        .with_for_update(skip_locked=True)
    ).all()
    if not gone:
        return 0
    ids = [row.message_id for row in gone]
    db.execute(
        update(messages)
        .where(messages.c.id.in_(ids), messages.c.state == "sending")
        .values(state="unconfirmed", error_code="send_uncertain", error_retryable=False)
    )
    unconfirmed = set(
        db.execute(select(messages.c.id).where(messages.c.id.in_(ids), messages.c.state == "unconfirmed")).scalars()
    )
    settled = [id for id in ids if id not in unconfirmed]  # a receipt was faster: it did arrive
    if settled:
        db.execute(delete(outbox).where(outbox.c.message_id.in_(settled)))
    db.execute(
        update(outbox)
        .where(outbox.c.message_id.in_(list(unconfirmed)))
        .values(state="unconfirmed", token=None, leased_until=now, unsure_since=now)
    )
    told = [message_updated(row.conversation_id, row.message_id) for row in gone if row.message_id in unconfirmed]
    tell(rooms, db, told, now)
    return len(gone)


def doubt_waiting(db: Connection, now: datetime) -> int:
    """In a database that was restored: whatever waited and could have left since may have left. To Casella that is as
    if its process had died while sending, so nothing leaves twice, and providers are asked where they can be. Returns
    how many."""
    due = (outbox.c.state == "queued") & (outbox.c.due_at <= now)
    waiting = select(outbox.c.message_id).where(due | (outbox.c.state == "sending"))
    db.execute(update(messages).where(messages.c.id.in_(waiting)).values(state="sending"))
    doubted = {"state": "sending", "token": None, "leased_until": now, "started_at": outbox.c.queued_at}
    return db.execute(update(outbox).where(outbox.c.message_id.in_(waiting)).values(doubted)).rowcount
