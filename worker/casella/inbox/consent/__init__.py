"""Who may be written to."""

from casella.inbox.consent import ledger
from casella.inbox.consent.erased import keep_stops, recall_stops
from casella.inbox.consent.ledger import (
    MARKETING,
    ConsentBook,
    Key,
    agreed,
    entry,
    everywhere,
    keys_of,
    known_stopped,
    marketing_stopped,
    pool_of,
    stopped,
    topic_key,
)

__all__ = [
    "MARKETING",
    "ConsentBook",
    "Key",
    "agreed",
    "entry",
    "everywhere",
    "keep_stops",
    "keys_of",
    "known_stopped",
    "ledger",
    "marketing_stopped",
    "pool_of",
    "recall_stops",
    "stopped",
    "topic_key",
]
