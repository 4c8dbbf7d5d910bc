"""The interface every simulated provider implements: one folder, one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from starlette.routing import BaseRoute

from casella_simulator.config import Account
from casella_simulator.network.journal import Delivery
from casella_simulator.network.media import MediaFile


class UnknownLine(Exception):
    """No account has this number with a webhook. Configure it with `POST /_sim/accounts`."""

    code = "unknown_line"


@dataclass(frozen=True, slots=True)
class Line:
    """What a customer can write to: a business number, a page, an account."""

    provider: str
    address: str
    webhook_url: str | None

    def to_json(self) -> dict[str, object]:
        return {"provider": self.provider, "address": self.address, "webhook_url": self.webhook_url}


@dataclass(frozen=True, slots=True)
class Written:
    """What a customer wrote on a phone, for the provider to deliver. `more`: in the provider's own words, what text and
    files cannot say (a place, a reaction, a pressed button)."""

    phone: str
    line: str
    text: str
    media: Sequence[MediaFile] = field(default_factory=tuple)
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of a customer's message: its id, and the last attempt of each webhook copy."""

    sid: str
    deliveries: Sequence[Delivery]

    @property
    def status(self) -> int | None:
        """The HTTP status the first copy was answered with; None when nobody answered."""
        return self.deliveries[0].status if self.deliveries else None


class Provider(Protocol):
    """One impersonated provider. Built with the shared Network; keeps its own accounts and message resources."""

    name: str

    def routes(self) -> Sequence[BaseRoute]:
        """The provider's HTTP API."""
        ...

    def configure(self, account: Account) -> None:
        """Adds an account, or replaces the one with the same id."""
        ...

    def lines(self) -> Sequence[Line]:
        """What a phone can write to."""
        ...

    async def receive(self, written: Written) -> Arrival:
        """Carries a customer's message to the webhook. Raises UnknownLine."""
        ...

    def reset(self) -> None:
        """Forgets messages; accounts stay."""
        ...
