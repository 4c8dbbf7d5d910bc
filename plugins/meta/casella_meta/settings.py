"""Settings of one Meta app: for the pages of Messenger, or for the accounts of Instagram, that share its webhook."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

FACEBOOK, INSTAGRAM = "https://graph.facebook.com", "https://graph.instagram.com"
_Id = Annotated[str, Field(pattern=r"^[0-9]{3,32}$")]
_Token = Annotated[SecretStr, Field(min_length=1)]


def _api_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://graph.facebook.com, without a login, query or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
        raise ValueError("must be https, because access tokens are sent there")
    return url.rstrip("/")


def _is_near(host: str) -> bool:
    """This machine, or a neighbour without a domain (a simulator in the same container network)."""
    return host in {"127.0.0.1", "::1"} or "." not in host


class MetaSettings(BaseModel):
    """What Messenger and Instagram have in common.

    `app_secret` signs the webhooks; `further_app_secrets`: of other apps whose webhooks come here, or the new one while
    it is changed. `verify_token`: what is typed beside the callback address in Meta's console. `human_agent`: whether
    the app was granted the Human Agent feature, by which people may answer for seven days. `media_hosts`: where Meta
    keeps what people send.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_secret: SecretStr = Field(min_length=1)
    further_app_secrets: tuple[_Token, ...] = ()
    verify_token: SecretStr = Field(min_length=1)
    human_agent: bool = False
    version: str = Field(default="v25.0", pattern=r"^v[0-9]{1,3}\.[0-9]$")
    base_url: Annotated[str, AfterValidator(_api_url)] | None = None
    media_hosts: tuple[str, ...] = ("*.fbcdn.net", "*.fbsbx.com", "*.cdninstagram.com")

    @cached_property
    def signing_keys(self) -> tuple[bytes, ...]:
        return tuple(secret.get_secret_value().encode() for secret in (self.app_secret, *self.further_app_secrets))

    @property
    def home(self) -> str:
        """Where the Graph API is, when `base_url` does not say."""
        return FACEBOOK

    @property
    def graph(self) -> str:
        return f"{self.base_url or self.home}/{self.version}"

    @property
    def tokens(self) -> dict[str, SecretStr]:
        """The access token of each page or account."""
        raise NotImplementedError

    def sender(self, address: str) -> str:
        """Under which name the Graph API knows the sender."""
        return address


class MessengerSettings(MetaSettings):
    """`pages`: each page's id, and its access token."""

    pages: dict[_Id, _Token]

    @property
    def tokens(self) -> dict[str, SecretStr]:
        return self.pages


class InstagramSettings(MetaSettings):
    """`accounts`: each Instagram account's id, and its access token: of its page (`login: facebook`), or of the account
    itself (`login: instagram`)."""

    accounts: dict[_Id, _Token]
    login: Literal["facebook", "instagram"] = "facebook"

    @property
    def home(self) -> str:
        return INSTAGRAM if self.login == "instagram" else FACEBOOK

    @property
    def tokens(self) -> dict[str, SecretStr]:
        return self.accounts

    def sender(self, address: str) -> str:
        """With a page's token the account is "me"; it has no name of its own there."""
        return address if self.login == "instagram" else "me"
