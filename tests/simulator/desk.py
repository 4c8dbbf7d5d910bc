"""The business's side for the simulator's tests: a real webhook server that remembers and answers as it is told."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import httpx

from casella_simulator import Simulator, TwilioAccount, TwilioNumber
from tests import loopback

SID = "AC" + "0" * 31 + "1"
TOKEN = "3f9c1d7be02a4468915dc07be4a1f2d8"
SECOND_TOKEN = "00112233445566778899aabbccddeeff"
LINE = "+12025550178"
PHONE = "+12025550143"
SERVICE = "MG" + "5" * 32
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"


@dataclass(frozen=True)
class Heard:
    """One request that reached the webhook server."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def status(self) -> str:
        return self.form["MessageStatus"]


@dataclass(frozen=True)
class Reply:
    """What the webhook server answers. `cut` closes the connection instead, `wait` holds the answer back."""

    status: int = 204
    body: bytes = b""
    content_type: str = "text/xml"
    cut: bool = False
    wait: threading.Event | None = None


@dataclass
class Desk:
    """The webhook server as a test sees it."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)

    def reply_with(self, *replies: Reply) -> None:
        """The next answers, in order; afterwards 204 again."""
        self.replies.extend(replies)

    def next_reply(self) -> Reply:
        return self.replies.popleft() if self.replies else Reply()

    @property
    def statuses(self) -> list[str]:
        return [heard.status for heard in self.heard]


@contextmanager
def serve_desk() -> Iterator[Desk]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Webhook)
    server.daemon_threads = True
    server.desk = desk = Desk(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]  # the stdlib's way to reach state
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Webhook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        desk: Desk = self.server.desk  # type: ignore[attr-defined]  # set in serve_desk
        headers = {name.lower(): value for name, value in self.headers.items()}
        desk.heard.append(Heard(self.command, self.path, headers, body))
        reply = desk.next_reply()
        if reply.wait is not None:
            reply.wait.wait(20)
        if reply.cut:
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.status != 204:
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""


def account(desk: Desk, **changes: object) -> TwilioAccount:
    """One account with one number whose webhook is the desk's."""
    number = TwilioNumber(number=LINE, webhook_url=f"{desk.url}/webhooks/sms?tenant=blue&x=%20a")
    fields = {"sid": SID, "auth_token": TOKEN, "secondary_token": SECOND_TOKEN, "numbers": (number,), **changes}
    return TwilioAccount.model_validate(fields)


def number(desk: Desk, **changes: object) -> TwilioNumber:
    return TwilioNumber.model_validate({"number": LINE, "webhook_url": f"{desk.url}/webhooks/sms", **changes})


def send(sim: Simulator, **parameters: object) -> httpx.Response:
    """A send request as a Twilio client makes it; `None` leaves a parameter out."""
    form = {"To": PHONE, "From": LINE, "Body": "Hello", **parameters}
    given = {name: value for name, value in form.items() if value is not None}
    return loopback.post(sim.url + MESSAGES, auth=(SID, TOKEN), data=given, timeout=20)


def until(condition: object, seconds: float = 20.0) -> None:
    """Waits until the callable is true."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
