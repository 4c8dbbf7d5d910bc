"""What Casella counts, for Prometheus. One registry per process, read at /metrics.

Counting is the one thing that is global here: a number has no owner, and every room may add to it. Gauges of what
waits in the database are set when /metrics is read (`casella.api.endpoints.status`), so that they are true after a
restart too. No label holds an address, a name or an id that comes from outside.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

registry = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

webhooks = Counter(
    "casella_webhooks", "Webhooks received, by connection and outcome.", ["connection", "outcome"], registry=registry
)
journal_rows = Counter(
    "casella_journal_rows", "Events given to the journal: new, or repeated and dropped.", ["outcome"], registry=registry
)
journal_pending = Gauge("casella_journal_pending", "Events that wait in their lanes.", registry=registry)
journal_lag = Gauge("casella_journal_lag_seconds", "Age of the oldest event that waits in its lane.", registry=registry)
lane_batch = Histogram(
    "casella_lane_batch_size", "Events applied in one transaction.", buckets=_COUNTS, registry=registry
)
lane_seconds = Histogram(
    "casella_lane_seconds", "Time of applying one batch of a lane.", buckets=_FAST, registry=registry
)
visible_seconds = Histogram(
    "casella_visible_seconds", "From a webhook's arrival to its event in the feed.", buckets=_FAST, registry=registry
)
messages = Counter("casella_messages", "Messages, by direction and state.", ["direction", "state"], registry=registry)
decisions = Counter("casella_decisions", "Decisions of the rules, by event.", ["event"], registry=registry)
sends = Counter(
    "casella_sends", "Tries to send, by channel type and outcome.", ["channel_type", "outcome"], registry=registry
)
send_seconds = Histogram(
    "casella_send_seconds", "Time of one call to a provider.", ["channel_type"], buckets=_SLOW, registry=registry
)
outbox_depth = Gauge("casella_outbox", "Messages on their way out, by state.", ["state"], registry=registry)
media = Counter("casella_media", "Attachments fetched, by outcome.", ["outcome"], registry=registry)
webhook_calls = Counter(
    "casella_webhook_calls", "Calls that rules have asked for, by outcome.", ["outcome"], registry=registry
)
plugin_actions = Counter(
    "casella_plugin_actions",
    "Actions of plugins that rules have asked for, by outcome.",
    ["outcome"],
    registry=registry,
)
timers = Counter("casella_timers", "Timers that came due, by outcome.", ["outcome"], registry=registry)
quota_refusals = Counter(
    "casella_quota_refusals", "Requests refused because a quota is used up, by quota.", ["quota"], registry=registry
)
disk_free = Gauge("casella_disk_free_bytes", "Room that is left, by what lies there.", ["of"], registry=registry)
kept_webhooks = Gauge("casella_kept_webhooks", "Raw webhooks kept for `casella replay`.", registry=registry)
search_pending = Gauge("casella_search_pending", "Messages that wait to be searchable.", registry=registry)
plugin_failures = Counter(
    "casella_plugin_failures", "Calls of plugins that raised, hung or answered nonsense.", ["channel_type", "method"],
    registry=registry,
)  # fmt: skip
plugins_set_aside = Counter(
    "casella_plugins_set_aside",
    "Times a plugin, or a method of one, was set aside.",
    ["channel_type"],
    registry=registry,
)
database_away = Counter("casella_database_away", "Times the database did not answer.", registry=registry)
stalled_seconds = Counter(
    "casella_stalled_seconds", "Seconds in which this process stood still, for whatever reason.", registry=registry
)
feed_subscribers = Gauge("casella_feed_subscribers", "Open event streams.", registry=registry)
feed_events = Counter("casella_feed_events", "Events read for the event streams.", registry=registry)
feed_fallbacks = Counter(
    "casella_feed_fallbacks", "Times a slow event stream went back to the database.", registry=registry
)
http_requests = Counter(
    "casella_http_requests",
    "HTTP requests, by method, route and status.",
    ["method", "route", "status"],
    registry=registry,
)
http_seconds = Histogram(
    "casella_http_seconds", "Time to the end of the response.", ["route"], buckets=_FAST, registry=registry
)
bounded_requests = Counter(
    "casella_bounded_requests", "Requests refused before they were read, by status.", ["status"], registry=registry
)
sign_ins = Counter("casella_sign_ins", "Attempts to sign in, by outcome.", ["outcome"], registry=registry)

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """Everything, in Prometheus' text format."""
    return generate_latest(registry)
