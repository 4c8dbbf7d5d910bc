"""The simulator on a real port, in a thread: for tests, benchmarks and the demo desk."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

import uvicorn

from casella_simulator.app import Desk
from casella_simulator.config import Account, SimulatorConfig
from casella_simulator.network.faults import Faults
from casella_simulator.network.journal import Accepted, Delivery
from casella_simulator.network.media import MediaFile
from casella_simulator.network.phones import Phone
from casella_simulator.network.provider import Arrival, Written
from casella_simulator.network.wire import CuttableProtocol
from casella_simulator.openai.script import Received, Turn
from casella_simulator.webchat import Website

ResultT = TypeVar("ResultT")

_START_SECONDS = 20.0
_CALL_SECONDS = 120.0


class SimulatorDidNotStart(RuntimeError):
    """The simulator's server did not come up. See its log; the port may be taken."""

    code = "simulator_did_not_start"


class NotQuiet(TimeoutError):
    """Receipts are still under way after the time allowed. Wait longer, or look for a webhook that hangs."""

    code = "not_quiet"


class Simulator:
    """A running simulator: `with Simulator(config) as sim: …`. Port 0 means any free port on the loopback."""

    def __init__(self, config: SimulatorConfig | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._config = config or SimulatorConfig()
        self._host = host
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._socket = socket.create_server((self._host, self._port), backlog=2_048)
        self._port = self._socket.getsockname()[1]
        self.url = f"http://{self._host}:{self._port}"
        if self._config.public_url is None:
            self._config = self._config.model_copy(update={"public_url": self.url})
        self._desk = Desk(self._config)
        self._server = uvicorn.Server(server_config(self._desk))
        self._thread = threading.Thread(target=self._run, name="casella-simulator", daemon=True)
        self._thread.start()
        self._wait_until_started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._desk.network.hub.close)
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._socket])

    def _wait_until_started(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self._server.should_exit = True
                raise SimulatorDidNotStart(f"on {self.url}")
            time.sleep(0.005)

    def text_from(
        self,
        phone: str,
        text: str,
        *,
        to: str | None = None,
        media: Iterable[MediaFile] = (),
        provider: str = "twilio",
        more: Mapping[str, object] | None = None,
    ) -> Arrival:
        """A customer writes; returns when the webhook has answered. `to` defaults to the first business number. `more`:
        in the provider's own words, what text and files cannot say."""
        line = to or self._first_line(provider)
        return self._call(self._desk.control.write(provider, Written(phone, line, text, tuple(media), more or {})))

    def file(self, content: bytes, content_type: str, name: str = "") -> MediaFile:
        """A file that `text_from` can send along."""
        return self._call(self._put(content, content_type, name))

    def accepted(self) -> list[Accepted]:
        """Every outbound message accepted so far, oldest first."""
        return self._desk.network.journal.accepted()

    def repeated(self) -> list[Accepted]:
        """Accepted messages whose identical request was accepted more than once: what was sent twice."""
        return self._desk.network.journal.repeated()

    def deliveries(self) -> list[Delivery]:
        """Every webhook attempt made so far, oldest first."""
        return self._desk.network.journal.deliveries()

    def phone(self, number: str) -> Phone:
        return self._desk.network.phones.phone(number)

    def set_faults(self, faults: Faults | None = None, *, phone: str | None = None) -> None:
        """Sets the faults for everybody, or overrides for one phone the fields given. None: no faults."""
        self._call(self._set_faults(faults or Faults(), phone))

    def configure(self, account: Account) -> None:
        """Adds an account, or replaces the one with the same sid."""
        self._call(self._configure(account))

    @property
    def openai_url(self) -> str:
        """The base URL of the endpoint that speaks OpenAI's protocol."""
        return f"{self.url}/openai/v1"

    def script_openai(self, *turns: Turn, always: Turn | None = None) -> None:
        """What that endpoint does with the next requests, one by one, and with all that come later."""
        self._call(self._script_openai(turns, always))

    def asked_openai(self) -> list[Received]:
        """What that endpoint received, oldest first."""
        return list(self._desk.openai.script.received)

    def embed(self, site: Website) -> None:
        """Adds a website that embeds a webchat, or replaces the one with the same widget."""
        self._desk.websites.configure(site)

    def reset(self) -> None:
        """Forgets messages, phones, media and faults; accounts stay."""
        self._call(self._desk.control.reset())

    def wait_until_quiet(self, seconds: float = 30.0) -> None:
        """Waits until every receipt under way has been delivered. Raises NotQuiet."""
        deadline = time.monotonic() + seconds
        while self._desk.network.busy:
            if time.monotonic() > deadline:
                raise NotQuiet(f"after {seconds} s")
            time.sleep(0.005)

    def _first_line(self, provider: str) -> str:
        lines = self._desk.control.lines(provider)
        if not lines:
            raise LookupError("no business number is configured; pass `to` or configure an account")
        return lines[0].address

    async def _put(self, content: bytes, content_type: str, name: str) -> MediaFile:
        return self._desk.network.media.put(content, content_type, name)

    async def _set_faults(self, faults: Faults, phone: str | None) -> None:
        self._desk.control.set_faults(faults, phone)

    async def _configure(self, account: Account) -> None:
        self._desk.control.configure(account)

    async def _script_openai(self, turns: Sequence[Turn], always: Turn | None) -> None:
        self._desk.openai.script.write(turns, always)

    def _call(self, work: Coroutine[object, object, ResultT]) -> ResultT:
        """Runs work on the simulator's own loop, where all its state lives."""
        if self._loop is None:
            work.close()
            raise SimulatorDidNotStart("use it as `with Simulator(config) as sim:`")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_CALL_SECONDS)


def server_config(desk: Desk, *, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """uvicorn, set up so that connections can be cut and open event streams do not delay the end.

    It leaves the process's logging alone, because a server of somebody else's may run beside it.
    """
    return uvicorn.Config(
        desk.app,
        host=host,
        port=port,
        http=CuttableProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=60,
    )
