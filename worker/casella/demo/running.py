"""The demo desk with simulated providers, a week behind it, and the main job shown once in the terminal.

The simulator is the other side of the wire on a port of its own: nothing in Casella knows that it is not the real one,
only the base URL in the demo's settings differs.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import httpx
import orjson
from pydantic import BaseModel
from rich.console import Console
from sqlalchemy import update

from casella.app import App
from casella.demo.life import Life
from casella.desk import DeskMistaken, problems_text
from casella.errors import CasellaError, ConfigurationError
from casella.inbox.reading import create_token
from casella.settings import Settings
from casella.shipped import shipped
from casella.store.tables import agents
from casella_simulator.demo import DemoLine

_TEXT = "Hi, I was charged twice for order 482913. I would like a refund please."
_STORY_SECONDS = 45.0
_SIMULATOR_PORT = 8010
_DESK = Path("examples/desk")
_HEADING = "\n[bold]"
_TRY = "/api/v1/conversations?tag=refund&limit=1"
_AGENT = "carla"
_LINK_LASTS = timedelta(hours=12)


class Demo:
    """Open it, serve with its settings, and call `show` once the server listens."""

    def __init__(
        self, settings: Settings, console: Console, desk: Path | None = None, phones_port: int | None = None
    ) -> None:
        """`phones_port`: where the simulated phones are; None: the usual port, or a free one."""
        self._console = console
        self._life: Life | None = None
        self._password = f"demo-{secrets.token_urlsafe(6)}"
        self.desk = desk or settings.desk or _demo_desk(settings.data_dir / "demo")
        self._line = DemoLine(_free_or_zero(_SIMULATOR_PORT) if phones_port is None else _free(phones_port))
        # The story is told on the terminal; only what goes wrong shall come in between, unless somebody asks for more.
        level = settings.log_level if "log_level" in settings.model_fields_set else "warning"
        port = settings.port if "port" in settings.model_fields_set else _free_or_zero(settings.port)
        self.settings = settings.model_copy(
            update={"data_dir": settings.data_dir / "demo", "log_level": level, "port": port}
        )

    def __enter__(self) -> Self:
        self._line.simulator.__enter__()
        host = self._line.simulator.url.removeprefix("http://")
        self.settings = self.settings.model_copy(update={"private_hosts": host})
        self.environment = dict(os.environ) | self._line.environment | {"CASELLA_DEMO_PASSWORD": self._password}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.simulator.__exit__(kind, error, trace)

    def show(self, app: App) -> None:
        """Print the addresses, then the main job as it happens. From the event loop: the story runs in a thread."""
        threading.Thread(target=self._tell, args=(app,), name="demo", daemon=True).start()

    def _tell(self, app: App) -> None:
        base = app.rooms.settings.public_url
        self._line.connect(base)
        token, links = self._sign_in(app)
        self._print(f"{_HEADING}Casella demo[/]", *self._welcome(base, token, links))
        self._print(f"{_HEADING}The main job, as it happens[/]")
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=base, headers=headers, timeout=_STORY_SECONDS) as http:
            try:
                self._story(http)
            except (httpx.HTTPError, KeyError) as error:
                self._print(f"The story ended early: {type(error).__name__}; see the log.")
        self._begin_the_day()
        self._print(
            "\nNow you: open the inbox and answer, write from the phone page, or change the desk and save it. "
            "Stop with Ctrl-C.\n"
        )

    def _begin_the_day(self) -> None:
        """Some of the customers of the week write again, through their providers, so that they can be answered."""
        if self._life is None:
            return
        for one in self._life.openings():
            self._line.write_from(one.phone, one.channel.channel_type, one.channel.address, one.text)

    def prepare(self, app: App) -> None:
        """A week has passed in this house, if it is new. Before it serves."""
        self._come_to_work(app)
        desk = app.rooms.desk.current.desk
        life = Life(app.rooms, ZoneInfo(desk.parts.timezone if desk else "UTC"))
        if life.is_needed():
            life.live()
            life.accept_terms()
            self._life = life

    def desk_changed(self, version: int, error: CasellaError | None) -> None:
        """What became of a changed desk."""
        if isinstance(error, DeskMistaken):
            self._print(problems_text(error.problems), "The last good one stays in use.\n")
        elif error is not None:
            self._print(f"The desk could not be applied: {error.text}\n")
        else:
            self._print(f"Desk version {version} is in use.\n")

    def _come_to_work(self, app: App) -> None:
        with app.rooms.store.write() as db:
            db.execute(update(agents).where(agents.c.role == "agent").values(available=True))

    def _sign_in(self, app: App) -> tuple[str, Mapping[str, str]]:
        """The manager gets a token for this demo, he and an agent each a link that signs in once."""
        people = sorted(app.rooms.directory.current.agents.values(), key=lambda agent: agent.key)
        manager = max(people, key=lambda agent: agent.role == "manager")
        agent = max(people, key=lambda agent: agent.role == "agent" and agent.key == _AGENT)
        now = app.rooms.clock.now()
        with app.rooms.store.write() as db:
            token = create_token(db, manager.id, "demo", now, None).text
            links = {
                one.name: create_token(db, one.id, "link", now, now + _LINK_LASTS, kind="link").text
                for one in (agent, manager)
            }
        return token, links

    def _print(self, *lines: str) -> None:
        """Unwrapped: addresses and commands are there to be copied."""
        for line in lines:
            self._console.print(line, soft_wrap=True, markup=line.startswith(_HEADING))

    def _welcome(self, base: str, token: str, links: Mapping[str, str]) -> tuple[str, ...]:
        people = ", ".join(("ann", "bruno", "carla", "dave"))
        agent, manager = links.items()
        return (
            f"  Inbox       {base}/enter/{agent[1]}   signed in as {agent[0]}, an agent; works once, here only",
            f"  Manager     {base}/enter/{manager[1]}   signed in as {manager[0]}, who also sees why",
            f"  Phone page  {self._line.simulator.url}/   write as the customer, read the answers",
            f"  Website     {self._line.simulator.url}/webchat   a page of another origin with the webchat on it",
            f"  API         {base}/api/v1/openapi.json   for agents' programs; examples: {_program()} docs api",
            f"  Sign in     mara@demo.example (manager), also {people}; password {self._password}",
            f"  Try         curl -H 'Authorization: Bearer {token}' '{base}{_TRY}'",
            f"  Desk        {self.desk}   change a rule and save it; every mistake: {_program()} check {self.desk}",
        )

    def _story(self, http: httpx.Client) -> None:
        with http.stream("GET", "/api/v1/events") as stream:
            events = _events(stream)
            next(events)
            self._print(f"  customer   writes: {_TEXT}")
            self._line.write(_TEXT)
            deadline = time.monotonic() + _STORY_SECONDS
            for event in events:
                line, done = _line(event)
                if line:
                    self._print(line)
                if done or time.monotonic() > deadline:
                    return


class _Named(BaseModel):
    name: str = ""


class _Part(BaseModel):
    """What the story tells of a message or a conversation in an event."""

    direction: str = ""
    text: str = ""
    state: str | None = None
    assignee: _Named | None = None


class _Event(BaseModel):
    kind: str = ""
    message: _Part = _Part()
    conversation: _Part = _Part()
    by: dict[str, list[str]] = {}


def _line(event: _Event) -> tuple[str, bool]:
    """One line of the story for an event of the feed, and whether the story is over."""
    match event.kind, event.message.direction:
        case "message.created", "in":
            return "  Casella    webhook verified, stored, answered; contact and conversation are there", False
        case "message.created", "out":
            return f"  rules      queue a reply: {event.message.text}", False
        case "conversation.updated", _ if event.conversation.assignee:
            rules = ", ".join(event.by.get("rules", []))
            return f"  rules      '{rules}': assigned to {event.conversation.assignee.name}", False
        case "message.updated", _:
            state = event.message.state
            return f"  provider   says the reply is {state}", state in ("delivered", "read", "failed")
        case _:
            return "", False


def _events(stream: httpx.Response) -> Iterator[_Event]:
    """Events of an SSE stream; the first is `ready`."""
    kind, parts = "", []
    for line in stream.iter_lines():
        if line.startswith("event:"):
            kind = line[6:].strip()
        elif line.startswith("data:"):
            parts.append(line[5:].strip())
        elif not line and kind:
            found = orjson.loads("".join(parts) or "{}")
            yield _Event.model_validate(found.get("payload", {}) | {"kind": kind})
            kind, parts = "", []


def _program() -> str:
    """How this program is called from the terminal it was started in."""
    return "casella" if shutil.which("casella") else sys.argv[0]


def _demo_desk(data: Path) -> Path:
    """The desk of the repository, for whoever stands in it. Anybody else gets a copy of his own beside the demo's data,
    because it is there to be changed; once made, it is kept."""
    if (_DESK / "desk.yaml").exists():
        return _DESK
    copy = data / "desk"
    if not (copy / "desk.yaml").exists():
        copy.mkdir(parents=True, exist_ok=True)
        for file in sorted(shipped(_DESK.as_posix()).glob("*.yaml")):
            text = file.read_text(encoding="utf-8").replace(_DESK.as_posix(), str(copy))  # the commands in its comments
            (copy / file.name).write_text(text, encoding="utf-8")
    return copy


def _free(port: int) -> int:
    """The port that somebody wants. Raises ConfigurationError when it is taken."""
    if port and not _free_or_zero(port):
        raise ConfigurationError(
            f"The demo's phones cannot listen on port {port}: it is taken. Choose another with --phones-port or "
            "CASELLA_DEMO_PHONES_PORT (0 takes a free one)."
        )
    return port


def _free_or_zero(port: int) -> int:
    """The usual port if it is free, so that the address stays the same; any other if not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port
