"""Telling contacts, through their provider, that somebody is typing or has read: small courtesies that must cost
nobody anything. They go out in threads of their own; when too many wait, or a provider fails, they are forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import NoneType

import httpx
import structlog
from sqlalchemy import Label, select

from casella.errors import CasellaError
from casella.inbox.house import ChannelEntry, Rooms, able, guest_client
from casella.plugin import SendError
from casella.store.tables import contact_addresses, conversations, messages

_log = structlog.get_logger("casella.signals")
_THREADS = 2
_MOST_WAITING = 100


class Signals:
    """One per process that serves the API."""

    def __init__(self, rooms: Rooms, http: httpx.Client | None = None) -> None:
        self._rooms = rooms
        self._http = http or guest_client()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="signal")
        self._places = threading.Semaphore(_MOST_WAITING)

    def typing(self, conversation_id: str) -> None:
        """An agent is typing."""
        self._later(lambda: self._call(conversation_id, self._type))

    def read(self, conversation_id: str, newest: str) -> None:
        """An agent has read what came in, up to the message that the provider calls `newest`."""

        def mark(entry: ChannelEntry, to: str, _: str | None) -> None:
            self._mark(entry, to, newest)

        self._later(lambda: self._call(conversation_id, mark))

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def _later(self, give: Callable[[], None]) -> None:
        if not self._places.acquire(blocking=False):
            return
        try:
            self._pool.submit(_quietly, give).add_done_callback(lambda _: self._places.release())
        except RuntimeError:  # closed: the process is going down
            self._places.release()

    def _call(self, conversation_id: str, give: Callable[[ChannelEntry, str, str | None], None]) -> None:
        columns = conversations.c
        with self._rooms.store.read() as db:
            row = db.execute(
                select(columns.channel_id, contact_addresses.c.address, _newest_received())
                .join(contact_addresses, contact_addresses.c.id == columns.address_id)
                .where(columns.id == conversation_id)
            ).one_or_none()
        entry = self._rooms.directory.current.channels.get(row.channel_id) if row is not None else None
        if row is not None and entry is not None:
            give(entry, row.address, row.newest)

    def _type(self, entry: ChannelEntry, to: str, newest: str | None) -> None:
        rooms, http, link = self._rooms, self._http, entry.channel
        plugin = rooms.host.plugin(entry.channel_type)
        if link is not None and able(rooms, entry).typing:
            rooms.host.call(plugin, "show_typing", lambda: plugin.show_typing(link, to, newest, http), NoneType)

    def _mark(self, entry: ChannelEntry, to: str, newest: str) -> None:
        rooms, http, link = self._rooms, self._http, entry.channel
        plugin = rooms.host.plugin(entry.channel_type)
        if link is not None and able(rooms, entry).read_marks:
            rooms.host.call(plugin, "mark_read", lambda: plugin.mark_read(link, to, newest, http), NoneType)


def _quietly(give: Callable[[], None]) -> None:
    """A courtesy that cannot be done is no fault."""
    try:
        give()
    except (SendError, CasellaError) as error:
        _log.info("signal not given", reason=error.code)


def _newest_received() -> Label[str | None]:
    """The external id of the contact's newest message, which some providers' typing marks refer to."""
    return (
        select(messages.c.external_id)
        .where(messages.c.conversation_id == conversations.c.id, messages.c.direction == "in")
        .order_by(messages.c.received_at.desc(), messages.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
        .label("newest")
    )
