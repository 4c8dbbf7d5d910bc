"""Plays what happens in a test: what the customer does is received, what agents do is commanded, and time passes as it
does for the house's workers, from one moment in which something may happen by itself to the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, select

from casella.desk.test_file.parts import Step
from casella.ids import new_id
from casella.inbox.assignment import waits
from casella.inbox.background import arm_schedules, fire_due, serve_queues
from casella.inbox.rule_tests.acts import ACTS, Refused
from casella.inbox.rule_tests.world import World
from casella.inbox.sending import Outcome, claim_due, record_outcomes
from casella.plugin import Sent
from casella.store.tables import outbox, timers
from casella.store.types import Instant
from casella_rules import next_open
from casella_rules.hours import next_closed

_AT_ONCE = 100


class Play:
    """Things happen in a world, one after the other. `mark`: what has a later id has come of the last step in which
    something was to happen; `did`: whether it happened; `refused`: what could not be had of it, in sentences."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.mark, self.did, self.refused = new_id(), False, list[str]()
        arm_schedules(world.rooms)

    def happen(self, step: Step) -> None:
        """The clock moves, then it happens. A step that only expects looks at what happened before it."""
        if not step.model_fields_set - {"expect"}:
            return
        self.mark, self.did, self.refused = new_id(), False, []
        if step.at is not None:
            self._wait(self.world.local(step.at))
        if step.wait is not None:
            self._wait(self.world.now + timedelta(seconds=step.wait))
        for name in ACTS:
            if getattr(step, name) not in (None, False):
                self._act(name, step)
        self._settle()

    def _act(self, name: str, step: Step) -> None:
        try:
            with self.world.rooms.store.write() as db:
                ACTS[name](self.world, db, step)
        except Refused as error:
            self.refused.append(f"{name} was not possible: {error}")
        else:
            self.did = True

    # --- time -------------------------------------------------------------------------------------------------------

    def _wait(self, moment: datetime) -> None:
        self._settle()
        while (now := self.world.now) < moment:
            self.world.clock.at = min([*self._next(now), moment])
            self._settle()

    def _next(self, now: datetime) -> Iterator[datetime]:
        """When something may happen by itself: a timer comes, or somebody waits and agents' hours begin or end."""
        with self.world.rooms.store.read() as db:
            yield from db.execute(_TIMERS.where(timers.c.due_at > now)).scalars()
            somebody_waits = db.execute(_SOMEBODY_WAITS).scalar_one()
        desk = self.world.desk
        for key in {agent.hours for agent in desk.parts.agents.values() if agent.hours} if somebody_waits else ():
            moments = (next_open(desk.hours[key], now), next_closed(desk.hours[key], now))
            yield from (self.world.local(one) for one in moments if one is not None and one > now)

    def _settle(self) -> None:
        """What workers and their sweep do, until it is quiet."""
        rooms = self.world.rooms
        arm_schedules(rooms)
        done = 1
        while done:
            with rooms.store.read() as db:
                work = db.execute(_WORK, {"now": self.world.now}).one()
            done = self._deliver() if work.sends else 0
            done += fire_due(rooms) if work.comes_due or work.sends else 0  # also of what the gate has kept back
            done += serve_queues(rooms) if work.waits else 0

    def _deliver(self) -> int:
        """What waits in the outbox leaves, as far as the gate still lets it."""
        rooms, now = self.world.rooms, self.world.now
        with rooms.store.write() as db:
            claims, _ = claim_due(rooms, db, _AT_ONCE, now)
            if claims:
                record_outcomes(rooms, db, [Outcome(one, now, now, Sent(new_id())) for one in claims], now)
        return len(claims)


_TIMERS = select(timers.c.due_at).where(timers.c.state == "waiting").order_by(timers.c.due_at).limit(1)
_SOMEBODY_WAITS = select(exists().where(waits()))
_NOW = bindparam("now", type_=Instant)
#: Asked before each of the duties is, because each asks for more: what leaves may make a timer due, and so on.
_WORK = select(
    exists().where(outbox.c.state == "queued").label("sends"),
    exists().where(timers.c.state == "waiting", timers.c.due_at <= _NOW).label("comes_due"),
    exists().where(waits()).label("waits"),
)
