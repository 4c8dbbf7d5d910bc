"""What differs between providers of text messages: who may call, what a request says, how things are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Scope

from casella_simulator.network.courier import RetryPolicy
from casella_simulator.network.posting import SignedRequest

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextNumber(Settings):
    """A business number and the URL its messages go to."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    webhook_url: HttpUrl | None = None


class TextAccount(Settings):
    """What accounts of every such provider have."""

    numbers: tuple[TextNumber, ...] = ()

    @property
    def id(self) -> str:
        raise NotImplementedError

    def find_number(self, number: str) -> TextNumber | None:
        return next((one for one in self.numbers if one.number == number), None)


AccountT = TypeVar("AccountT", bound=TextAccount)


@dataclass(frozen=True, slots=True)
class Sending:
    """What a business asked to be sent. `reference`: its own name for it; `key`: equal keys are one message."""

    sender: str
    to: str
    text: str
    media: tuple[str, ...] = ()
    callback: str | None = None
    reference: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    payload: object


class Refusal(Exception):
    """The simulated API refuses the request; the caller reads the answer and decides."""

    code = "refused"

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Inbound:
    """A customer's message on its way: `media` are addresses at the provider with their types."""

    id: str
    phone: str
    line: str
    text: str
    media: Sequence[tuple[str, str]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A state an accepted message has reached: sent, delivered or failed (then with a code)."""

    id: str
    sending: Sending
    state: str
    code: int | None
    at: datetime


class Dialect(Protocol, Generic[AccountT]):
    """One provider's way of speaking. `paths`: where messages are sent. `policy`: when webhooks are sent again.
    `stops`: the code with which a message to somebody who wrote STOP is refused; None: this provider does not."""

    name: ClassVar[str]
    paths: ClassVar[Sequence[str]]
    policy: ClassVar[RetryPolicy]
    stops: ClassVar[int | None]

    def account(self, accounts: Sequence[AccountT], scope: Scope, body: bytes) -> AccountT | None:
        """Whose credentials these are."""
        ...

    def read(self, account: AccountT, scope: Scope, body: bytes) -> Sending:
        """Raises Refusal for what is malformed."""
        ...

    def taken(self, id: str, sending: Sending) -> Reply: ...

    def refused(self, code: int) -> Reply: ...

    @property
    def unauthorised(self) -> Reply: ...

    @property
    def throttled(self) -> Reply: ...

    def inbound(self, account: AccountT, message: Inbound) -> Sequence[object]:
        """The webhooks that tell a customer's message; several where long ones are cut."""
        ...

    def report(self, account: AccountT, report: Report) -> object | None: ...

    def sign(self, account: AccountT, url: str, document: object, at: datetime, well_signed: bool) -> SignedRequest: ...


def json_request(url: str, content: bytes, headers: Mapping[str, str]) -> SignedRequest:
    return SignedRequest("POST", url, {"Content-Type": "application/json", **headers}, content)
