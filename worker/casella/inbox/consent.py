"""The consent ledger: who may be written to. Append-only; the newest entry of (pool, address) is the state.

A pool is a channel on its own, or a named sender pool several channels share (a Twilio Messaging Service). Checked
before every send, queued ones included. START re-opens what STOP closed; it never creates consent to marketing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from casella.inbox.directory import ChannelEntry
from casella.inbox.entities import Values
from casella.inbox.rooms import Rooms
from casella.inbox.workspace import Workspace
from casella.plugin import clean_text
from casella.store.feed import FeedEvent
from casella.store.keys import ByKeys
from casella.store.tables import consents

Key = tuple[str, str]


def pool_of(rooms: Rooms, channel: ChannelEntry, given: str = "") -> str:
    """The pool a channel's opt-outs count for: named ones are kept apart per connection. Raises PluginFailed: an
    opt-out must not be filed under another pool than the one that is asked."""
    named = given or _own_pool(rooms, channel)
    return f"{channel.connection.id}:{named}" if named else channel.id


def _own_pool(rooms: Rooms, channel: ChannelEntry) -> str:
    """Asked once per channel and desk: it is pure, and on the way of every message."""
    known = rooms.directory.current.pools
    if channel not in known:
        link, plugin = channel.channel, rooms.host.plugins.get(channel.channel_type)
        if link is None or plugin is None:
            return ""
        known[channel] = rooms.host.call(plugin, "consent_pool", lambda: plugin.consent_pool(link), str)
    return known[channel]


def states(db: Connection, keys: Iterable[Key]) -> dict[Key, str]:
    """The newest state of each (pool, address); one without an entry is absent."""
    wanted = set(keys)
    if not wanted:
        return {}
    return {(row.pool, row.address): row.state for row in db.execute(*_NEWEST(wanted))}


_POOL_AND_ADDRESS = (consents.c.pool, consents.c.address)
_NEWEST = ByKeys(
    _POOL_AND_ADDRESS,
    lambda wanted: select(*_POOL_AND_ADDRESS, consents.c.state).where(
        consents.c.id.in_(select(func.max(consents.c.id)).where(wanted).group_by(*_POOL_AND_ADDRESS))
    ),
)


def entry(
    key: Key, state: str, source: str, evidence: str, at: datetime, *, agent_id: str | None, message_id: str | None
) -> Values:
    """A row of the ledger."""
    return {
        "pool": key[0],
        "address": key[1],
        "state": state,
        "source": source,
        "evidence": clean_text(evidence)[:200],
        "agent_id": agent_id,
        "message_id": message_id,
        "at": at,
    }


class ConsentBook:
    """The ledger's part that one batch reads and adds to."""

    def __init__(self, rooms: Rooms, work: Workspace) -> None:
        self._rooms = rooms
        self._work = work
        self._states: dict[Key, str] = {}
        self._new: list[Values] = []

    def load(self, pairs: Sequence[tuple[ChannelEntry, str]]) -> None:
        keys = {(pool_of(self._rooms, channel), address) for channel, address in pairs}
        self._states = states(self._work.db, keys)

    def is_stopped(self, channel: ChannelEntry, address: str) -> bool:
        return self._states.get((pool_of(self._rooms, channel), address)) == "opted_out"

    def record(
        self,
        channel: ChannelEntry,
        address: str,
        state: str,
        source: str,
        evidence: str,
        pool: str = "",
        message_id: str | None = None,
    ) -> None:
        """Add an entry; one that changes nothing is added too, because it is evidence."""
        key = (pool_of(self._rooms, channel, pool), address)
        self._states[key] = state
        self._new.append(
            entry(key, state, source, evidence, self._work.now, agent_id=None, message_id=message_id)
        )  # fmt: skip
        self._work.events.append(
            FeedEvent("contact.consent", channel.inbox.id, None, {"channel_id": channel.id, "state": state})
        )

    def write(self) -> None:
        if self._new:
            self._work.db.execute(insert(consents), self._new)
