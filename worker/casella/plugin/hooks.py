"""The hooks of the plugin host. One to many, by pluggy; calls to one channel go through the typed table instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import pluggy
from pydantic import BaseModel

if TYPE_CHECKING:
    from casella.plugin.channel import ChannelPlugin
    from casella.plugin.routes import Routes

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
