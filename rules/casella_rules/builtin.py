"""The language without plugins."""

from __future__ import annotations

from .builtin_actions import ACTIONS, STRATEGIES
from .builtin_events import EVENTS
from .builtin_fields import FIELDS
from .builtin_operators import OPERATORS
from .vocabulary import EMPTY, Vocabulary


def builtin_vocabulary() -> Vocabulary:
    """The language without plugins."""
    return EMPTY.extended(events=EVENTS, fields=FIELDS, operators=OPERATORS, actions=ACTIONS, strategies=STRATEGIES)
