"""What is kept for a time and then forgotten: a batch of each kind at a time, until nothing old is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from casella.inbox import notices, sign_on, subscriptions
from casella.inbox.assistant import forget_old
from casella.inbox.background import plugin_actions, timers_due
from casella.inbox.house import Duty, Rooms, by_itself
from casella.inbox.receiving import kept_revisions
from casella.inbox.sending import pacing, settling, uploads
from casella.inbox.state import visitor_revocation
from casella.store import feed, journal
from casella.store.forgetting import BATCH

_UNUSED = timedelta(days=1)
Kind = Callable[[Connection], int]


def prune(rooms: Rooms) -> bool:
    """One batch of every kind, each in a transaction of its own. Whether more may be left."""
    now = rooms.clock.now()
    is_more = False
    for kind in _kinds(now, now - timedelta(days=rooms.settings.kept_days)):
        with rooms.store.write() as db:
            is_more |= kind(db) >= BATCH
    is_more |= forget_old(rooms) >= BATCH
    return uploads.forget_uploads(rooms, now - _UNUSED) >= uploads.UPLOADS_AT_ONCE or is_more


def _kinds(now: datetime, before: datetime) -> Iterator[Kind]:
    for forgets in (journal.prune, timers_due.prune, plugin_actions.prune, settling.prune, feed.prune):
        yield partial(forgets, before=before)
    for runs_out in (
        visitor_revocation.prune, pacing.prune, kept_revisions.prune, notices.prune, sign_on.prune, subscriptions.prune,
    ):  # fmt: skip
        yield partial(runs_out, now=now)


PRUNING = Duty("old rows", 3600.0, by_itself(prune), threads=1)
