"""Settings of a webchat connection, and what each of its widgets is told in the desk's `options`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from casella.plugin import ChannelOption

_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:([0-9]{1,5}|\*))?")
_GIVEN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
_FIELD = re.compile(r"(name|email|phone)(\*?)")
SHORTEST_SECRET = 32


def _origin(written: str) -> str:
    if not _ORIGIN.fullmatch(written):
        raise ValueError("an origin is https://shop.example, https://*.shop.example or http://localhost:*; no path")
    return written


def _long(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_SECRET:
        raise ValueError(f"a secret of at least {SHORTEST_SECRET} characters: take random ones")
    return secret


Secret = Annotated[SecretStr, AfterValidator(_long)]
Origin = Annotated[str, AfterValidator(_origin)]


class WebchatSettings(BaseModel):
    """`secret` signs visitors' tokens: changing it begins every visitor anew. `identity_secret` is what the website's
    own server signs the ids of its signed-in customers with; without it nobody can be identified. `origins`: where
    the widget may be embedded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    secret: Secret
    identity_secret: Secret | None = None
    origins: Annotated[tuple[Origin, ...], Field(min_length=1, max_length=50, strict=False)]
    attachments: bool = True
    attachment_megabytes: Annotated[int, Field(ge=1, le=25)] = 10

    def admits(self, origin: str) -> bool:
        """Whether pages of this origin may embed the widget. Hosts are compared whole, never by their end alone."""
        return any(_matches(origin.lower(), pattern) for pattern in self.origins)


def _matches(origin: str, pattern: str) -> bool:
    """A pattern's `*.` is one or more names below, its `:*` any port; everything else is compared as it is."""
    if not _GIVEN.fullmatch(origin):
        return False
    scheme, host, port = _parts(origin)
    wanted_scheme, wanted_host, wanted_port = _parts(pattern)
    same_port = wanted_port in ("*", port)
    below = wanted_host.startswith("*.") and host.endswith(wanted_host[1:])
    return scheme == wanted_scheme and same_port and (host == wanted_host or below)


def _parts(origin: str) -> tuple[str, str, str]:
    scheme, _, rest = origin.partition("://")
    host, _, port = rest.partition(":")
    return scheme, host, port


OPTIONS = (
    ChannelOption("title", "What stands above the chat", "Chat with us", by_language=True),
    ChannelOption("greeting", "What the chat says first", "How can we help?", by_language=True),
    ChannelOption("away", "What the chat says outside the hours", "We are back at nine.", by_language=True),
    ChannelOption("hours", "Office hours, outside which the chat says when somebody is back", "support", kind="hours"),
    ChannelOption(
        "pre_chat",
        "What is asked before the first message; a star for what must be answered",
        "name*, email",
        pattern=r"\s*(name|email|phone)\*?\s*(,\s*(name|email|phone)\*?\s*)*",
    ),
)


class WidgetOptions:
    """A channel's options: `hours`, `pre_chat`, `title`, `greeting`, `away`; texts also by language (`greeting.it`)."""

    texts: ClassVar = ("title", "greeting", "away")

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    @property
    def hours(self) -> str | None:
        return self._options.get("hours")

    @property
    def pre_chat(self) -> list[dict[str, object]]:
        """What is asked before the first message: "name, email*", a star for what must be answered."""
        found = (_FIELD.fullmatch(part.strip()) for part in self._options.get("pre_chat", "").split(","))
        return [{"name": match[1], "required": bool(match[2])} for match in found if match]

    def text(self, name: str, language: str) -> str | None:
        """A text in a language, or the one for all."""
        return self._options.get(f"{name}.{language}") or self._options.get(name)
