"""Telling agents on their devices while no page of theirs is open: Web Push, encrypted for each browser alone."""

from casella.inbox.house import Duty, asking, by_itself
from casella.inbox.pushing.devices import DeviceView, house_key, list_devices, register, remove
from casella.inbox.pushing.sending import send_due, write_some

__all__ = ["DUTIES", "DeviceView", "house_key", "list_devices", "register", "remove", "send_due", "write_some"]

DUTIES = (
    Duty("pushes", 1.0, by_itself(write_some), threads=1),
    Duty("push services", 1.0, asking(send_due), threads=2),
)
