"""Telling agents on their devices while no page of theirs is open: Web Push, encrypted for each browser alone."""

from casella.inbox.house import Duty, by_itself
from casella.inbox.pushing.devices import DeviceView, house_key, list_devices, register, remove
from casella.inbox.pushing.sending import PUSHES, send_due, write_some

__all__ = [
    "DUTIES",
    "PUSHES",
    "DeviceView",
    "house_key",
    "list_devices",
    "register",
    "remove",
    "send_due",
    "write_some",
]

DUTIES = (Duty("pushes", 1.0, by_itself(write_some), threads=1),)
