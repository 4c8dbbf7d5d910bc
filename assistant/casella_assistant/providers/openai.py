"""Whatever speaks OpenAI's chat completions: OpenAI itself, or any server behind `base_url`, through the official SDK.

Limits and behaviour: https://platform.openai.com/docs/api-reference/chat. Structured output is asked for where
`structured_output` says so; a server that refuses it is asked for plain text from then on. The SDK's own retries are
off: whether trying again is safe is decided in one place, `casella_assistant.assistant`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress
from weakref import WeakKeyDictionary

import httpx2
import openai
import openai.resources.chat.completions  # the SDK loads it at first use otherwise, on the event loop
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat

from casella_assistant.errors import (
    ProviderBroke,
    ProviderFailed,
    ProviderRefused,
    ProviderThrottled,
    ProviderTooSlow,
    ProviderUnreachable,
    StructureRefused,
)
from casella_assistant.model import ChatMessage, ModelRequest, Piece, TextPiece
from casella_assistant.providers.openai_settings import OFFICIAL, OpenAISettings

_CONNECTIONS = httpx2.Limits(max_connections=256, max_keepalive_connections=32)


class OpenAIProvider:
    """One account. Connections are kept per event loop, because they belong to one."""

    offline = False

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self.structured = settings.structured_output
        self.model = settings.model
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = WeakKeyDictionary()

    async def ask(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        try:
            if request.stream:
                async with aclosing(self._stream(request)) as pieces:
                    async for piece in pieces:
                        yield piece
            else:
                yield await self._whole(request)
        except openai.APIError as error:
            raise self._failure(error, request) from error
        except (httpx2.HTTPError, httpx2.StreamError) as error:  # the SDK wraps these only until the first byte
            raise ProviderBroke("The connection to the provider broke in the middle of its answer.") from error
        except ValueError as error:  # a line of the stream that is not JSON
            raise ProviderBroke("The provider sent something that is not in its own format.") from error

    async def close(self) -> None:
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()

    async def _whole(self, request: ModelRequest) -> Piece:
        answer = await self._client().chat.completions.create(
            model=self.model,
            messages=_messages(request.messages),
            response_format=_format(request),
            temperature=_or_omitted(self._settings.temperature),
            max_tokens=self._limit(request, "max_tokens"),
            max_completion_tokens=self._limit(request, "max_completion_tokens"),
        )
        choices = answer.choices if isinstance(answer.choices, list) else []
        text = choices[0].message.content if choices and choices[0].message else None
        if not isinstance(text, str):
            raise ProviderBroke("The provider's answer holds no text.")
        usage = answer.usage
        return TextPiece(text, usage.prompt_tokens if usage else None, usage.completion_tokens if usage else None)

    async def _stream(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        stream = await self._client().chat.completions.create(
            model=self.model,
            messages=_messages(request.messages),
            response_format=_format(request),
            temperature=_or_omitted(self._settings.temperature),
            max_tokens=self._limit(request, "max_tokens"),
            max_completion_tokens=self._limit(request, "max_completion_tokens"),
            stream=True,
            stream_options={"include_usage": True} if self._settings.stream_usage else openai.omit,
        )
        finished = False
        try:
            async for chunk in stream:
                choice = chunk.choices[0] if chunk.choices else None
                finished = finished or bool(choice and choice.finish_reason)
                text = (choice.delta.content or "") if choice and choice.delta else ""
                usage = chunk.usage
                if text or usage:
                    yield TextPiece(
                        text, usage.prompt_tokens if usage else None, usage.completion_tokens if usage else None
                    )
        finally:
            with suppress(httpx2.HTTPError):
                await stream.close()
        if not finished:
            raise ProviderBroke("The provider's answer ended in the middle.")

    def _client(self) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = openai.AsyncOpenAI(
                api_key=self._settings.api_key.get_secret_value(),
                base_url=self._settings.base_url,
                max_retries=0,
                # Redirects are not followed: the key is for this host alone. The time limit is the asker's.
                http_client=httpx2.AsyncClient(
                    follow_redirects=False,
                    limits=_CONNECTIONS,
                    timeout=httpx2.Timeout(None, connect=self._settings.connect_seconds),
                ),
            )
        return self._clients[loop]

    def _limit(self, request: ModelRequest, name: str) -> int | openai.Omit:
        chosen = self._settings.token_parameter
        if chosen == "auto":
            chosen = "max_completion_tokens" if self._settings.base_url == OFFICIAL else "max_tokens"
        return request.max_tokens if chosen == name else openai.omit

    def _failure(self, error: openai.APIError, request: ModelRequest) -> ProviderFailed:
        match error:
            case openai.APITimeoutError():
                return ProviderTooSlow()
            case openai.APIConnectionError():
                return ProviderUnreachable()
            case openai.APIStatusError():
                return self._refusal(error, request)
            case _:
                return ProviderBroke()

    def _refusal(self, error: openai.APIStatusError, request: ModelRequest) -> ProviderFailed:
        """What a status says (https://platform.openai.com/docs/guides/error-codes)."""
        status = error.status_code
        if status == 429 and error.code == "insufficient_quota":
            return ProviderRefused("The account at the provider has no credit left.")
        if status == 429:
            return ProviderThrottled(retry_after=_retry_after(error))
        if status >= 500 or status in (408, 409):
            text = f"The provider answered with its error {status}."
            return ProviderUnreachable(text, retry_after=_retry_after(error))
        if status in (400, 422) and request.schema is not None and _about_structure(error):
            self.structured = False
            return StructureRefused()
        return ProviderRefused(f"The provider refused the request with {status}; look at its key, model and settings.")


def _messages(messages: Iterable[ChatMessage]) -> list[ChatCompletionMessageParam]:
    return [
        {"role": "system", "content": message.content}
        if message.role == "system"
        else {"role": "user", "content": message.content}
        for message in messages
    ]


def _format(request: ModelRequest) -> ResponseFormat | openai.Omit:
    if request.schema is None:
        return openai.omit
    return {
        "type": "json_schema",
        "json_schema": {"name": f"casella_{request.task.kind}", "schema": dict(request.schema), "strict": True},
    }


def _or_omitted(value: float | None) -> float | openai.Omit:
    return openai.omit if value is None else value


def _about_structure(error: openai.APIStatusError) -> bool:
    said = f"{error.message} {error.param or ''}".lower()
    return any(word in said for word in ("response_format", "json_schema", "structured", "grammar", "schema"))


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Seconds, from the header of that name; dates are not used by such servers."""
    with suppress(ValueError):
        return min(max(float(error.response.headers.get("retry-after", "")), 0.0), 3600.0)
    return None
