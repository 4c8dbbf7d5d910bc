"""Asking providers for what their webhooks did not bring (a lost webhook is a lost message where nobody delivers it
again). The answer goes the way of a webhook: the same events with the same identities, into the same journal, where
whatever is known already vanishes. One process asks for one channel at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import or_, update

from casella import metrics
from casella.errors import CasellaError
from casella.host import NotInContract
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.receiving.translation import journal_row
from casella.inbox.sending import after_a_look, pause_after
from casella.plugin import ChannelSuspect, Event, SendError
from casella.plugin.events import EVENT_TYPES
from casella.store import journal
from casella.store.journal import JournalRow
from casella.store.tables import channels

_log = structlog.get_logger("casella.missed")
OVERLAP = timedelta(minutes=10)
"""Lists of providers lag behind, and their clocks differ from ours."""
IN_TIME = timedelta(minutes=1)
"""How long a webhook may take: what is younger is left to it, and to the next look, which goes back further than that.
Otherwise every message whose webhook is on its way would count as missed."""
FIRST_LOOK = timedelta(hours=1)
FURTHEST = timedelta(days=3)


def ask_missed(rooms: Rooms, http: httpx.Client) -> int:
    """Ask for every channel whose turn has come. Returns how many events were new."""
    return sum(_ask(rooms, http, channel) for channel in list(rooms.directory.current.channels.values()))


def _ask(rooms: Rooms, http: httpx.Client, channel: ChannelEntry) -> int:
    now = rooms.clock.now()
    try:
        every = able(rooms, channel).missed_every if channel.channel else None
        since = _claim(rooms, channel, every, now) if every else None
        if since is None:
            return 0
        rows = _rows(rooms, http, channel, since, now)
    except SendError as error:
        _stop(rooms, http, channel, error, now)
        return 0
    except CasellaError as error:
        _log.info("not asked for missed messages", channel=channel.key, reason=type(error).__name__)
        return 0
    return _store(rooms, channel, rows, now)


def _stop(rooms: Rooms, http: httpx.Client, channel: ChannelEntry, error: SendError, now: datetime) -> None:
    """What a provider says of the whole channel when it is asked pauses it as when something is sent; people are told
    then. Everything else is asked again at the next turn."""
    if isinstance(error, ChannelSuspect) and channel.channel is not None:
        error = after_a_look(rooms, http, channel.channel_type, channel.channel, error)
    log = _log.info if error.retryable else _log.warning
    log("not asked for missed messages", channel=channel.key, reason=error.code, text=error.text)
    if error.scope == "channel":
        with rooms.store.write() as db:
            pause_after(db, channel.id, channel.inbox.id, error, 1, now)
        rooms.bell.feed()


def _claim(rooms: Rooms, channel: ChannelEntry, every: float, now: datetime) -> datetime | None:
    """Since when to ask, if it is this channel's turn and nobody else asks."""
    columns = channels.c
    due = or_(columns.missed_asked_at.is_(None), columns.missed_asked_at <= now - timedelta(seconds=every))
    with rooms.store.write() as db:
        row = db.execute(
            update(channels)
            .where(columns.id == channel.id, due)
            .values(missed_asked_at=now)
            .returning(columns.missed_until)
        ).one_or_none()
    if row is None:
        return None
    known = row.missed_until or now - FIRST_LOOK
    return max(known, now - FURTHEST) - OVERLAP


def _rows(rooms: Rooms, http: httpx.Client, channel: ChannelEntry, since: datetime, now: datetime) -> list[JournalRow]:
    plugin, link = rooms.host.plugin(channel.channel_type), channel.channel
    assert link is not None, "asked for connected channels only"

    def ask() -> list[JournalRow]:  # an event's identity and its JSON are the guest's doing too
        events = plugin.missed(link, since, http)
        if not isinstance(events, list | tuple) or not all(isinstance(event, EVENT_TYPES) for event in events):
            raise NotInContract("answered something else than events")
        written = [journal_row(rooms, channel.connection, now, event) for event in events if _is_late(event, now)]
        for reason in (row for row in written if isinstance(row, str)):
            _log.warning("event became no journal row", channel=channel.key, reason=reason)
        return [row for row in written if not isinstance(row, str)]

    return rooms.host.call(plugin, "missed", ask, list)


def _is_late(event: Event, now: datetime) -> bool:
    return event.provider_time is None or event.provider_time < now - IN_TIME


def _store(rooms: Rooms, channel: ChannelEntry, rows: list[JournalRow], now: datetime) -> int:
    with rooms.store.write() as db:
        new = journal.append(db, rows) if rows else 0
        db.execute(update(channels).where(channels.c.id == channel.id).values(missed_until=now))
    if new:
        metrics.journal_rows.labels("missed").inc(new)
        _log.warning("messages found that no webhook brought", channel=channel.key, count=new)
        rooms.bell.lanes({lane for row in rows if isinstance(lane := row["lane"], int)})
    return new
