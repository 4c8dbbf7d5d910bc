"""Watching the event stream as a browser does: over cut connections, with Last-Event-ID."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from tests.integration.rig.programs import until


@dataclass(frozen=True)
class Seen:
    """One event as it came over the wire."""

    cursor: str
    kind: str
    body: dict[str, object]
    at: float = field(default_factory=time.monotonic)
    """When it came, by the monotonic clock."""

    @property
    def payload(self) -> dict[str, object]:
        payload = self.body.get("payload")
        return payload if isinstance(payload, dict) else {}

    def message(self) -> dict[str, object]:
        message = self.payload.get("message")
        return message if isinstance(message, dict) else {}


def read_events(response: httpx.Response) -> Iterator[Seen]:
    """The events of one connection, until it ends. A block cut in the middle is no event, as the standard says."""
    cursor, kind, lines = "", "", list[str]()
    for line in response.iter_lines():
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            cursor = value
        elif name == "event":
            kind = value
        elif name == "data":
            lines.append(value)
        elif not line:
            if lines:
                yield Seen(cursor, kind, json.loads("\n".join(lines)))
            kind, lines = "", []


class Watcher:
    """Stays connected to /events from `start` to `stop`. `events`: everything it was told, in the order it came."""

    def __init__(self, client: httpx.Client) -> None:
        self.events: list[Seen] = []
        self.cursor = ""
        self.connections = 0
        self.resets = 0
        self._client = client
        self._ready = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher")

    def start(self) -> None:
        """Returns when it is watching."""
        self._thread.start()
        until(self._ready.is_set, "event stream open")

    def stop(self) -> None:
        """Ending twice does no harm."""
        self._stopping.set()
        self._thread.join()
        self._client.close()

    def wait_for(self, wanted: Callable[[Seen], bool], what: str) -> Seen:
        until(lambda: any(wanted(event) for event in list(self.events)), f"event: {what}")
        return next(event for event in self.events if wanted(event))

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._connect()
            except httpx.HTTPError:
                time.sleep(0.1)

    def _connect(self) -> None:
        headers = {"Last-Event-ID": self.cursor} if self.cursor else {}
        timeout = httpx.Timeout(10, read=1.5)
        with self._client.stream("GET", "/api/v1/events", headers=headers, timeout=timeout) as response:
            if response.status_code != 200:
                time.sleep(0.1)
                return
            self.connections += 1
            self._ready.set()
            for event in read_events(response):
                self._note(event)
                if self._stopping.is_set():
                    return

    def _note(self, event: Seen) -> None:
        self.cursor = event.cursor or self.cursor
        if event.kind == "reset":
            self.resets += 1
        elif event.kind != "ready":
            self.events.append(event)
