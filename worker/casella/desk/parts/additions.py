"""What plugins add to the rules, as entries of the language's tables; and what they added when a desk was applied.

A desk that was applied while a plugin was there still loads without it: its fields have no value then, its actions
wait, its strategies leave the choice to whoever is least busy. So their entries are kept with the desk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from pydantic import BaseModel, ConfigDict, JsonValue

from casella.errors import PluginFailed
from casella.plugin import RuleAdditions, RuleAssignment, RuleCandidate
from casella_rules import (
    ActionSpec,
    AssignRequest,
    Candidate,
    DuplicateEntryError,
    FieldSpec,
    Ranking,
    Reason,
    RotationState,
    Strategy,
    StrategySpec,
    StrategyUnavailableError,
    ValueType,
    Vocabulary,
)
from casella_rules.assignment import STRATEGIES

Ranker = Callable[[str, Sequence[RuleCandidate], RuleAssignment], Sequence[str]]
"""Asks the plugin that brings the strategy of this name. Raises PluginFailed."""


class KeptEntry(BaseModel):
    """An action or a strategy, without what only its plugin knows."""

    name: str
    text: str
    example: str = ""

    @property
    def plugin(self) -> str:
        return self.name.partition(".")[0]


class KeptField(KeptEntry):
    """A field."""

    value: ValueType
    values: tuple[str, ...] = ()


class Kept(BaseModel):
    """What plugins added when a desk was applied."""

    fields: Sequence[KeptField] = ()
    actions: Sequence[KeptEntry] = ()
    strategies: Sequence[KeptEntry] = ()


class KeptArgument(BaseModel):
    """Whatever stood behind an action whose plugin is not there. It is kept as it is, until somebody can read it."""

    model_config = ConfigDict(extra="allow", frozen=True)

    value: JsonValue = None


def with_additions(vocabulary: Vocabulary, plugin: str, additions: RuleAdditions) -> Vocabulary:
    """The language with one plugin's entries. What an action may cause is not known, so nothing suspects a loop of it;
    chains end at run time. Raises DuplicateEntryError for a name that is built in."""
    if vocabulary.is_prefix(plugin) or plugin in (*vocabulary.fields, *vocabulary.actions, *vocabulary.strategies):
        raise DuplicateEntryError(f"the rules have '{plugin}' already; the plugin needs an entry point of another name")
    return vocabulary.extended(
        fields=[
            FieldSpec(
                one.name, ValueType[one.kind.upper()], one.description, one.example, values=one.values, plugin=plugin
            )
            for one in additions.fields
        ],
        actions=[
            ActionSpec(
                one.name, one.argument, one.description, one.example, shorthand=one.shorthand,
                plugin=plugin,
            )
            for one in additions.actions
        ],
        strategies=[StrategySpec(one.name, one.description, plugin) for one in additions.strategies],
    )  # fmt: skip


def kept_entries(vocabulary: Vocabulary) -> Kept:
    """The plugins' entries of a language, to be kept with a desk."""
    return Kept(
        fields=[
            KeptField(name=one.name, value=one.value, text=one.description, example=one.example, values=one.values)
            for one in vocabulary.fields.values()
            if one.plugin
        ],
        actions=[
            KeptEntry(name=one.name, text=one.description, example=one.example)
            for one in vocabulary.actions.values()
            if one.plugin
        ],
        strategies=[
            KeptEntry(name=one.name, text=one.description) for one in vocabulary.strategies.values() if one.plugin
        ],
    )


def with_kept(vocabulary: Vocabulary, kept: Kept) -> Vocabulary:
    """The language with the kept entries that it does not have now."""
    return vocabulary.extended(
        fields=[
            FieldSpec(one.name, one.value, one.text, one.example, values=one.values, plugin=one.plugin)
            for one in kept.fields
            if one.name not in vocabulary.fields
        ],
        actions=[
            ActionSpec(one.name, KeptArgument, one.text, one.example, shorthand="value", plugin=one.plugin)
            for one in kept.actions
            if one.name not in vocabulary.actions
        ],
        strategies=[
            StrategySpec(one.name, one.text, one.plugin)
            for one in kept.strategies
            if one.name not in vocabulary.strategies
        ],
    )


def without_plugins(vocabulary: Vocabulary) -> Vocabulary:
    """The language as it is built in."""
    return Vocabulary(
        vocabulary.events,
        {name: one for name, one in vocabulary.fields.items() if not one.plugin},
        vocabulary.operators,
        {name: one for name, one in vocabulary.actions.items() if not one.plugin},
        {name: one for name, one in vocabulary.strategies.items() if not one.plugin},
        vocabulary.absent,
    )


def strategies_of(vocabulary: Vocabulary, rank: Ranker) -> Mapping[str, Strategy]:
    """How each strategy of a language chooses."""
    guests = {spec.name: partial(_ranked, rank, spec.name) for spec in vocabulary.strategies.values() if spec.plugin}
    return {**STRATEGIES, **guests}


def _ranked(
    rank: Ranker, name: str, eligible: Sequence[Candidate], state: RotationState, want: AssignRequest
) -> Ranking:
    candidates = [
        RuleCandidate(
            one.agent_id, one.skills, one.open, float(one.open if one.load is None else one.load), one.capacity,
            one.weight, one.last_assigned_at,
        )
        for one in eligible
    ]  # fmt: skip
    try:
        order = rank(name, candidates, RuleAssignment(want.skills, want.last_served_by))
    except PluginFailed as error:
        raise StrategyUnavailableError(error.text) from error
    known = {one.agent_id: one for one in eligible}
    return Ranking([known[agent] for agent in dict.fromkeys(order)], Reason.RANKED_LOWER)
