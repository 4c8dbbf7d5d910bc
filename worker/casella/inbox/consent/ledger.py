"""The consent ledger: who may be written to. Append-only; the newest entry of (pool, address) is the state.

A pool is a channel on its own, or a named sender pool several channels share (a Twilio Messaging Service); what an
agent decides counts for all channels of a type (S-64). Checked before every send, queued ones included. START re-opens
what STOP closed; it never creates consent to marketing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from casella.errors import PluginFailed
from casella.inbox.house import ChannelEntry, Rooms
from casella.plugin import ConsentChanged, clean_text
from casella.store import bulk, feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries.people import consent_queries
from casella.store.tables import consents

Key = tuple[str, str]
MARKETING = "marketing"
_NOW = 2**63
"""Behind every entry there is: not written yet."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest entry about an address in one pool."""

    id: int
    state: str


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


def everywhere(channel: ChannelEntry) -> str:
    """The pool of everything that is sent by this type of channel; ids of channels have no colon."""
    return f"type:{channel.channel_type}"


def keys_of(rooms: Rooms, channel: ChannelEntry, address: str) -> tuple[Key, Key]:
    """Where a channel's decisions about an address stand: its own pool, and the whole type's."""
    return (pool_of(rooms, channel), address), (everywhere(channel), address)


def topic_key(channel: ChannelEntry, address: str, topic: str = MARKETING) -> Key:
    """Where decisions about one topic stand: they stop nothing else."""
    return f"topic:{topic}:{channel.id}", address


def marketing_stopped(db: Connection, channel: ChannelEntry, address: str) -> bool:
    """Whether the contact has switched this channel's marketing messages off."""
    key = topic_key(channel, address)
    found = newest(db, [key]).get(key)
    return found is not None and found.state == "opted_out"


def agreed(rooms: Rooms, db: Connection, channel: ChannelEntry, addresses: Iterable[str]) -> set[str]:
    """Which of these addresses have agreed to this channel's marketing messages and not stopped everything since: a
    START after a STOP lets messages in again, and is no consent to marketing."""
    topics = {address: topic_key(channel, address) for address in addresses}
    known = newest(db, topics.values())
    said = {address: known[key].id for address, key in topics.items() if key in known}
    said = {address: id for address, id in said.items() if known[topics[address]].state == "opted_in"}
    pools = {address: keys_of(rooms, channel, address) for address in said}
    stops = _last_stops(db, {key for pair in pools.values() for key in pair})
    return {address for address, id in said.items() if all(stops.get(key, 0) < id for key in pools[address])}


def _last_stops(db: Connection, keys: Iterable[Key]) -> dict[Key, int]:
    return {key: stop.id for key, stop in consent_queries.last_stops_of(db, set(keys)).items()}


def newest(db: Connection, keys: Iterable[Key]) -> dict[Key, Standing]:
    """The newest entry of each (pool, address); one without an entry is absent."""
    return {key: Standing(row.id, row.state) for key, row in consent_queries.newest_of(db, set(keys)).items()}


def is_opted_out(own: Standing | None, overall: Standing | None) -> bool:
    """A stop of the channel's own pool holds; one for all of a type holds until this pool has been re-opened since."""
    if own is not None and own.state == "opted_out":
        return True
    return overall is not None and overall.state == "opted_out" and (own is None or own.id < overall.id)


def stopped(rooms: Rooms, db: Connection, channel: ChannelEntry, addresses: Iterable[str]) -> set[str]:
    """Which of these addresses have opted out of this channel's messages."""
    keys = {address: keys_of(rooms, channel, address) for address in addresses}
    known = newest(db, [key for pair in keys.values() for key in pair])
    return {address for address, (own, overall) in keys.items() if is_opted_out(known.get(own), known.get(overall))}


def known_stopped(rooms: Rooms, db: Connection, wanted: Iterable[tuple[ChannelEntry, str]]) -> set[tuple[str, str]]:
    """Which of these channels and addresses have opted out, as (channel's id, address), in one question. For showing:
    a plugin that cannot tell its pool must not close a page that shows others' too. What is sent asks `stopped`."""
    keys = {(channel.id, address): _known_keys(rooms, channel, address) for channel, address in wanted}
    known = newest(db, [key for pair in keys.values() for key in pair])
    return {
        place
        for place, (*own, overall) in keys.items()
        if is_opted_out(known.get(own[0]) if own else None, known.get(overall))
    }


def _known_keys(rooms: Rooms, channel: ChannelEntry, address: str) -> Sequence[Key]:
    try:
        return keys_of(rooms, channel, address)
    except PluginFailed:
        return [(everywhere(channel), address)]


def entry(
    key: Key, state: str, source: str, evidence: str, at: datetime, *, agent_id: str | None, message_id: str | None
) -> dict[str, object]:
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
    """The ledger's part that one batch reads and adds to. `recorded`: what was added, as (channel, address, state)."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime) -> None:
        self._rooms, self._db, self._now = rooms, db, now
        self.recorded: list[tuple[ChannelEntry, str, str]] = []
        self._states: dict[Key, Standing] = {}
        self._new: list[dict[str, object]] = []

    def load(self, pairs: Sequence[tuple[ChannelEntry, str]]) -> None:
        keys = {key for channel, address in pairs for key in keys_of(self._rooms, channel, address)}
        self._states = newest(self._db, keys)

    def is_stopped(self, channel: ChannelEntry, address: str) -> bool:
        own, overall = keys_of(self._rooms, channel, address)
        return is_opted_out(self._states.get(own), self._states.get(overall))

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
        self._states[key] = Standing(_NOW, state)
        self._new.append(
            entry(key, state, source, evidence, self._now, agent_id=None, message_id=message_id)
        )  # fmt: skip
        self.recorded.append((channel, address, state))

    def record_topic(self, channel: ChannelEntry, event: ConsentChanged) -> None:
        """A decision about one topic (marketing), which the provider itself keeps: shown, and asked before such
        messages are sent."""
        key = topic_key(channel, event.contact_address, event.topic)
        self._new.append(
            entry(key, event.state, event.source, event.evidence, self._now, agent_id=None, message_id=None)
        )
        told: dict[str, JsonValue] = {"channel_id": channel.id, "state": event.state, "topic": event.topic}
        feed.append(self._db, [FeedEvent("contact.consent", channel.inbox.id, told)], self._now)

    def write(self) -> None:
        bulk.insert(self._db, consents, self._new)
