"""The language without plugins."""

from __future__ import annotations

from casella_rules.language.builtin.actions import ACTIONS, STRATEGIES
from casella_rules.language.builtin.events import EVENTS
from casella_rules.language.builtin.fields import FIELDS
from casella_rules.language.builtin.operators import OPERATORS
from casella_rules.language.vocabulary import EMPTY, Vocabulary


def builtin_vocabulary() -> Vocabulary:
    """The language without plugins."""
    return EMPTY.extended(events=EVENTS, fields=FIELDS, operators=OPERATORS, actions=ACTIONS, strategies=STRATEGIES)
