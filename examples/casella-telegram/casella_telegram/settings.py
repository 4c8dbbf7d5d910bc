"""What a manager writes in desk.yaml for one bot."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class TelegramSettings(BaseModel):
    """`token`: from @BotFather, "number:letters". `webhook_secret`: what Telegram sends along with every update.
    `base_url`: of the Bot API, for servers of one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr
    webhook_secret: SecretStr = Field(min_length=1, max_length=256)
    base_url: str = "https://api.telegram.org"

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        number, _, rest = value.get_secret_value().partition(":")
        if not (number.isdigit() and number.isascii() and rest and rest.replace("-", "").replace("_", "").isalnum()):
            raise ValueError('must look like "123456789:AAF…", as @BotFather gives it')
        return value

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.query:
            raise ValueError("must be an address such as https://api.telegram.org")
        return value.rstrip("/")

    @property
    def bot_id(self) -> str:
        """The bot's own id, which is the channel's address."""
        return self.token.get_secret_value().partition(":")[0]

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""
