"""Who may be written to, and who somebody is."""

from casella.inbox.consent import ledger
from casella.inbox.consent.identities import Identities, address_key, named, phone_of
from casella.inbox.consent.ledger import (
    MARKETING,
    ConsentBook,
    Key,
    entry,
    everywhere,
    keys_of,
    known_stopped,
    marketing_stopped,
    stopped,
    topic_key,
)

__all__ = [
    "MARKETING",
    "ConsentBook",
    "Identities",
    "Key",
    "address_key",
    "entry",
    "everywhere",
    "keys_of",
    "known_stopped",
    "ledger",
    "marketing_stopped",
    "named",
    "phone_of",
    "stopped",
    "topic_key",
]
