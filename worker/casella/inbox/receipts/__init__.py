"""States of our messages, upwards only."""

from casella.inbox.receipts.applying import KEPT_FOR, ReceiptBook, tell_news, write_states
from casella.inbox.receipts.early_receipts import ExternalKey, take_early
from casella.inbox.receipts.message_states import MessageState, StoredMessage

__all__ = [
    "KEPT_FOR",
    "ExternalKey",
    "MessageState",
    "ReceiptBook",
    "StoredMessage",
    "take_early",
    "tell_news",
    "write_states",
]
