"""Calling the Bot API, and what its refusals mean.

The token is a part of every address. `target` is what httpx writes on the wire; the address itself, which logs and
errors show, has only the bot's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ContactStopped,
    SendError,
    SendRejected,
    SendUncertain,
    retry_after,
)
from casella_telegram.settings import TelegramSettings

_BLOCKED = ("bot was blocked", "user is deactivated", "bot can't initiate", "chat not found")
_LONGEST = 3600.0


class Parameters(BaseModel):
    retry_after: Annotated[float, Field(ge=0)] | None = None


class Answer(BaseModel):
    """Every answer of the Bot API. `result`: of the method, where it is `ok`."""

    model_config = ConfigDict(extra="ignore")

    ok: bool = False
    result: object = None
    error_code: int | None = None
    description: str = ""
    parameters: Parameters | None = None


def call(
    settings: TelegramSettings,
    http: httpx.Client,
    method: str,
    document: Mapping[str, object],
    file: tuple[str, tuple[str, bytes, str]] | None = None,
) -> httpx.Response:
    """POST a method: as JSON, or with one file as multipart. Raises httpx.RequestError."""
    base = httpx.URL(settings.base_url)
    folder = base.raw_path.rstrip(b"/")
    target = folder + f"/bot{settings.token.get_secret_value()}/{method}".encode()
    shown = base.copy_with(raw_path=folder + f"/bot{settings.bot_id}/{method}".encode())
    extensions = {"target": target}
    if file is None:
        return http.post(shown, json=document, extensions=extensions)
    fields = {name: str(value) for name, value in document.items()}
    return http.post(shown, data=fields, files=[file], extensions=extensions)


def read(response: httpx.Response) -> Answer | None:
    """The answer; None for what none can be read from."""
    try:
        return Answer.model_validate_json(response.content)
    except ValidationError:
        return None


def error_of(response: httpx.Response) -> SendError:
    """What a refusal means. The description is Telegram's, for programmers: it only chooses our sentence."""
    answer = read(response) or Answer()
    code, words = str(response.status_code), answer.description.lower()
    match response.status_code:
        case 429:
            wait = answer.parameters.retry_after if answer.parameters else None
            seconds = min(wait, _LONGEST) if wait is not None else retry_after(response)
            return ChannelThrottled(retry_after=seconds, provider_code=code)
        case 401 | 404:
            return ChannelMisconfigured("Telegram does not know this bot's token.", provider_code=code)
        case 403 if any(known in words for known in _BLOCKED):
            return ContactStopped("This person has blocked the bot.", provider_code=code)
        case 403:
            return SendRejected("Telegram does not let the bot write here.", provider_code=code)
        case 400 if "chat not found" in words:
            return SendRejected("This person has never written to the bot.", provider_code=code)
        case 400 if "message to be replied not found" in words:
            return SendRejected("The quoted message is gone.", provider_code=code)
        case 413:
            return SendRejected("The file is too large for Telegram.", provider_code=code)
        case 408:
            return SendUncertain(provider_code=code)
        case status if status >= 500:
            return SendUncertain("Telegram has a fault and may have taken it or not.", provider_code=code)
    return SendRejected("Telegram refused this message.", provider_code=code)
