"""The measured process: the house as `casella up`, `serve` or `work` runs it, plus a note of what it spent.

python -m bench.rig.server SPEC.json       settings come from CASELLA_… as always
"""

from __future__ import annotations

import resource
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from pydantic import BaseModel

from bench.rig import leash
from bench.rig.inbox.timing import Timed
from bench.rig.sampler import Sampler
from casella import app as house
from casella import logs, metrics, serving
from casella.api.application import create_api
from casella.api.channels.webhooks import WebhookApp
from casella.inbox.house.rooms import Rooms
from casella.inbox.receiving.intake import Intake, Ticket
from casella.inbox.receiving.translation import Kept
from casella.settings import Settings
from casella.store.journal import JournalRow

if TYPE_CHECKING:
    from bench.rig.figures.locks import LockWatch


class Spec(BaseModel):
    """`stores` False: webhooks are verified, translated and answered, and then forgotten."""

    role: Literal["up", "serve", "work"]
    stores: bool = True
    stacks: bool = False
    timed: bool = False  # every answer says what it took
    locks: bool = False  # note how long transactions hold what others want (PostgreSQL)
    notes: Path

    @property
    def ready(self) -> Path:
        """A file that is there once the workers are: nobody can connect to them to see it."""
        return self.notes.with_suffix(".ready")


@dataclass
class Stages:
    """What the intake's thread did."""

    requests: int = 0
    batches: int = 0
    answer_seconds: float = 0.0
    store_seconds: float = 0.0


class MeasuredIntake(Intake):
    """The intake with a clock around its two stages, once per batch."""

    stages = Stages()

    def _answer(self, batch: list[Ticket], me: threading.Thread) -> None:
        began = time.perf_counter()
        super()._answer(batch, me)
        self.stages.answer_seconds += time.perf_counter() - began
        self.stages.requests += len(batch)
        self.stages.batches += 1

    def _commit(self, rows: list[JournalRow], kept: list[Kept]) -> bool:
        began = time.perf_counter()
        stored = super()._commit(rows, kept)
        self.stages.store_seconds += time.perf_counter() - began
        return stored


class ForgetfulIntake(MeasuredIntake):
    """Everything but the store: what the same server would do if it did not have to keep anything."""

    def _commit(self, rows: list[JournalRow], kept: list[Kept]) -> bool:
        return True


def make_intake(stores: bool) -> type[Intake]:
    return MeasuredIntake if stores else ForgetfulIntake


def build(spec: Spec, settings: Settings) -> house.App:
    app = house.build(settings, serves=spec.role != "work", works=spec.role != "serve")
    if app.webhooks is not None and app.hub is not None:
        app.webhooks = MeasuredWebhooks(app.rooms, make_intake(spec.stores))
        app.api = create_api(app.rooms, app.webhooks, hub=app.hub, readiness=lambda: house.readiness(app))
        if spec.timed:
            app.api = Timed(app.api, app.rooms.store.engine)
    return app


class MeasuredWebhooks(WebhookApp):
    """The door with another intake behind it."""

    def __init__(self, rooms: Rooms, intake: type[Intake]) -> None:
        super().__init__(rooms)
        self._intake = intake(rooms, self._settle)


def run(spec: Spec) -> None:
    settings = Settings()
    logs.set_up("warning", settings.log_format)
    watch = _lock_watch() if spec.locks else None
    app = build(spec, settings)
    sampler = Sampler(stacks=spec.stacks)
    sampler.start()
    if spec.role == "work":
        stopping = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        house.work(app, stopping, lambda: _begin(spec, sampler, watch))
    else:
        serving.run(app, serving.listen(settings.host, settings.port))
    sampler.stop()
    held = {name: asdict(lock) for name, lock in watch.locks.items()} if watch else {}
    spec.notes.write_bytes(orjson.dumps(_notes() | sampler.report() | {"locks": held}))


def _lock_watch() -> LockWatch:
    from bench.rig.figures.locks import LockWatch  # loads the driver of PostgreSQL

    watch = LockWatch()
    watch.begin()
    return watch


def _begin(spec: Spec, sampler: Sampler, watch: LockWatch | None) -> None:
    sampler.forget()
    if watch is not None:
        watch.forget()
    spec.ready.touch()


def _notes() -> dict[str, object]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "rss_mb": round(used.ru_maxrss / 1024, 1),
        "intake": asdict(MeasuredIntake.stages),
        "lanes": _histogram("casella_lane_batch_size") | {"seconds": _histogram("casella_lane_seconds")["sum"]},
    }


def _histogram(name: str) -> dict[str, float]:
    count = metrics.registry.get_sample_value(f"{name}_count") or 0.0
    return {"count": count, "sum": metrics.registry.get_sample_value(f"{name}_sum") or 0.0}


def main() -> None:
    leash.hold()
    run(Spec.model_validate_json(Path(sys.argv[1]).read_bytes()))


if __name__ == "__main__":
    main()
