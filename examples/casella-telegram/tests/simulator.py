"""Telegram's side: a Bot API that takes messages, keeps files, and posts updates to the webhook it was told.

with simulator() as telegram:
    ...                                  # give telegram.url to the connection as base_url
    telegram.says("Hello")               # somebody writes to the bot
    telegram.sent("sendMessage")         # what the bot sent
    telegram.refusals.append((429, {"retry_after": 7}))
"""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from tests.cases import ADA, AT, BOT, CHAT, SENDER, TOKEN

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


class Simulator:
    """`calls`: method and fields of everything the bot asked. `refusals`: status and parameters of the next answers."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[tuple[str, dict[str, object]]] = []
        self.refusals: list[tuple[int, dict[str, int]]] = []
        self.files: dict[str, bytes] = {}
        self.webhook, self.secret = "", ""
        self._numbers = count(1)

    def sent(self, method: str) -> list[dict[str, object]]:
        return [fields for called, fields in self.calls if called == method]

    def answer(self, method: str, fields: dict[str, object]) -> tuple[int, object]:
        self.calls.append((method, fields))
        if self.refusals:
            status, parameters = self.refusals.pop(0)
            return status, {"ok": False, "error_code": status, "description": "as wished", "parameters": parameters}
        if method == "setWebhook":
            self.webhook, self.secret = str(fields["url"]), str(fields["secret_token"])
            return 200, {"ok": True, "result": True}
        if method == "getWebhookInfo":
            return 200, {"ok": True, "result": {"url": self.webhook}}
        if method == "getFile":
            return 200, {"ok": True, "result": {"file_path": f"files/{fields['file_id']}"}}
        if method in ("sendChatAction", "setMessageReaction"):
            return 200, {"ok": True, "result": True}
        return 200, {"ok": True, "result": {"message_id": 1000 + next(self._numbers), "chat": CHAT, "date": AT}}

    def says(self, text: str = "", **parts: object) -> int:
        """Somebody writes; the status our webhook answered."""
        words = {"text": text} if text else {}
        message = {"message_id": next(self._numbers), "from": SENDER, "chat": CHAT, "date": AT, **words, **parts}
        return self.post({"message": message})

    def post(self, parts: dict[str, object], secret: str | None = None) -> int:
        body = json.dumps({"update_id": next(self._numbers), **parts}).encode()
        headers = {"content-type": "application/json", SECRET_HEADER: self.secret if secret is None else secret}
        request = urllib.request.Request(self.webhook, body, headers)  # noqa: S310 - the address the test gave
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
            called = json.loads(answer.read() or b"{}")  # a method may be called in the answer to an update
            if called:
                self.calls.append((called.pop("method"), called))
            return int(answer.status)


@contextmanager
def simulator() -> Iterator[Simulator]:
    """A running one, on this machine only. It knows one bot."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            start, method = f"/bot{TOKEN}/", self.path.rpartition("/")[2]
            if not self.path.startswith(start):
                self.reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
            else:
                is_json = self.headers.get("content-type", "").startswith("application/json")
                fields = json.loads(body) if is_json else {"multipart": body.decode("latin-1")}
                self.reply(*telegram.answer(method, fields))

        def do_GET(self) -> None:
            name = self.path.removeprefix(f"/file/bot{TOKEN}/files/")
            self.reply_with(200 if name in telegram.files else 404, telegram.files.get(name, b""))

        def reply(self, status: int, document: object) -> None:
            self.reply_with(status, json.dumps(document).encode(), "application/json")

        def reply_with(self, status: int, content: bytes, kind: str = "application/octet-stream") -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing: the tests' output is not its log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    telegram = Simulator(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield telegram
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


__all__ = ["ADA", "BOT", "Simulator", "simulator"]
