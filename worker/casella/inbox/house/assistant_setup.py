"""What the assistant keeps in memory of a process: its providers with their breakers, the prompts in use, and the
searchable sources of each inbox. All of it can be built again from the database and the desk."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Mapping, Sequence, Set
from contextlib import aclosing
from dataclasses import dataclass, field

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection

from casella.clock import Clock
from casella.desk.parts.assistant import OFFLINE, AssistantPart
from casella.errors import CasellaError
from casella.host import Host
from casella.inbox.house.assistant_library import Library
from casella.inbox.house.live_desk import Deskbook
from casella.plugin import AssistantFailed, AssistantProvider
from casella.store.queries import assistant_queries
from casella.store.rows import TableRow
from casella.store.sealing import Sealer
from casella_assistant import (
    TONES,
    Assistant,
    AssistantError,
    Breaker,
    Languages,
    ModelRequest,
    OfflineProvider,
    Piece,
    Prompts,
    ProviderFailed,
    Route,
    Tone,
    load_prompts,
)
from casella_assistant.errors import ProviderBroke, ProviderRefused, ProviderUnreachable

_log = structlog.get_logger("casella.assistant")


@dataclass(frozen=True, slots=True)
class Setup:
    """One version of the desk, as far as the assistant goes. `broken`: providers that cannot be used, and why."""

    version: int
    part: AssistantPart
    prompts: Prompts
    tones: Mapping[str, Tone]
    routes: Mapping[str, Route]
    broken: Mapping[str, str]

    def order(self, inbox_key: str) -> list[Route]:
        return [self.routes[name] for name in self.part.order_in(inbox_key) if name in self.routes]


@dataclass(slots=True)
class AssistantRoom:
    """One per process. `lengths`: how many letters go into so many parts, and whether the channel counts parts, by desk
    version, channel, letter and parts."""

    assistant: Assistant = field(default_factory=lambda: Assistant(Languages()))
    library: Library = field(default_factory=Library)
    lengths: dict[tuple[int, str, str, int], tuple[int, bool]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _breakers: dict[str, Breaker] = field(default_factory=dict)
    _guests: dict[tuple[str, str], Guest] = field(default_factory=dict)
    _retired: list[Guest] = field(default_factory=list)
    _setup: Setup | None = None

    def setup(self, db: Connection, book: Deskbook, host: Host, sealer: Sealer, clock: Clock) -> Setup:
        """What the newest desk says. Providers are built when the desk changes, not for every request."""
        with self._lock:
            if self._setup is None or self._setup.version != book.version:
                self._setup = self._build(assistant_queries.providers(db), book, host, sealer, clock)
            return self._setup

    async def close(self) -> None:
        """Close the connections of this event loop."""
        for guest in [*self._guests.values(), *self._retired]:
            await guest.close()

    async def tidy(self) -> None:
        """Close the connections of providers that the desk has changed, once nobody uses them any more."""
        for guest in [guest for guest in self._retired if not guest.busy]:
            await guest.close()

    def _build(self, rows: Sequence[TableRow], book: Deskbook, host: Host, sealer: Sealer, clock: Clock) -> Setup:
        desk = book.desk
        part = desk.parts.assistant if desk else AssistantPart()
        locale = desk.locale if desk else "en"
        routes = {OFFLINE: Route(OFFLINE, OfflineProvider(locale), Breaker(clock.now))}
        broken: dict[str, str] = {}
        for row in rows:
            try:
                provider = self._guest(row, host, sealer)
            except (AssistantError, CasellaError) as error:
                broken[row.key] = error.text
            except (LookupError, ValidationError):  # its text would repeat the settings, secrets included
                broken[row.key] = f"provider type '{row.provider_type}' is not installed, or refuses these settings"
            else:
                routes[row.key] = Route(row.key, provider, self._breakers.setdefault(row.key, Breaker(clock.now)))
        self._retire({(row.key, row.settings_sealed) for row in rows})
        for name, reason in broken.items():
            _log.error("assistant provider unusable", provider=name, reason=reason)
        own = {key: Tone(key, tone.description, tone.templates) for key, tone in part.tones.items()}
        return Setup(book.version, part, load_prompts(part.prompts), {**TONES, **own}, routes, broken)

    def _guest(self, row: TableRow, host: Host, sealer: Sealer) -> Guest:
        """One that has not changed stays, with its open connections."""
        key = (row.key, row.settings_sealed)
        if key not in self._guests:
            found = host.assistants[row.provider_type]
            settings = found.settings_model.model_validate_json(sealer.open(row.settings_sealed))
            self._guests[key] = Guest(row.key, found.build(settings))
        return self._guests[key]

    def _retire(self, kept: Set[tuple[str, str]]) -> None:
        for key in [key for key in self._guests if key not in kept]:
            self._retired.append(self._guests.pop(key))


class Guest:
    """A provider of a plugin, whatever it raises: the assistant's own errors pass, the contract's are translated, and
    anything else is a failure of the provider."""

    def __init__(self, name: str, provider: AssistantProvider) -> None:
        self._name, self._provider = name, provider
        self.busy = 0

    @property
    def offline(self) -> bool:
        return self._provider.offline

    @property
    def structured(self) -> bool:
        return self._provider.structured

    @property
    def model(self) -> str:
        return self._provider.model

    async def ask(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        self.busy += 1
        try:
            async with aclosing(self._provider.ask(request)) as pieces:
                async for piece in pieces:
                    yield piece
        except ProviderFailed:
            raise
        except AssistantFailed as error:
            kind = ProviderUnreachable if error.retryable else ProviderRefused
            raise kind(error.text, retry_after=error.retry_after) from error
        except Exception as error:  # the edge to code that is not ours; its text might repeat the conversation
            _log.error("assistant provider raised", provider=self._name, error=type(error).__name__)
            raise ProviderBroke from error
        finally:
            self.busy -= 1

    async def close(self) -> None:
        await self._provider.close()
