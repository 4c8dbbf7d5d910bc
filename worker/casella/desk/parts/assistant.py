"""The part of desk.yaml about the Message Assistant: providers, tones, prompts, budgets, and where it is off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.connections import check_settings
from casella.desk.parts.types import Key, Locale, Part
from casella_assistant import TONES, prompt_problems
from casella_rules import Problem
from casella_rules.language.argument_types import InboxName
from casella_rules.parsing.shape import find, place_of
from casella_rules.yaml.problems import did_you_mean, name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar

OFFLINE = "offline"
"""The provider that is always there; the desk need not name it, and cannot give its name to another one."""

Order = Annotated[tuple[str, ...], Field(strict=False)]
Most = Annotated[int, Field(ge=0, le=1_000_000_000)]
Parts = Annotated[int, Field(ge=1, le=20)]


class AssistantProvider(Part):
    """One account at a provider. `settings` are checked against the provider type's own model."""

    provider_type: str = Field(alias="type", description="The type of provider", examples=["openai"])
    settings: dict[str, object] = Field(
        default_factory=dict, description="What this type of provider needs", examples=[{"model": "gpt-5-mini"}]
    )


class AssistantTone(Part):
    """A tone of the desk's own, beside the fixed ones."""

    description: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="How it sounds, for a model to read", examples=["Light-hearted, with a small joke."]
    )
    templates: dict[Locale, str] = Field(
        default_factory=dict,
        description="For the offline provider, by locale; {name} and {text} are filled in",
        examples=[{"en": "Ahoy{name}! {text}"}],
    )


class AssistantBudget(Part):
    """What may be used in one day of the desk's time zone; what is not named is not limited."""

    requests: Most | None = Field(default=None, description="Requests per day", examples=[500])
    tokens: Most | None = Field(default=None, description="Tokens per day, read and written", examples=[500_000])


def _budget(requests: int, tokens: int) -> AssistantBudget:
    return AssistantBudget.model_validate({"requests": requests, "tokens": tokens})


class AssistantInbox(Part):
    """What differs in one inbox."""

    enabled: bool = Field(default=True, description="Whether agents may use the assistant here", examples=[False])
    providers: Order | None = Field(default=None, description="Other providers, in this order", examples=[["offline"]])
    parts: Parts | None = Field(default=None, description="Parts a message may be sent in", examples=[1])
    budget: AssistantBudget | None = Field(
        default=None, description="Another budget for this inbox", examples=[{"requests": 50}]
    )


class AssistantPart(Part):
    """The Message Assistant. Without this part it is on, offline, once the organisation has consented."""

    enabled: bool = Field(default=True, description="Whether anybody may use the assistant", examples=[False])
    providers: dict[Key, AssistantProvider] = Field(default_factory=dict, description="Accounts at providers, by key")
    order: Order = Field(
        default=(),
        description="Which provider is asked first, and who steps in; as written above if not said",
        examples=[["main", "backup", "offline"]],
    )
    inboxes: dict[InboxName, AssistantInbox] = Field(default_factory=dict, description="What differs, by inbox")
    tones: dict[Key, AssistantTone] = Field(default_factory=dict, description="Tones of your own, by key")
    prompts: dict[str, str] = Field(
        default_factory=dict, description="Prompts of your own: suggest, generate, rewrite, summary or tags"
    )
    inbox_budget: AssistantBudget = Field(
        default_factory=lambda: _budget(1_000, 1_000_000), description="Per inbox and day"
    )
    agent_budget: AssistantBudget = Field(
        default_factory=lambda: _budget(300, 300_000), description="Per agent and day"
    )
    time_limit: Annotated[float, Field(gt=0, le=120, strict=False)] = Field(
        default=30.0, description="Seconds until nobody waits for a provider any longer", examples=[20]
    )
    parts: Parts = Field(default=3, description="In how many parts a message may be sent at most", examples=[2])
    history: Annotated[int, Field(ge=1, le=200)] = Field(
        default=40, description="How many of the newest messages are used", examples=[20]
    )
    records_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=30, description="How long it is kept what left the building", examples=[90]
    )

    def order_in(self, inbox: str) -> tuple[str, ...]:
        """The providers of an inbox, the first one first."""
        own = self.inboxes[inbox].providers if inbox in self.inboxes else None
        return (self.order if own is None else own) or tuple(self.providers) or (OFFLINE,)


def assistant_problems(tree: Node, part: AssistantPart | None, file: str, catalogue: Catalogue) -> Iterable[Problem]:
    """What the part's own types cannot show. `part` None: it has mistakes already."""
    yield from _settings(tree, file, catalogue)
    if part is not None:
        yield from _orders(tree, part, file)
        yield from _tones(tree, part, file)
        yield from _prompts(tree, part, file)


def _settings(tree: Node, file: str, catalogue: Catalogue) -> Iterable[Problem]:
    providers = find(tree, ("assistant", "providers"))
    for name, (key, node) in providers.entries.items() if isinstance(providers, Mapping) else ():
        if name == OFFLINE:
            hint = "It is always there; name it in the order"
            yield Problem(file, key.line, key.column, f"a provider cannot be called {quoted(name)}", hint)
        written = node.get("type") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(written, Scalar):
            continue
        model = catalogue.assistant_types.get(written.text)
        if model is None and catalogue.assistant_types:
            hint = name_hint("Provider types", written.text, catalogue.assistant_types)
            message = f"provider type {quoted(written.text)} is not installed"
            yield Problem(file, written.line, written.column, message, hint)
        settings = node.get("settings") or Mapping(key.line, key.column, {})
        if model is not None and isinstance(settings, Mapping):
            yield from check_settings(settings, model, file)


def _orders(tree: Node, part: AssistantPart, file: str) -> Iterable[Problem]:
    known = [*part.providers, OFFLINE]
    lists: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(("assistant", "order"), part.order)]
    lists += [(("assistant", "inboxes", key, "providers"), one.providers or ()) for key, one in part.inboxes.items()]
    for path, names in lists:
        for number, name in enumerate(names):
            if name not in known:
                place = place_of(tree, (*path, number))
                message = f"provider {quoted(name)} is not among the assistant's providers"
                yield Problem(file, place.line, place.column, message, name_hint("Providers", name, known))


def _tones(tree: Node, part: AssistantPart, file: str) -> Iterable[Problem]:
    for key, tone in part.tones.items():
        place = place_of(tree, ("assistant", "tones", key))
        if key in TONES:
            message = f"the tone {quoted(key)} is one of the fixed ones"
            yield Problem(file, place.line, place.column, message, "Give yours another name")
        for locale, template in tone.templates.items():
            if "{text}" not in template:
                place = place_of(tree, ("assistant", "tones", key, "templates", locale))
                yield Problem(file, place.line, place.column, "{text} is missing", "It stands for what the agent says")


def _prompts(tree: Node, part: AssistantPart, file: str) -> Iterable[Problem]:
    kinds = ("suggest", "generate", "rewrite", "summary", "tags")
    for name, text in part.prompts.items():
        place = place_of(tree, ("assistant", "prompts", name))
        for problem in prompt_problems(name, text):
            hint = did_you_mean(name, kinds) if name not in kinds else ""
            yield Problem(file, place.line, place.column, f"prompt {quoted(name)}: {problem}", hint or "")
