"""What an account at a server of OpenAI's protocol needs. Apart from the provider, because the SDK takes most of a
second to load, and checking a desk does not need it."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

OFFICIAL = "https://api.openai.com/v1"


class OpenAISettings(BaseModel):
    """`token_parameter`: how the server calls the limit of an answer; OpenAI's newer models know only
    `max_completion_tokens`, most other servers only `max_tokens`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr
    model: str = Field(min_length=1)
    base_url: str = OFFICIAL
    structured_output: bool = True
    stream_usage: bool = True
    temperature: float | None = Field(None, ge=0, le=2)
    token_parameter: Literal["auto", "max_tokens", "max_completion_tokens"] = "auto"  # noqa: S105 - tokens of text
    connect_seconds: float = Field(5.0, gt=0, le=60)

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must begin with http:// or https:// and name a host")
        if parts.username or parts.password:
            raise ValueError("must not hold a password; use api_key")
        return value.rstrip("/")
