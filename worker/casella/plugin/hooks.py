"""The hooks of the plugin host. One to many, by pluggy; calls to one channel go through the typed table instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import pluggy
from pydantic import BaseModel

if TYPE_CHECKING:
    from casella.plugin.assistant import AssistantProvider
    from casella.plugin.channel import ChannelPlugin
    from casella.plugin.links import ConversationLink
    from casella.plugin.routes import Routes
    from casella.plugin.rules import RuleAdditions

AnySettings = TypeVar("AnySettings", bound=BaseModel)

PROJECT = "casella"
"""The entry point group, and pluggy's project name."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class RegisterChannel(Protocol):
    """Given to `register_channels`. Raises ValueError for a channel type that is already taken, or a plugin made for
    another contract version."""

    def __call__(self, channel: ChannelPlugin[AnySettings]) -> None: ...  # pragma: no cover - a protocol


@hookspec
def register_channels(register: RegisterChannel) -> None:
    """Call `register(MyChannel())` for every channel type this plugin brings."""


class RegisterRoutes(Protocol):
    """Given to `register_routes`. Raises ValueError for a channel type of another plugin, or a path taken twice."""

    def __call__(self, channel_type: str, routes: Routes) -> None: ...  # pragma: no cover - a protocol


@hookspec
def register_routes(register: RegisterRoutes) -> None:
    """Call `register("acme", routes)` for a channel type of this plugin that needs HTTP paths of its own."""


class RegisterAssistantProvider(Protocol):
    """Given to `register_assistant_providers`: the type as the desk writes it, the model of its settings (secrets are
    SecretStr), and what builds a provider from settings. Raises ValueError for a type that is already taken."""

    def __call__(
        self, provider_type: str, settings_model: type[BaseModel], build: Callable[[BaseModel], AssistantProvider]
    ) -> None: ...  # pragma: no cover - a protocol


@hookspec
def register_assistant_providers(register: RegisterAssistantProvider) -> None:
    """Call `register("name", SettingsModel, build)` for every provider type of the Message Assistant."""


class RegisterRules(Protocol):
    """Given to `register_rules`. Raises ValueError for what cannot be taken in: a name that is not under the plugin's
    own, an argument without a schema, a plugin made for another contract version."""

    def __call__(self, additions: RuleAdditions) -> None: ...  # pragma: no cover - a protocol


@hookspec
def register_rules(register: RegisterRules) -> None:
    """Call `register(RuleAdditions(…))` once, with every field, action and strategy this plugin adds to the rules."""


class RegisterLinks(Protocol):
    """Given to `register_links`. Raises ValueError for what cannot be taken in: a name that is not under the plugin's
    own, one that is taken, no English label."""

    def __call__(self, link: ConversationLink) -> None: ...  # pragma: no cover - a protocol


@hookspec
def register_links(register: RegisterLinks) -> None:
    """Call `register(ConversationLink(…))` for everything agents may open from a conversation."""
