"""What is built once, in `casella.app`, and passed on explicitly to everything in the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from casella.clock import Clock, SteadyClock
from casella.disk import MEGABYTE, free_bytes
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

    def free_disk(self) -> dict[str, int]:
        """Bytes that may still be written, by what lies there, where it can be known."""
        folder = self.store.folder
        found = {"database": free_bytes(folder) if folder else None, "attachments": self.media.free()}
        return {of: free for of, free in found.items() if free is not None}

    def disk_problem(self) -> str:
        """Which disk is nearly full, for people; empty where there is room."""
        floor = max(1, self.settings.bounds.free_disk_mb)
        low = {of: free // MEGABYTE for of, free in self.free_disk().items() if free < floor * MEGABYTE}
        if not low:
            return ""
        left = " and ".join(f"{free} MB are left for the {of}" for of, free in low.items())
        return f"nearly full: {left}, {floor} are to stay free; no files are taken until somebody makes room"

    def refresh(self) -> None:
        """Follow the newest applied desk, and the clock that counts."""
        if isinstance(self.clock, DatabaseClock | SteadyClock):
            self.clock.follow()
        if self.desk.refresh() | self.directory.refresh():
            _log.info("desk in use", version=self.desk.current.version)
