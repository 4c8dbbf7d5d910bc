"""What plugins add to the rules, and how it is called: guarded and with time limits, like everything of a guest.

Several failures in a row set aside, for a while, all that the plugin adds to the rules, under a name of its own, and
nothing else: its channels go on. Rules that use it go on, too: a field has no value then, an action waits, a strategy
gives way to the least busy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import httpx
from pydantic import ValidationError

from casella.errors import PluginFailed
from casella.host.guests import CallsUnder, NotInContract
from casella.plugin import (
    ActionArgument,
    ActionFailed,
    ActionRequest,
    ActionResult,
    FieldUnavailable,
    RuleAction,
    RuleAdditions,
    RuleAssignment,
    RuleCandidate,
    RuleFact,
    RuleField,
    RuleQuestion,
)
from casella.plugin.rule_checks import additions_problem, sound_value

RULES_SECONDS = 1.0
"""How long a plugin's field or strategy may take: a conversation is held meanwhile."""
_Answer = TypeVar("_Answer")


class Guard(CallsUnder, Protocol):
    """The little this needs of the host."""

    @property
    def quarantined(self) -> Mapping[str, object]: ...  # pragma: no cover - a protocol
    def aside_reason(self, name: str) -> str: ...  # pragma: no cover - a protocol
    def set_aside(self, name: str, reason: str) -> None: ...  # pragma: no cover - a protocol


class RuleGuests:
    """The table of additions, by the plugins' names."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._additions: dict[str, RuleAdditions] = {}
        self._fields: dict[str, RuleField] = {}
        self._actions: dict[str, RuleAction[ActionArgument]] = {}
        self._packages: dict[str, str] = {}

    def register(self, plugin: str, additions: RuleAdditions, package: str = "") -> None:
        """`package`: the top-level one of the plugin's code. Raises ValueError for what cannot be taken in."""
        if problem := additions_problem(plugin, additions):
            raise ValueError(f"'{plugin}' {problem}")
        if plugin in self._additions:
            raise ValueError(f"'{plugin}' registers its rules twice")
        self._additions[plugin] = additions
        self._packages[plugin] = package
        self._fields |= {one.name: one for one in additions.fields}
        self._actions |= {one.name: one for one in additions.actions}

    def refuse(self, plugin: str, reason: str) -> None:
        """Take a plugin's additions out again."""
        additions = self._additions.pop(plugin)
        for name in [one.name for one in additions.fields]:
            del self._fields[name]
        for name in [one.name for one in additions.actions]:
            del self._actions[name]
        self._guard.set_aside(rules_of(plugin), reason)

    @property
    def additions(self) -> Mapping[str, RuleAdditions]:
        """Everything that was taken in, set aside or not."""
        return self._additions

    @property
    def absent(self) -> Mapping[str, str]:
        """Plugins that add nothing because they could not be taken in, with the reason."""
        names = {name.removesuffix(_SUFFIX) for name in self._guard.quarantined}
        return {name: self.problem(name) for name in names if name not in self._additions}

    def problem(self, plugin: str) -> str:
        """Why what a plugin adds cannot be asked now ("is not installed"); empty if it can."""
        aside = self._guard.aside_reason(rules_of(plugin))
        if not aside and plugin not in self._additions:
            aside = self._guard.aside_reason(plugin)
        if aside:
            return f"is set aside: {aside}"
        return "" if plugin in self._additions else "is not installed"

    def gather(self, name: str, question: RuleQuestion) -> RuleFact:
        """The value of a field. Raises PluginFailed, and FieldUnavailable where the plugin says so."""
        field = self._fields.get(name)
        if field is None:
            raise self.missing(name)
        what = f"the field {name}"

        def ask() -> RuleFact:
            value = field.gather(question)
            try:
                return sound_value(field, value)
            except ValueError as error:
                raise NotInContract(str(error)) from error

        return self._call(name, what, ask, RULES_SECONDS, (FieldUnavailable,))

    def argument(self, name: str, written: bytes) -> ActionArgument:
        """What stood behind an action, as JSON. Raises PluginFailed, and ValidationError where the plugin has changed
        what it takes."""
        action = self._actions.get(name)
        if action is None:
            raise self.missing(name)
        what, model = f"the argument of {name}", action.argument
        return self._call(name, what, lambda: model.model_validate_json(written), RULES_SECONDS, (ValidationError,))

    def run(self, name: str, request: ActionRequest[ActionArgument], http: httpx.Client) -> ActionResult:
        """Do an action. Raises PluginFailed, and ActionFailed where the plugin says so."""
        action = self._actions.get(name)
        if action is None:
            raise self.missing(name)
        what = f"the action {name}"

        def ask() -> ActionResult:
            result = action.run(request, http)
            if not isinstance(result, ActionResult):
                raise NotInContract(f"answered {type(result).__name__}")
            return result

        return self._call(name, what, ask, action.seconds, (ActionFailed,))

    def rank(self, strategy: str, candidates: Sequence[RuleCandidate], assignment: RuleAssignment) -> Sequence[str]:
        """A strategy's order of candidates, the best first. Raises PluginFailed."""
        additions = self._additions.get(plugin_of(strategy))
        found = next((one for one in additions.strategies if one.name == strategy), None) if additions else None
        if found is None:
            raise self.missing(strategy)
        what, known = f"the strategy {strategy}", {one.agent for one in candidates}

        def ask() -> Sequence[str]:
            order = found.rank(tuple(candidates), assignment)
            if not isinstance(order, list | tuple) or any(agent not in known for agent in order):
                raise NotInContract("gave something else than a list of its candidates")
            return order

        return self._call(strategy, what, ask, RULES_SECONDS, ())

    def _call(
        self, name: str, what: str, ask: Callable[[], _Answer], seconds: float, may_raise: tuple[type[Exception], ...]
    ) -> _Answer:
        plugin = plugin_of(name)
        try:
            return self._guard.call_under(
                rules_of(plugin), what, ask, seconds, may_raise, self._packages.get(plugin, "")
            )
        except PluginFailed as error:
            raise self.missing(name, "has failed") from error

    def missing(self, name: str, otherwise: str = "") -> PluginFailed:
        """The error for a field, an action or a strategy that cannot be asked now. `otherwise`: what to say where the
        plugin is there and not set aside."""
        plugin = plugin_of(name)
        problem = self.problem(plugin) or otherwise or f"does not bring '{name}' any more"
        return PluginFailed(f"The plugin '{plugin}' {problem}.", channel_type=rules_of(plugin))


_SUFFIX = " rules"


def rules_of(plugin: str) -> str:
    """The name under which a plugin's additions are set aside."""
    return plugin + _SUFFIX


def plugin_of(name: str) -> str:
    """Whose field, action or strategy this is."""
    return name.partition(".")[0]
