"""What the installed plugins bring to a desk, passed in by the program: the desk knows no plugin itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

from pydantic import BaseModel

from casella.desk.parts.additions import Kept, Ranker, with_additions, with_kept, without_plugins
from casella.errors import PluginFailed
from casella.plugin import Capabilities, ChannelOption, RuleAdditions, RuleAssignment, RuleCandidate
from casella_rules import DuplicateEntryError, Vocabulary, builtin_vocabulary


class HasSettings(Protocol):
    """The little a desk needs of a channel plugin."""

    @property
    def settings_model(self) -> type[BaseModel]: ...  # pragma: no cover - a protocol


class HasCapabilities(HasSettings, Protocol):
    """A channel plugin, as far as rules depend on what it can do."""

    @property
    def capabilities(self) -> Capabilities: ...  # pragma: no cover - a protocol
    @property
    def channel_options(self) -> Sequence[ChannelOption] | None: ...  # pragma: no cover - a protocol
    def address_problem(self, address: str) -> str: ...  # pragma: no cover - a protocol


class AddsRules(Protocol):
    """The little a desk needs of what plugins add to the rules."""

    @property
    def additions(self) -> Mapping[str, RuleAdditions]: ...  # pragma: no cover - a protocol
    @property
    def absent(self) -> Mapping[str, str]: ...  # pragma: no cover - a protocol
    def refuse(self, plugin: str, reason: str) -> None: ...  # pragma: no cover - a protocol
    def rank(
        self, strategy: str, candidates: Sequence[RuleCandidate], assignment: RuleAssignment
    ) -> Sequence[str]: ...  # pragma: no cover - a protocol


class Plugins(Protocol):
    """The little a desk needs of the host."""

    @property
    def plugins(self) -> Mapping[str, HasCapabilities]: ...  # pragma: no cover - a protocol
    @property
    def assistants(self) -> Mapping[str, HasSettings]: ...  # pragma: no cover - a protocol
    @property
    def rules(self) -> AddsRules: ...  # pragma: no cover - a protocol
    def address_problem(self, channel_type: str, address: str) -> str: ...  # pragma: no cover - a protocol


def _no_problem(channel_type: str, address: str) -> str:
    return ""


def _nobody(strategy: str, candidates: Sequence[RuleCandidate], assignment: RuleAssignment) -> Sequence[str]:
    raise PluginFailed(f"No plugin brings the strategy '{strategy}'.")


@dataclass(frozen=True)
class Catalogue:
    """`channel_types`: the settings model of each installed channel type. `vocabulary`: what rules may say.
    `assistant_types`: the settings model of each type of provider of the assistant. `abilities`: what each channel type
    can do; one that is missing is not asked. `options`: those that its channels may have; one that is missing has any.
    `address_problem`: what a channel type says against an address. `rank`: how a plugin's strategy is asked."""

    channel_types: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=builtin_vocabulary)
    assistant_types: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    abilities: Mapping[str, Capabilities] = field(default_factory=dict)
    rank: Ranker = _nobody
    options: Mapping[str, Sequence[ChannelOption]] = field(default_factory=dict)
    address_problem: Callable[[str, str], str] = _no_problem

    @classmethod
    def of(cls, plugins: Mapping[str, HasCapabilities], vocabulary: Vocabulary | None = None) -> Self:
        """The catalogue of a host's plugins (`Host.plugins`)."""
        models = {name: plugin.settings_model for name, plugin in plugins.items()}
        abilities = {name: plugin.capabilities for name, plugin in plugins.items()}
        options = {name: own for name, plugin in plugins.items() if (own := plugin.channel_options) is not None}
        return cls(
            models,
            vocabulary or builtin_vocabulary(),
            abilities=abilities,
            options=options,
            address_problem=lambda channel_type, address: plugins[channel_type].address_problem(address),
        )

    @classmethod
    def of_host(cls, host: Plugins) -> Self:
        """The catalogue of everything a host has found. What adds a name to the rules that is taken is refused."""
        providers = {name: found.settings_model for name, found in host.assistants.items()}
        language = builtin_vocabulary()
        for plugin, additions in list(host.rules.additions.items()):
            try:
                language = with_additions(language, plugin, additions)
            except DuplicateEntryError as error:
                host.rules.refuse(plugin, str(error))
        language = replace(language, absent=host.rules.absent)
        return replace(
            cls.of(host.plugins, language), assistant_types=providers, rank=host.rules.rank,
            address_problem=host.address_problem,
        )  # fmt: skip

    def keeping(self, kept: Kept) -> Self:
        """With what plugins brought when a desk was applied, where they do not bring it now."""
        return replace(self, vocabulary=with_kept(self.vocabulary, kept))

    def only_kept(self, kept: Kept) -> Self:
        """With what plugins brought then, whatever they bring now."""
        return replace(self, vocabulary=with_kept(without_plugins(self.vocabulary), kept))
