"""The telephone network in the middle: what all providers share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

from casella_simulator.config import SimulatorConfig
from casella_simulator.network.courier import Courier
from casella_simulator.network.faults import FaultBox
from casella_simulator.network.fetching import MediaFetcher
from casella_simulator.network.journal import Journal
from casella_simulator.network.live import Hub
from casella_simulator.network.media import MediaShelf
from casella_simulator.network.phones import PhoneBook

logger = logging.getLogger("casella_simulator")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Network:
    """Faults, phones, journal, media and the courier, built once and given to every provider."""

    def __init__(self, config: SimulatorConfig, clock: Callable[[], datetime] = utc_now) -> None:
        self.config = config
        self.clock = clock
        self.base_url = (config.public_url or "").rstrip("/")
        self.hub = Hub()
        self.faults = FaultBox(config.faults)
        self.journal = Journal(config.journal_limit)
        self.phones = PhoneBook(self.hub)
        self.media = MediaShelf(config.media_total_limit, config.media_file_limit)
        self.courier = Courier(self.journal, self.hub, clock)
        self.fetcher = MediaFetcher()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def busy(self) -> bool:
        """Whether receipts or media are still under way."""
        return bool(self._tasks)

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Runs work beside the request that caused it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("the simulator failed in the background", exc_info=error)

    async def quiet(self) -> None:
        """Stops everything under way; nothing more is sent."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def reset(self) -> None:
        """Forgets messages, phones, media and faults; accounts stay."""
        await self.quiet()
        self.faults.clear(self.config.faults)
        self.journal.clear()
        self.phones.clear()
        self.media.clear()
        self.hub.publish("reload", {})

    async def close(self) -> None:
        self.hub.close()
        await self.quiet()
        self.courier.close()
        await self.fetcher.close()
