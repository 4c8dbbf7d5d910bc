"""The actors: thin. Each is a bell's sound in a worker: it wakes one lane, or one pump, and calls one function of the
domain. They never fail towards the broker; what could not be done stays in the database, and the sweep rings again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from dramatiq import Actor, Broker
from dramatiq import actor as declare_actor

from casella.errors import StoreUnavailable

_log = structlog.get_logger("casella.jobs")
QUEUE = "bells"


@dataclass(frozen=True, slots=True)
class Work:
    """What the actors wake. `heard` is told which bell was heard, before the work begins, so that the next ring is not
    taken for the same one."""

    apply_lane: Callable[[int], object]
    deliver: Callable[[], object]
    fetch_media: Callable[[], object]
    index: Callable[[], object]
    fire_timers: Callable[[], object]
    heard: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Actors:
    """The declared actors; `send` rings them."""

    lane: Actor[[int], None]
    deliveries: Actor[[], None]
    media: Actor[[], None]
    search: Actor[[], None]
    timers: Actor[[], None]


def declare(broker: Broker, work: Work) -> Actors:
    """Declare every actor on the broker."""

    def lane(number: int) -> None:
        _do(work, f"lane:{number}", lambda: work.apply_lane(number))

    def deliveries() -> None:
        _do(work, "deliveries", work.deliver)

    def media() -> None:
        _do(work, "media", work.fetch_media)

    def search() -> None:
        _do(work, "search", work.index)

    def timers() -> None:
        _do(work, "timers", work.fire_timers)

    # A decorator of its own for each: dramatiq's keeps the name of the first function it saw.
    return Actors(
        declare_actor(broker=broker, queue_name=QUEUE)(lane),
        declare_actor(broker=broker, queue_name=QUEUE)(deliveries),
        declare_actor(broker=broker, queue_name=QUEUE)(media),
        declare_actor(broker=broker, queue_name=QUEUE)(search),
        declare_actor(broker=broker, queue_name=QUEUE)(timers),
    )


def declare_silent(broker: Broker) -> Actors:
    """The same actors for a process that only rings: they exist by name and are never run here."""

    def nothing(*_: object) -> None: ...

    return declare(broker, Work(nothing, nothing, nothing, nothing, nothing, nothing))


def _do(work: Work, bell: str, act: Callable[[], object]) -> None:
    work.heard(bell)
    try:
        act()
    except StoreUnavailable:
        pass  # the store has said so, once; the sweep will ring again
    except Exception:  # noqa: BLE001 - a failed actor would only fill the broker's dead letters
        _log.exception("bell not answered", bell=bell)
