"""A third-party channel whose provider is a socket of ours: it answers at once, late, or a byte at a time for ever.
What it does is said by the text that is sent."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME, ADDRESS, SEND_SECONDS = "slow", "slow@guests.example", 4.0


class SlowProvider:
    """`asked` holds the texts it was sent, in order. "late": answered after a second; "drip": for ever."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
                self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            received = b""
            while not received.endswith(b"END"):
                received += connection.recv(65_536)
            text = received.partition(b"\r\n\r\n")[2].removesuffix(b"END").decode()
            self.asked.append(text)
            if text.startswith("late"):
                self._ended.wait(1.0)
            connection.sendall(b"HTTP/1.1 200 OK\r\nconnection: close\r\n")
            while text.startswith("drip") and not self._ended.wait(0.3):
                connection.sendall(b"x")
            connection.sendall(b"content-length: 2\r\n\r\nok")


@contextmanager
def slow_provider() -> Iterator[SlowProvider]:
    provider = SlowProvider()
    try:
        yield provider
    finally:
        provider.close()


def install(folder: Path) -> None:
    """As pip would have laid it out."""
    about = folder / "guest_slow-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: guest_slow\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[casella]\n{NAME} = guest_slow\n")
    (folder / "guest_slow.py").write_text(_BODY)


def add_to(desk: Path, provider_url: str) -> None:
    """Its connection and its channel, in a desk.yaml."""
    connection = f"  {NAME}:\n    type: {NAME}\n    settings: {{shelf: '{provider_url}'}}\n"
    channel = f"  line-slow:\n    connection: {NAME}\n    inbox: support\n    address: {ADDRESS}\n"
    text = desk.read_text()
    desk.write_text(text.replace("channels:\n", f"{connection}channels:\n").replace("teams:\n", f"{channel}teams:\n"))


_BODY = f'''
import json
import pathlib
import time

from pydantic import BaseModel

from casella.plugin import Capabilities, ChannelPlugin, MessageReceived, Sent, Verdict, hookimpl, sending


class SlowSettings(BaseModel):
    shelf: str


class SlowChannel(ChannelPlugin[SlowSettings]):
    channel_type = "{NAME}"
    title = "A slow guest"
    settings_model = SlowSettings
    capabilities = Capabilities(
        address_kind="guest", address_scoped=True, text_limit=1000, sends_per_second=50,
        send_time_limit={SEND_SECONDS},
    )

    def verify(self, connection, webhook):
        if mark := webhook.headers.get("x-mark"):  # tells that it has begun, and takes its time
            pathlib.Path(mark).touch()
            time.sleep(0.5)
        return Verdict.authentic()

    def translate(self, connection, webhook):
        told = json.loads(webhook.body)
        return [
            MessageReceived(
                channel_address="{ADDRESS}", contact_address=told["from"], external_id=told["id"], text=told["text"],
            )
        ]

    def send(self, channel, message, http):
        if message.text.startswith("raise"):
            raise RuntimeError("a fault of the plugin")
        with sending():
            http.post(channel.settings.shelf, content=message.text + "END")
        return Sent("out-" + message.id)


@hookimpl
def register_channels(register):
    register(SlowChannel())
'''
