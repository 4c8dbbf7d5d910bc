"""Who can take a conversation, who gets it, who waits for whom."""

from casella.inbox.assignment import capacity, queue_position
from casella.inbox.assignment.capacity import has_room, takes_work
from casella.inbox.assignment.choosing import Search, find_agent, search
from casella.inbox.assignment.queue import Kind, first_waiting, kind_of, kinds_waiting, waits
from casella.inbox.assignment.queue_position import PassedOver, local_time, passed_over, standing, wish
from casella.inbox.assignment.returns import arm_overflow, put_down, return_timer, wake
from casella.inbox.assignment.roster import AgentRoster, lock_agents
from casella.inbox.assignment.seen_again import answers, look_who_is_back
from casella.inbox.assignment.starvation import managers_of, raise_alarms
from casella.inbox.house import Duty, by_itself

__all__ = [
    "DUTIES",
    "AgentRoster",
    "Kind",
    "PassedOver",
    "Search",
    "answers",
    "arm_overflow",
    "capacity",
    "find_agent",
    "first_waiting",
    "has_room",
    "kind_of",
    "kinds_waiting",
    "local_time",
    "lock_agents",
    "look_who_is_back",
    "managers_of",
    "passed_over",
    "put_down",
    "queue_position",
    "raise_alarms",
    "return_timer",
    "search",
    "standing",
    "takes_work",
    "waits",
    "wake",
    "wish",
]

DUTIES = (Duty("starvation", 10.0, by_itself(raise_alarms)),)
