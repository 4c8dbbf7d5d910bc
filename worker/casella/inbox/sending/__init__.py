"""The gate, the outbox, delivery, and what came of each send."""

from casella.inbox.house import Duty, asking, by_itself
from casella.inbox.sending import canned, outbox, pacing, permission, settling, templates, uploads
from casella.inbox.sending.claims import claim_due
from casella.inbox.sending.content import WITH_TEXT, choices_of, row_kind, to_details
from casella.inbox.sending.delivery import Delivery, settle_expired
from casella.inbox.sending.leases import doubt_waiting
from casella.inbox.sending.outbox import Draft, queue_reply
from casella.inbox.sending.outcomes import Outcome, backoff, pause_after, record_outcomes
from casella.inbox.sending.pausing import after_a_look, close_window, pause
from casella.inbox.sending.permission import (
    Permission,
    Recipient,
    Way,
    judge,
    judge_content,
    judge_writer,
    measure,
    recipient,
)
from casella.inbox.sending.preview import Preview, preview
from casella.inbox.sending.settling import settle_in
from casella.inbox.sending.typing_signals import Signals
from casella.inbox.sending.uploads import MOST_BYTES, OpenFile

__all__ = [
    "DUTIES",
    "MOST_BYTES",
    "WITH_TEXT",
    "Delivery",
    "Draft",
    "OpenFile",
    "Outcome",
    "Permission",
    "Preview",
    "Recipient",
    "Signals",
    "Way",
    "after_a_look",
    "backoff",
    "canned",
    "choices_of",
    "claim_due",
    "close_window",
    "doubt_waiting",
    "judge",
    "judge_content",
    "judge_writer",
    "measure",
    "outbox",
    "pacing",
    "pause",
    "pause_after",
    "permission",
    "preview",
    "queue_reply",
    "recipient",
    "record_outcomes",
    "row_kind",
    "settle_expired",
    "settle_in",
    "settling",
    "templates",
    "to_details",
    "uploads",
]

DUTIES = (
    Duty("leases", 1.0, by_itself(settle_expired)),
    Duty("early receipts", 2.0, by_itself(settling.match_early_receipts)),
    Duty("unconfirmed", 2.0, asking(settling.look_up_unconfirmed), threads=1),
)
