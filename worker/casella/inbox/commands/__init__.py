"""What people do by hand: to a conversation, to a contact, to their own availability."""

from casella.inbox.commands import (
    archiving,
    assigning,
    closing,
    noting,
    opt_outs,
    prioritizing,
    resending,
    snoozing,
    starting,
    surveying,
    tagging,
    transferring,
)
from casella.inbox.commands.assigning import recount
from casella.inbox.commands.availability import set_available
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.commands.prioritizing import Priority
from casella.inbox.commands.queueing import assign_from_queue, give, put_back, record

__all__ = [
    "ConversationChange",
    "Priority",
    "archiving",
    "assign_from_queue",
    "assigning",
    "closing",
    "give",
    "noting",
    "opt_outs",
    "prioritizing",
    "put_back",
    "record",
    "recount",
    "resending",
    "set_available",
    "snoozing",
    "starting",
    "surveying",
    "tagging",
    "transferring",
]
