"""Conversations, contacts and timers in memory, while one transaction changes them."""

from casella.inbox.state import delivery_events, visitor_revocation
from casella.inbox.state.assignment_request import Wanted
from casella.inbox.state.delivery_events import FAILED, OPENED, OPTED_OUT, SENT, news_of, tell_rules
from casella.inbox.state.entities import AddressKey, AddressState, ConversationState, Values
from casella.inbox.state.recall import message_values, recall
from casella.inbox.state.referrals import refer
from casella.inbox.state.released import NOBODY, LetGo
from casella.inbox.state.silence import (
    EVENT,
    IDLE,
    WAITING,
    arm_idle,
    arm_lulls,
    following,
    last_written,
    lull_timer,
    since_when,
)
from casella.inbox.state.timers import Payload, Timer, TimerBook, arm, is_first, rule_kind
from casella.inbox.state.workspace import HOLD_ADDRESSES, Workspace

__all__ = [
    "EVENT",
    "FAILED",
    "HOLD_ADDRESSES",
    "IDLE",
    "NOBODY",
    "OPENED",
    "OPTED_OUT",
    "SENT",
    "WAITING",
    "AddressKey",
    "AddressState",
    "ConversationState",
    "LetGo",
    "Payload",
    "Timer",
    "TimerBook",
    "Values",
    "Wanted",
    "Workspace",
    "arm",
    "arm_idle",
    "arm_lulls",
    "delivery_events",
    "following",
    "is_first",
    "last_written",
    "lull_timer",
    "message_values",
    "news_of",
    "recall",
    "refer",
    "rule_kind",
    "since_when",
    "tell_rules",
    "visitor_revocation",
]
