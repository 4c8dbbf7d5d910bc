"""A WhatsApp Business account as its owner configured it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
Digits = Annotated[str, Field(pattern=r"^[0-9]{3,32}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WhatsAppNumber(_Settings):
    """A business number and Meta's id of it."""

    number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    phone_number_id: Digits


class WhatsAppTemplate(_Settings):
    """A template of the account. Only an approved one can be sent."""

    name: Annotated[str, Field(min_length=1, max_length=512)]
    language: str = "en"
    status: Literal["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"] = "APPROVED"
    category: Literal["UTILITY", "MARKETING", "AUTHENTICATION"] = "UTILITY"
    body: str = "Hello {{1}}"
    rejected_reason: str = "NONE"


class WhatsAppAccount(_Settings):
    """One account with everything that can be set in its console. `user_ids`: whether webhooks name people by their
    business-scoped id besides the number; `hide_numbers`: phones that are known by that id alone."""

    provider: Literal["whatsapp"] = "whatsapp"
    id: Digits
    app_secret: SecretStr
    access_token: SecretStr
    verify_token: SecretStr | None = None
    webhook_url: HttpUrl | None = None
    numbers: tuple[WhatsAppNumber, ...] = ()
    templates: tuple[WhatsAppTemplate, ...] = ()
    user_ids: bool = True
    hide_numbers: frozenset[str] = frozenset()

    def node(self, phone_number_id: str) -> WhatsAppNumber | None:
        return next((number for number in self.numbers if number.phone_number_id == phone_number_id), None)

    def template(self, name: str, language: str) -> WhatsAppTemplate | None:
        return next((one for one in self.templates if (one.name, one.language) == (name, language)), None)
