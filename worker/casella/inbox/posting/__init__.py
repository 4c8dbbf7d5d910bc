"""What leaves for other systems by HTTP POST: calls of rules, letters of subscriptions, pushes. Each kind is a
`Courier`; one set of threads carries all of them, one receiver at a time, so that whoever answers slowly holds up only
what is for him."""

from casella.inbox.posting.answers import Answer, post
from casella.inbox.posting.carriers import carriers_of
from casella.inbox.posting.couriers import LEASE, Courier, carry_due
from casella.inbox.posting.health import PAUSES, WELL, note_health, pause_after

__all__ = [
    "LEASE",
    "PAUSES",
    "WELL",
    "Answer",
    "Courier",
    "carriers_of",
    "carry_due",
    "note_health",
    "pause_after",
    "post",
]
