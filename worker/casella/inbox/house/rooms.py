"""What is built once, in `casella.app`, and passed on explicitly to everything in the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from casella.clock import Clock, SteadyClock
from casella.host import Host
from casella.inbox.files import FileLinks, MediaStore
from casella.inbox.house.assistant_setup import AssistantRoom
from casella.inbox.house.bell import Bell
from casella.inbox.house.directory import DirectoryHolder
from casella.inbox.house.held import HeldConnections
from casella.inbox.house.live_desk import DeskHolder
from casella.settings import Settings
from casella.store import Store
from casella.store.database_clock import DatabaseClock
from casella.store.sealing import Sealer

_log = structlog.get_logger("casella.inbox")


@dataclass(frozen=True, slots=True)
class Rooms:
    """The house's fittings. One per process."""

    settings: Settings
    store: Store
    clock: Clock
    sealer: Sealer
    host: Host
    bell: Bell
    directory: DirectoryHolder
    desk: DeskHolder
    media: MediaStore
    links: FileLinks
    assistant: AssistantRoom = field(default_factory=AssistantRoom)
    held: HeldConnections = field(default_factory=HeldConnections)

    def clock_problem(self) -> str:
        """What is wrong with this machine's clock, for people; empty where it is right, or nobody can tell."""
        return self.clock.problem() if isinstance(self.clock, DatabaseClock | SteadyClock) else ""

    def refresh(self) -> None:
        """Follow the newest applied desk, and the clock that counts."""
        if isinstance(self.clock, DatabaseClock | SteadyClock):
            self.clock.follow()
        if self.desk.refresh() | self.directory.refresh():
            _log.info("desk in use", version=self.desk.current.version)
