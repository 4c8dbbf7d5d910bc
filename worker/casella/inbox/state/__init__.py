"""Conversations, contacts and timers in memory, while one transaction changes them."""

from casella.inbox.state import delivery_events, visitor_revocation
from casella.inbox.state.agent_marks import AgentMarks, read_by_house, set_back
from casella.inbox.state.delivery_events import FAILED, OPENED, OPTED_OUT, SENT, news_of, tell_rules
from casella.inbox.state.entities import AddressState, ContactState, ConversationState, Values, new_conversation
from casella.inbox.state.identities import Identities, named
from casella.inbox.state.loading import hold_addresses, load
from casella.inbox.state.message_rows import outbox_row, outgoing_row
from casella.inbox.state.recall import message_values, recall
from casella.inbox.state.referrals import refer
from casella.inbox.state.released import NOBODY, Released
from casella.inbox.state.silence import (
    EVENT,
    IDLE,
    WAITING,
    arm_idle,
    arm_silences,
    following,
    last_written,
    open_timers,
    silence_timer,
    since_when,
)
from casella.inbox.state.timers import Payload, Timer, TimerBook, arm, is_first, rule_kind
from casella.inbox.state.workspace import Workspace

__all__ = [
    "EVENT",
    "FAILED",
    "IDLE",
    "NOBODY",
    "OPENED",
    "OPTED_OUT",
    "SENT",
    "WAITING",
    "AddressState",
    "AgentMarks",
    "ContactState",
    "ConversationState",
    "Identities",
    "Payload",
    "Released",
    "Timer",
    "TimerBook",
    "Values",
    "Workspace",
    "arm",
    "arm_idle",
    "arm_silences",
    "delivery_events",
    "following",
    "hold_addresses",
    "is_first",
    "last_written",
    "load",
    "message_values",
    "named",
    "new_conversation",
    "news_of",
    "open_timers",
    "outbox_row",
    "outgoing_row",
    "read_by_house",
    "recall",
    "refer",
    "rule_kind",
    "set_back",
    "silence_timer",
    "since_when",
    "tell_rules",
    "visitor_revocation",
]
