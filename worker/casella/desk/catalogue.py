"""What the installed plugins bring to a desk, passed in by the program: the desk knows no plugin itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from pydantic import BaseModel

from casella.plugin import Capabilities
from casella_rules import Vocabulary, builtin_vocabulary


class HasSettings(Protocol):
    """The little a desk needs of a channel plugin."""

    @property
    def settings_model(self) -> type[BaseModel]: ...  # pragma: no cover - a protocol


class HasCapabilities(HasSettings, Protocol):
    """A channel plugin, as far as rules depend on what it can do."""

    @property
    def capabilities(self) -> Capabilities: ...  # pragma: no cover - a protocol


class Plugins(Protocol):
    """The little a desk needs of the host."""

    @property
    def plugins(self) -> Mapping[str, HasCapabilities]: ...  # pragma: no cover - a protocol
    @property
    def assistants(self) -> Mapping[str, HasSettings]: ...  # pragma: no cover - a protocol


@dataclass(frozen=True)
class Catalogue:
    """`channel_types`: the settings model of each installed channel type. `vocabulary`: what rules may say.
    `assistant_types`: the settings model of each type of provider of the assistant. `abilities`: what each channel type
    can do; one that is missing is not asked."""

    channel_types: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=builtin_vocabulary)
    assistant_types: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    abilities: Mapping[str, Capabilities] = field(default_factory=dict)

    @classmethod
    def of(cls, plugins: Mapping[str, HasCapabilities], vocabulary: Vocabulary | None = None) -> Self:
        """The catalogue of a host's plugins (`Host.plugins`)."""
        models = {name: plugin.settings_model for name, plugin in plugins.items()}
        abilities = {name: plugin.capabilities for name, plugin in plugins.items()}
        return cls(models, vocabulary or builtin_vocabulary(), abilities=abilities)

    @classmethod
    def of_host(cls, host: Plugins) -> Self:
        """The catalogue of everything a host has found."""
        providers = {name: found.settings_model for name, found in host.assistants.items()}
        return replace(cls.of(host.plugins), assistant_types=providers)
