"""What `/_sim` accepts, and how it answers what it cannot accept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from casella_simulator.config import Account
from casella_simulator.network.media import MediaTooLarge
from casella_simulator.network.provider import UnknownLine

ModelT = TypeVar("ModelT", bound=BaseModel)
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]

_MAX_JSON = 64 * 2**20


class BadCall(Exception):
    """The call to /_sim cannot be understood; the answer says what to correct."""

    code = "bad_call"

    def __init__(self, text: str, status: int = 422, details: object = None) -> None:
        super().__init__(text)
        self.status = status
        self.details = details


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Attachment(_Body):
    """A file for an inbound message: one put on the shelf before, or given here."""

    id: str | None = None
    name: str = ""
    content_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$")] = "application/octet-stream"
    base64: str = ""


class Inbound(_Body):
    """A customer writes. Field names as on the wire: `from` is the phone, `to` the business number. `more`: what text
    and files cannot say, in the words of Meta's webhooks."""

    provider: str = "twilio"
    sender: Address = Field(alias="from")
    to: Address
    text: str = ""
    media: Annotated[list[Attachment], Field(max_length=10)] = []
    more: dict[str, JsonValue] = {}


class AccountList(_Body):
    accounts: list[Account]


class NewPhone(_Body):
    number: Address


def answering(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except BadCall as bad:
            return _problem(bad.status, bad.code, str(bad), bad.details)
        except UnknownLine as unknown:
            return _problem(404, unknown.code, str(unknown))
        except MediaTooLarge as large:
            return _problem(413, large.code, str(large))

    return answer


def _problem(status: int, code: str, text: str, details: object = None) -> Response:
    return JSONResponse({"code": code, "error": text, "details": details}, status)


def expect_json(request: Request) -> None:
    """A page of another site cannot send this type without asking first, and is never allowed to."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadCall("Content-Type must be application/json", 415)


async def read(request: Request, model: type[ModelT]) -> ModelT:
    expect_json(request)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_JSON:
            raise BadCall("the body is too large", 413)
    try:
        return TypeAdapter(model).validate_json(bytes(body))
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise BadCall("the body is not valid", 422, details) from error
