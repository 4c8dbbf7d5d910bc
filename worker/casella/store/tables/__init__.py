"""Every table, by the room it belongs to. `metadata` is the truth that the migrations are tested against."""

from casella.store.tables.assistant import (
    assistant_answers,
    assistant_consents,
    assistant_drafts,
    assistant_proposals,
    assistant_providers,
    assistant_requests,
    assistant_usage,
)
from casella.store.tables.base import metadata
from casella.store.tables.conversations import (
    attachments,
    conversation_tags,
    conversations,
    messages,
    search_pending,
)
from casella.store.tables.delivery import outbox, receipts_pending, send_attempts
from casella.store.tables.journal import journal, kept_webhooks, lanes
from casella.store.tables.organisation import (
    access_tokens,
    agents,
    channels,
    connections,
    desk_versions,
    inbox_members,
    inboxes,
    team_members,
    teams,
)
from casella.store.tables.people import consents, contact_addresses, contact_tags, contacts
from casella.store.tables.record import decisions, effects, feed, idempotency_keys, rotations, rule_sets, timers

__all__ = [
    "access_tokens",
    "agents",
    "assistant_answers",
    "assistant_consents",
    "assistant_drafts",
    "assistant_proposals",
    "assistant_providers",
    "assistant_requests",
    "assistant_usage",
    "attachments",
    "channels",
    "connections",
    "consents",
    "contact_addresses",
    "contact_tags",
    "contacts",
    "conversation_tags",
    "conversations",
    "decisions",
    "desk_versions",
    "effects",
    "feed",
    "idempotency_keys",
    "inbox_members",
    "inboxes",
    "journal",
    "kept_webhooks",
    "lanes",
    "messages",
    "metadata",
    "outbox",
    "receipts_pending",
    "rotations",
    "rule_sets",
    "search_pending",
    "send_attempts",
    "team_members",
    "teams",
    "timers",
]
