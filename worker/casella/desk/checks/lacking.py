"""What a desk asks for and this installation cannot do, because an extra is missing: a rule would never match, an
assistant never answer, and nobody would know why."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from casella.desk.model import Desk
from casella.extras import EXTRAS, has, sentence
from casella_rules import Problem
from casella_rules.language.model import Rule, conditions_of

_SPOKEN = frozenset({"language"})


def lacking(desk: Desk, has_extra: Callable[[str], bool] = has) -> Iterator[Problem]:
    """Hints at the rules, and at the desk's providers."""
    if not has_extra("language"):
        for rule in desk.rules.rules:
            if _asks(rule):
                place = rule.place
                text = "this rule asks for a language, which only what a channel tells can answer here"
                yield Problem(place.file, place.line, place.column, text, sentence("language"))
    for key, provider in desk.parts.assistant.providers.items():
        extra = provider.provider_type  # types of providers that need an extra are called like it
        if extra in EXTRAS and not has_extra(extra):
            file = next(iter(desk.files), "desk.yaml")
            text = f"the provider '{key}' of the assistant cannot answer here"
            yield Problem(file, 1, 1, text, sentence(extra))


def _asks(rule: Rule) -> bool:
    return any(one.field in _SPOKEN for one in conditions_of(rule.test))
