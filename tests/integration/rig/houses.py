"""A whole Casella, embedded or distributed, made of real processes, with the simulator as its provider."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import SecretStr

from casella.store import Store
from casella_simulator import Simulator, TwilioAccount, TwilioNumber
from tests import loopback
from tests.integration.rig import desks
from tests.integration.rig.balancer import Balancer
from tests.integration.rig.programs import NotInTime, Program, free_port, run_casella, until

NUMBER = desks.NUMBER


@dataclass
class House:
    """`url`: its public address. `programs`: its processes by name."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    database_url: str
    programs: dict[str, Program] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def casella(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line to its end."""
        return run_casella(arguments, {**self.environment, **environment}, self.folder)

    def apply(self, desk: Path, command: Sequence[str] = ()) -> None:
        """Put this desk into use, by another installation's `command` or by this one's."""
        if command:
            line = [*command, "apply", str(desk)]
            applied = subprocess.run(line, env=dict(self.environment), cwd=self.folder, capture_output=True, text=True)
        else:
            applied = self.casella("apply", str(desk))
        assert applied.returncode == 0, applied.stdout + applied.stderr

    def client(self, agent: str) -> httpx.Client:
        """The agents' API with a bearer token of this agent, made after signing in with the password."""
        if agent not in self.tokens:
            self.tokens[agent] = self._token(agent)
        headers = {"authorization": f"Bearer {self.tokens[agent]}"}
        return loopback.Client(base_url=self.url, headers=headers, timeout=30)

    def _token(self, agent: str) -> str:
        with loopback.Client(base_url=self.url, headers={"X-Casella-Request": "1"}, timeout=30) as http:
            credentials = {"email": f"{agent}@demo.example", "password": desks.PASSWORD}
            http.post("/api/v1/session", json=credentials).raise_for_status()
            made = http.post("/api/v1/me/tokens", json={"label": "tests"}).raise_for_status().json()
            return str(made["text"])

    def wait_ready(self) -> None:
        """Until it serves and everything it needs is there."""

        def ready() -> bool:
            for program in self.programs.values():
                assert program.failed_starts < 4, f"{program.name} does not start\n{program.complaints()}"
            return _is_ready(self.url)

        until(ready, f"{self.url} ready")

    def store(self) -> Store:
        """For proofs. Close it."""
        return Store(self.database_url, pool_size=2)

    def start(self) -> None:
        for program in self.programs.values():
            program.start()

    def stop(self) -> dict[str, int]:
        """Ask everything to end, all at once. How each ended, by name."""
        for program in self.programs.values():
            program.request_stop()
        return {name: program.stop() for name, program in self.programs.items() if program.started}

    def complaints(self) -> str:
        return "\n".join(f"--- {name}\n{program.complaints()}" for name, program in self.programs.items())


@contextmanager
def embedded(
    folder: Path,
    provider: Simulator,
    desk: Path,
    environment: Mapping[str, str] | None = None,
    *,
    command: Sequence[str] = (),
) -> Iterator[House]:
    """`casella up` on SQLite, ready."""
    port = free_port()
    given = _environment(folder, provider, port, environment)
    house = House(f"http://127.0.0.1:{port}", folder, given, f"sqlite:///{folder / 'var' / 'casella.db'}")
    house.programs["up"] = Program("up", ["up", "--desk", str(desk)], given, folder / "up.log", command=command)
    with _running(house, provider):
        yield house


@contextmanager
def distributed(
    folder: Path,
    provider: Simulator,
    desk: Path,
    *,
    database_url: str,
    redis_url: str,
    serves: int = 2,
    works: int = 2,
    environment: Mapping[str, str] | None = None,
    own: Mapping[str, Mapping[str, str]] | None = None,
    command: Sequence[str] = (),
) -> Iterator[House]:
    """`casella serve` and `casella work`, several of each, behind one address; ready.

    `own`: environment of single programs, by name. `command`: another installation's `casella`.
    """
    port = free_port()
    urls = {"CASELLA_DATABASE_URL": database_url, "CASELLA_REDIS_URL": redis_url}
    given = _environment(folder, provider, port, {**urls, **(environment or {})})
    house = House(f"http://127.0.0.1:{port}", folder, given, database_url)
    ports = [free_port() for _ in range(serves)]
    several = {f"serve-{number}": ("serve", {"CASELLA_PORT": str(one)}) for number, one in enumerate(ports)}
    several |= {f"work-{number}": ("work", {}) for number in range(works)}
    for name, (what, more) in several.items():
        variables = {**given, **more, **(own or {}).get(name, {})}
        house.programs[name] = Program(name, [what], variables, folder / f"{name}.log", command=command)
    house.apply(desk, command)
    with Balancer(port, ports), _running(house, provider):
        yield house


@contextmanager
def _running(house: House, provider: Simulator) -> Iterator[None]:
    configure(provider, house.url)
    with ExitStack() as stack:
        stack.callback(house.stop)
        house.start()
        try:
            house.wait_ready()
        except NotInTime as late:
            raise NotInTime(f"{late}\n{house.complaints()}") from None
        yield


def configure(provider: Simulator, url: str, numbers: Sequence[str] = (NUMBER, desks.UNREGISTERED)) -> TwilioAccount:
    """Tell the provider where the numbers' webhooks are."""
    account = account_of(url, numbers)
    provider.configure(account)
    return account


def account_of(url: str, numbers: Sequence[str] = (NUMBER, desks.UNREGISTERED)) -> TwilioAccount:
    lines = tuple(TwilioNumber(number=number, webhook_url=f"{url}/webhooks/twilio") for number in numbers)
    return TwilioAccount(sid=desks.SID, auth_token=SecretStr(desks.TOKEN), numbers=lines)


def _environment(folder: Path, provider: Simulator, port: int, more: Mapping[str, str] | None) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CASELLA_")}
    return {
        **inherited,
        **desks.secrets(provider.url),
        "CASELLA_DATA_DIR": str(folder / "var"),
        "CASELLA_PORT": str(port),
        "CASELLA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CASELLA_PRIVATE_HOSTS": provider.url.removeprefix("http://"),
        "CASELLA_LOG_FORMAT": "json",
        "CASELLA_LOG_LEVEL": "info",
        **(more or {}),
    }


def _is_ready(url: str) -> bool:
    try:
        return loopback.get(f"{url}/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
