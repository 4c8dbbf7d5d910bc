"""What happens without anybody's doing: timers that have come, queues, schedules, silence, plugins' actions."""

from casella.inbox.background import plugin_actions, timers_due
from casella.inbox.background.archiving import archive_closed
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.schedules import arm_schedules
from casella.inbox.background.silence_before import QuietWatch
from casella.inbox.background.timers_due import fire_due
from casella.inbox.house import Duty, asking, by_itself

__all__ = [
    "DUTIES",
    "QuietWatch",
    "archive_closed",
    "arm_schedules",
    "fire_due",
    "plugin_actions",
    "serve_queues",
    "timers_due",
]

DUTIES = (
    Duty("queues", 1.0, by_itself(serve_queues)),
    Duty("timers", 0.5, by_itself(fire_due), threads=1, bell="timers"),
    Duty("quiet conversations", 2.0, lambda rooms, _: QuietWatch(rooms).look),
    Duty("archive", 600.0, by_itself(archive_closed)),
    Duty("schedules", 10.0, by_itself(arm_schedules)),
    Duty("plugins' actions", 1.0, asking(plugin_actions.run_due), threads=2),
)
