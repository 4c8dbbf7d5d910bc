"""From a raw webhook to journal rows: verify, translate, find the channel, give the message its id.

Nothing is stored here. What cannot be translated now (plugin set aside, unknown channel) is kept raw for
`casella replay`, and answered as if stored, because it will be.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
import structlog

from casella import metrics
from casella.errors import CasellaError, PluginFailed
from casella.ids import new_id
from casella.inbox.directory import ConnectionEntry, Directory
from casella.inbox.rooms import Rooms
from casella.plugin import ChannelPlugin, Event, Verdict, Webhook, WebhookAnswer
from casella.plugin.events import EVENT_TYPES
from casella.store.journal import JournalRow, lane_of
from casella.store.sealing import Sealer

_log = structlog.get_logger("casella.intake")
_KEPT_HEADERS_MAX = 16_384
STORED = WebhookAnswer(200)


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw webhook to be kept."""

    connection_key: str
    reason: str
    webhook: Webhook

    def row(self, sealer: Sealer) -> JournalRow:
        headers = orjson.dumps(dict(self.webhook.headers)).decode()[:_KEPT_HEADERS_MAX]
        return {
            "id": new_id(),
            "connection_key": self.connection_key,
            "reason": self.reason,
            "method": self.webhook.method,
            "query": self.webhook.query,
            "headers_sealed": sealer.seal(headers),
            "body": self.webhook.body,
            "received_at": self.webhook.received_at,
        }


@dataclass(frozen=True, slots=True)
class Accepted:
    """What to store and what to answer once it is stored."""

    answer: WebhookAnswer
    rows: Sequence[JournalRow] = ()
    kept: Sequence[Kept] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A plugin's method that is running now; the watchdog looks at it."""

    channel_type: str
    method: str
    began: float = field(default_factory=time.monotonic)


class Translator:
    """Used by one thread at a time."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.call: Call | None = None

    def accept(self, entry: ConnectionEntry, webhook: Webhook) -> Accepted:
        """Never raises on account of a webhook or a plugin."""
        host = self._rooms.host
        try:
            plugin = host.plugin(entry.channel_type)
        except CasellaError:
            known = host.plugins.get(entry.channel_type)
            return self._keep(entry, webhook, "quarantined", known.acknowledgement if known else STORED)
        if entry.connection is None:
            return self._keep(entry, webhook, "unusable_connection", plugin.acknowledgement)
        try:
            return self._translate(plugin, entry, webhook)
        except PluginFailed:
            return self._keep(entry, webhook, "plugin_failed", plugin.acknowledgement)
        finally:
            self.call = None

    def _translate(self, plugin: ChannelPlugin, entry: ConnectionEntry, webhook: Webhook) -> Accepted:
        host, connection = self._rooms.host, entry.connection
        assert connection is not None, "accept has looked"
        self.call = Call(entry.channel_type, "verify")
        verdict = host.call(plugin, "verify", lambda: plugin.verify(connection, webhook), Verdict)
        if verdict.outcome != "authentic":
            metrics.webhooks.labels(entry.key, verdict.reason or verdict.outcome).inc()
            return Accepted(verdict.answer or WebhookAnswer(403))
        self.call = Call(entry.channel_type, "translate")
        events = host.call(plugin, "translate", lambda: plugin.translate(connection, webhook), (list, tuple))
        rows, unknown = self._rows(plugin, entry, webhook, events)
        metrics.webhooks.labels(entry.key, "accepted").inc()
        kept = (Kept(entry.key, "unknown_channel", webhook),) if unknown and not rows else ()
        return Accepted(plugin.acknowledgement, rows, kept)

    def _rows(
        self, plugin: ChannelPlugin, entry: ConnectionEntry, webhook: Webhook, events: Sequence[object]
    ) -> tuple[list[JournalRow], int]:
        directory = self._rooms.directory.current
        rows: list[JournalRow] = []
        unknown = 0
        for event in events:
            if not isinstance(event, EVENT_TYPES):
                self._rooms.host.set_aside(
                    plugin.channel_type, f"translate answered a list with {type(event).__name__}"
                )
                raise PluginFailed(channel_type=plugin.channel_type)
            row = self._row(directory, entry, webhook.received_at, event)
            if row is None:
                unknown += 1
            else:
                rows.append(row)
        return rows, unknown

    def _row(self, directory: Directory, entry: ConnectionEntry, at: datetime, event: Event) -> JournalRow | None:
        channel = directory.channel_at(entry.key, event.channel_address)
        if channel is None:
            _log.warning("event for a channel that is not in the desk", connection=entry.key)
            return None
        return {
            "lane": lane_of(channel.id, event.contact_address, self._rooms.settings.lanes),
            "channel_id": channel.id,
            "message_id": new_id(),
            "kind": event.kind,
            "identity": event.identity,
            "event": event.model_dump_json(),
            "received_at": at,
        }

    def _keep(self, entry: ConnectionEntry, webhook: Webhook, reason: str, answer: WebhookAnswer) -> Accepted:
        metrics.webhooks.labels(entry.key, reason).inc()
        return Accepted(answer, kept=(Kept(entry.key, reason, webhook),))
