"""Who may be written to, and who somebody is."""

from casella.inbox.consent import ledger
from casella.inbox.consent.identities import Identities, address_key, named, phone_of
from casella.inbox.consent.ledger import ConsentBook, Key, entry, everywhere, keys_of, known_stopped, stopped

__all__ = [
    "ConsentBook",
    "Identities",
    "Key",
    "address_key",
    "entry",
    "everywhere",
    "keys_of",
    "known_stopped",
    "ledger",
    "named",
    "phone_of",
    "stopped",
]
