"""From a raw webhook to journal rows: verify, translate, find the channel, give the message its id.

Nothing is stored here. What cannot be translated now (plugin set aside, unknown channel) is kept raw, and answered as
if stored, because it will be. While a connection's earlier webhook waits to be tried again, its later ones are kept
behind it, so that they are applied in the order in which they came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import structlog

from casella import metrics
from casella.errors import CasellaError, PluginAway, PluginFailed
from casella.host import NotInContract
from casella.ids import new_id
from casella.inbox.house import ConnectionEntry, Rooms
from casella.plugin import ChannelPlugin, Event, Verdict, Webhook, WebhookAnswer
from casella.plugin.events import EVENT_TYPES
from casella.store.journal import JournalRow, lane_of
from casella.store.sealing import Sealer

_log = structlog.get_logger("casella.intake")
_KEPT_HEADERS_MAX = 16_384
_KEY_MAX = 512
"""Characters of an id or address at most: they are keys of indexes, whose rows have at most 2.7 kB on PostgreSQL."""
STORED = WebhookAnswer(200)
SET_ASIDE, FAILED, BEHIND, UNUSABLE = "quarantined", "plugin_failed", "behind", "unusable_connection"
BY_ITSELF = (SET_ASIDE, FAILED, BEHIND)
"""Why a webhook is kept: the plugin is set aside, it failed at this one, an earlier one of its connection is kept, its
connection cannot be used. Those of the first three are tried again by itself (`casella.inbox.receiving.replay`)."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw webhook to be kept."""

    connection_key: str
    reason: str
    webhook: Webhook

    def row(self, sealer: Sealer) -> JournalRow:
        headers = orjson.dumps(_shortest_first(self.webhook.headers)).decode()
        return {
            "id": new_id(),
            "connection_key": self.connection_key,
            "reason": self.reason,
            "method": self.webhook.method,
            "query": self.webhook.query,
            "headers_sealed": sealer.seal(headers),
            "body": self.webhook.body,
            "received_at": self.webhook.received_at,
            "attempts": int(self.reason == FAILED),
            "due_at": self.webhook.received_at if self.reason in BY_ITSELF else None,
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
    webhook: Webhook


class Translator:
    """Used by one thread at a time. `seconds`: how long the plugin may take for each step, where nobody watches over
    this thread. `again`: for webhooks that were kept, whose turn it is whatever is set aside or waits."""

    def __init__(self, rooms: Rooms, *, seconds: float | None = None, again: bool = False) -> None:
        self._rooms = rooms
        self._seconds = seconds
        self._again = again
        self.call: Call | None = None

    def accept(self, entry: ConnectionEntry, webhook: Webhook) -> Accepted:
        """Never raises on account of a webhook or a plugin."""
        host = self._rooms.host
        try:
            plugin = host.plugin(entry.channel_type)
        except CasellaError:
            known = host.plugins.get(entry.channel_type)
            return self._keep(entry, webhook, SET_ASIDE, known.acknowledgement if known else STORED)
        if entry.connection is None:
            return self._keep(entry, webhook, UNUSABLE, plugin.acknowledgement)
        if not self._again and not host.receives(entry.channel_type):
            return self._keep(entry, webhook, SET_ASIDE, plugin.acknowledgement)
        try:
            return self._translate(plugin, entry, webhook)
        except PluginAway:
            return self._keep(entry, webhook, SET_ASIDE, plugin.acknowledgement)
        except PluginFailed:
            return self.park(entry, webhook)
        finally:
            self.call = None

    def park(self, entry: ConnectionEntry, webhook: Webhook) -> Accepted:
        """Of what the plugin could not do anything with: it is kept alone, and tried again in a moment."""
        return self._keep(entry, webhook, FAILED, self._rooms.host.plugins[entry.channel_type].acknowledgement)

    def _translate(self, plugin: ChannelPlugin, entry: ConnectionEntry, webhook: Webhook) -> Accepted:
        host, connection = self._rooms.host, entry.connection
        assert connection is not None, "accept has looked"
        subject, seconds = digest_of(webhook), self._seconds
        self.call = Call(entry.channel_type, "verify", webhook)
        verdict = host.call(
            plugin, "verify", lambda: _sound(plugin.verify(connection, webhook)), Verdict,
            subject=subject, seconds=seconds,
        )  # fmt: skip
        if verdict.outcome != "authentic":
            metrics.webhooks.labels(entry.key, verdict.reason or verdict.outcome).inc()
            return Accepted(verdict.answer or WebhookAnswer(403))
        answer = verdict.answer or plugin.acknowledgement
        if not self._again and self._rooms.held.holds(entry.key):
            return self._keep(entry, webhook, BEHIND, answer)
        self.call = Call(entry.channel_type, "translate", webhook)

        def rows() -> tuple[list[JournalRow], str | None]:  # an event's identity and its JSON are the guest's doing too
            return self._rows(entry, webhook, plugin.translate(connection, webhook))

        written, reason = host.call(plugin, "translate", rows, tuple, subject=subject, seconds=seconds)
        metrics.webhooks.labels(entry.key, "accepted").inc()
        return Accepted(answer, written, (Kept(entry.key, reason, webhook),) if reason else ())

    def _rows(self, entry: ConnectionEntry, webhook: Webhook, events: object) -> tuple[list[JournalRow], str | None]:
        """The rows, and why the webhook must be kept raw besides, because some event became no row. Raises
        NotInContract."""
        rows: list[JournalRow] = []
        reason = None
        if not isinstance(events, list | tuple):
            raise NotInContract(f"answered {type(events).__name__}")
        for event in events:
            if not isinstance(event, EVENT_TYPES):
                raise NotInContract(f"answered a list with {type(event).__name__}")
            row = journal_row(self._rooms, entry, webhook.received_at, event)
            if isinstance(row, str):
                reason = row
                _log.warning("event became no journal row", connection=entry.key, reason=reason)
            else:
                rows.append(row)
        return rows, reason

    def _keep(self, entry: ConnectionEntry, webhook: Webhook, reason: str, answer: WebhookAnswer) -> Accepted:
        if not self._again and reason in BY_ITSELF:
            self._rooms.held.hold(entry.key, behind=reason == BEHIND)
        metrics.webhooks.labels(entry.key, reason).inc()
        return Accepted(answer, kept=(Kept(entry.key, reason, webhook),))


def _sound(verdict: Verdict) -> Verdict:
    """Raises NotInContract for what only looks like one."""
    if isinstance(verdict, Verdict) and not isinstance(verdict.answer, WebhookAnswer | None):
        raise NotInContract("answered with something else than a WebhookAnswer")
    return verdict


def digest_of(webhook: Webhook) -> str:
    """The same for the same request delivered again."""
    return hashlib.blake2b(webhook.query.encode() + b"\n" + webhook.body, digest_size=12).hexdigest()


def journal_row(rooms: Rooms, entry: ConnectionEntry, at: datetime, event: Event) -> JournalRow | str:
    """The row of an event that a plugin has told, or why it can become none."""
    written = event.model_dump_json()
    if "\\u0000" in written:
        event = _without_nul(event)
        written = event.model_dump_json()
    if max(len(event.identity), len(event.contact_address), len(event.channel_address)) > _KEY_MAX:
        return "key_too_long"
    channel = rooms.directory.current.channel_at(entry.key, event.channel_address)
    if channel is None:
        return "unknown_channel"
    return {
        "lane": lane_of(channel.id, event.contact_address, rooms.settings.lanes),
        "channel_id": channel.id,
        "message_id": new_id(),
        "kind": event.kind,
        "identity": event.identity,
        "event": written,
        "received_at": at,
    }


def _shortest_first(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers up to the most that is kept, so that one huge one drops itself and no other."""
    kept: dict[str, str] = {}
    room = _KEPT_HEADERS_MAX
    for name, value in sorted(headers.items(), key=lambda header: len(header[1])):
        room -= len(name) + len(value)
        if room < 0:
            break
        kept[name] = value
    return kept


def _without_nul(event: Event) -> Event:
    """The event as every database takes it: PostgreSQL stores no U+0000, neither in text nor in JSON."""
    return type(event).model_validate(_strip(event.model_dump(mode="json")))


def _strip(value: object) -> object:
    if isinstance(value, dict):
        return {_strip(name): _strip(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_strip(item) for item in value]
    return value.replace("\x00", "") if isinstance(value, str) else value
