"""Rules with a delay, waiting for their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from casella.desk.trials.stage import Happening
from casella.desk.trials.world import TrialConversation, World
from casella_rules import Chain, DelayedRule

#: What is done when the time of a rule has come.
ComeDue = Callable[[str, Happening, Chain], None]


class WaitingRules:
    """A rule waits once for each cause in a conversation. An event of its `unless` there ends that."""

    def __init__(self, world: World, come_due: ComeDue) -> None:
        self._world = world
        self._come_due = come_due
        self._known: set[tuple[str, TrialConversation | None, str]] = set()
        self._waiting: list[tuple[DelayedRule, TrialConversation | None, str]] = []

    def add(self, delayed: DelayedRule, happening: Happening, chain: Chain) -> None:
        """From now on it waits."""
        conversation = self._world.conversation
        cause = chain.id if not chain.path else f"{chain.id}/{id(happening)}"
        if (delayed.rule, conversation, cause) in self._known:
            return
        self._known.add((delayed.rule, conversation, cause))
        entry = (delayed, conversation, cause)
        self._waiting.append(entry)

        def due() -> None:
            if entry in self._waiting:
                self._waiting.remove(entry)
                with self._world.about(conversation):
                    self._come_due(delayed.rule, happening, chain)

        self._world.later(self._world.now + timedelta(seconds=delayed.after), due)

    def cancel(self, event: str) -> None:
        """This has happened to the conversation."""
        conversation = self._world.conversation
        self._waiting = [one for one in self._waiting if event not in one[0].unless or one[1] is not conversation]
