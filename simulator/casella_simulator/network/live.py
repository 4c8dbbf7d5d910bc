"""Live events for the phones page: fan-out to every open event stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

_QUEUE_SIZE = 2_000


class Hub:
    """Publishing costs nothing while nobody looks. A reader that falls behind is told to load everything again."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str | None]] = set()
        self._closed = False

    @property
    def watched(self) -> bool:
        return bool(self._queues)

    def publish(self, event: str, payload: dict[str, object]) -> None:
        if not self._queues:
            return
        frame = _frame(event, payload)
        for queue in self._queues:
            if queue.full():
                _empty(queue)
                queue.put_nowait(_frame("reload", {}))
            queue.put_nowait(frame)

    async def frames(self) -> AsyncIterator[str]:
        """Frames of a server-sent event stream, with a comment every 15 seconds to keep it open."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(_QUEUE_SIZE)
        self._queues.add(queue)
        try:
            yield _frame("reload", {})
            while not self._closed:
                try:
                    frame = await asyncio.wait_for(queue.get(), timeout=15)
                except TimeoutError:
                    frame = ": still here\n\n"
                if frame is None:
                    return
                yield frame
        finally:
            self._queues.discard(queue)

    def close(self) -> None:
        """Ends every stream; without it a server would wait for its readers before it stops."""
        self._closed = True
        for queue in self._queues:
            _empty(queue)
            queue.put_nowait(None)


def _frame(event: str, payload: dict[str, object]) -> str:
    return f"event: {event}\ndata: {json.dumps(payload, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _empty(queue: asyncio.Queue[str | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
