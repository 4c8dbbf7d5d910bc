"""What comes with time: customers who wait, conversations in which nobody writes, times of the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from casella.desk.trials.stage import Happening
from casella.desk.trials.world import TrialConversation, World
from casella_rules import RuleSet, next_time
from casella_rules.language.durations import written

_SINCE = {"conversation_waiting": "waiting_since", "conversation_idle": "spoken_at"}


class Alarms:
    """Wakes rules at the times that they name."""

    def __init__(self, world: World, rules: RuleSet, happens: Callable[[list[Happening]], None]) -> None:
        self._world, self._rules, self._happens = world, rules, happens

    def begin(self) -> None:
        """From now on. What is over for the conversation that is given, is over."""
        if self._world.conversation is not None:
            self.watch(self._world.conversation)
        zones = {self._world.desk.timezone_of(inbox) for inbox in self._world.desk.parts.inboxes}
        for cron in self._rules.schedules:
            for zone in sorted(zones):
                self._schedule(cron, zone)

    def watch(self, conversation: TrialConversation) -> None:
        """Something was said: every time that rules have named counts from now, unless it counts already."""
        for event in _SINCE:
            for seconds in self._rules.waits(event):
                self._look_after(conversation, event, seconds)

    def _look_after(self, conversation: TrialConversation, event: str, seconds: int) -> None:
        since = getattr(conversation, _SINCE[event])
        if since is None or (moment := since + timedelta(seconds=seconds)) < self._world.now:
            return
        key = (event, seconds, since)
        if key in conversation.lulls:
            return
        conversation.lulls.add(key)

        def due() -> None:
            if conversation.status == "closed":
                return
            if getattr(conversation, _SINCE[event]) == since:
                self._happens([Happening(event, f"{event} {written(seconds)}", conversation=conversation)])
            elif event == "conversation_idle":  # somebody has written since: it follows the last message
                self._look_after(conversation, event, seconds)

        self._world.later(moment, due)

    def _schedule(self, cron: str, zone: str) -> None:
        moment = next_time(cron, self._world.now, zone)

        def due() -> None:
            conversation = self._world.conversation
            here = conversation is not None and self._world.desk.timezone_of(conversation.inbox) == zone
            if conversation is not None and here and conversation.status != "closed":
                self._happens([Happening("schedule", f"schedule {cron}")])
            self._schedule(cron, zone)

        if moment is not None:
            self._world.later(moment, due)
