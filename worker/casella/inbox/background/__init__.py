"""What happens without anybody's doing: timers that have come, queues, schedules, silence, plugins' actions."""

from casella.inbox.background import plugin_actions, timers_due
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.schedules import arm_schedules
from casella.inbox.background.silence_before import QuietWatch
from casella.inbox.background.timers_due import fire_due

__all__ = ["QuietWatch", "arm_schedules", "fire_due", "plugin_actions", "serve_queues", "timers_due"]
