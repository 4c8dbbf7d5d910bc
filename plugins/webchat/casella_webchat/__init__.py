"""Webchat: a widget on somebody's website, whose provider is this house itself."""

from __future__ import annotations

from casella.plugin import RegisterChannel, RegisterRoutes, hookimpl
from casella_webchat.channel import WebchatChannel
from casella_webchat.routes import routes


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel type "webchat"."""
    register(WebchatChannel())


@hookimpl
def register_routes(register: RegisterRoutes) -> None:
    """Bring the paths that the widget talks to, and the widget."""
    register(WebchatChannel.channel_type, routes())
