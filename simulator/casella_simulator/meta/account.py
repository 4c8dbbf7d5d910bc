"""An app with its pages, or with its Instagram accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{3,32}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(_Settings):
    """A page of Facebook, or a professional account of Instagram."""

    id: Digits
    access_token: SecretStr


class MetaApp(_Settings):
    """What can be set in the app's console. All its pages, or all its accounts, share one webhook. `echoes`: whether
    the webhook tells what the business wrote, as Instagram always does."""

    provider: Literal["messenger", "instagram"]
    id: Digits = "900100"
    app_secret: SecretStr
    verify_token: SecretStr | None = None
    webhook_url: HttpUrl | None = None
    pages: tuple[Page, ...] = ()
    echoes: bool = True
    human_agent: bool = Field(True, description="whether people may answer for seven days")

    @property
    def object_name(self) -> str:
        return "page" if self.provider == "messenger" else "instagram"
