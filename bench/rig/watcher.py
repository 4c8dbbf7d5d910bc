"""An agent's event stream, read for its times: when each message was to be seen, with an assignee."""

from __future__ import annotations

import asyncio
import time

import orjson

from bench.rig.job import Job, quantile


class Watcher(asyncio.Protocol):
    """A client of `GET /api/v1/events`. Message number n is seen when `message.created` came and its conversation has
    an assignee, by that event or a `conversation.updated`."""

    def __init__(self, token: str) -> None:
        self.ready = asyncio.Event()
        self.seen: dict[int, float] = {}
        self.repeated = 0
        self.last_by_conversation: dict[str, int] = {}
        self._request = (
            f"GET /api/v1/events HTTP/1.1\r\nHost: casella.bench.example\r\nAuthorization: Bearer {token}\r\n"
            "Accept: text/event-stream\r\n\r\n"
        ).encode()
        self._rest = b""
        self._assigned: set[str] = set()
        self._waiting: dict[str, list[int]] = {}
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's are transports in all but name
        self._transport.write(self._request)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            if line.startswith(b"data: "):
                self._event(line[6:], now)

    def _event(self, data: bytes, now: float) -> None:
        event = orjson.loads(data)
        kind = event.get("kind")
        if kind is None:
            self.ready.set()
            return
        conversation = event["payload"].get("conversation")
        if conversation is None:
            return
        id = conversation["id"]
        if conversation.get("assignee"):
            self._assigned.add(id)
            for number in self._waiting.pop(id, ()):
                self._see(number, now)
        if kind == "message.created":
            self._message(id, event["payload"]["message"], now)

    def _message(self, conversation_id: str, message: dict[str, str], now: float) -> None:
        if message["direction"] != "in" or not message["text"].startswith("#"):
            return
        number = int(message["text"][1:8])
        if conversation_id in self._assigned:
            self._see(number, now)
        else:
            self._waiting.setdefault(conversation_id, []).append(number)

    def _see(self, number: int, now: float) -> None:
        self.repeated += number in self.seen
        self.seen.setdefault(number, now)

    async def finish(self, accepted: list[int], sent_at: list[float], began: float, job: Job) -> dict[str, object]:
        """Wait until all that was accepted is visible, then count."""
        deadline = time.perf_counter() + job.patience
        while len(self.seen) < len(accepted) and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        pairs = [(self.seen[index + job.first], sent_at[index]) for index in accepted if index + job.first in self.seen]
        counted = [(seen, sent) for seen, sent in pairs if sent >= began]
        waits = sorted(seen - sent for seen, sent in counted)
        last = max((seen for seen, _ in counted), default=began)
        return {
            "visible": len(self.seen),
            "missing": len(accepted) - len(self.seen),
            "repeated": self.repeated,
            "visible_per_second": round(len(counted) / max(1e-9, last - began), 1),
            "visible_p50_ms": round(quantile(waits, 0.5) * 1000, 2),
            "visible_p99_ms": round(quantile(waits, 0.99) * 1000, 2),
        }
