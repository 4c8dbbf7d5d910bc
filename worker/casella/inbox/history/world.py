"""How a conversation would have stood differently after the new rules' decisions.

A field departs from what was stored where the two rule sets set it differently. It stays departed as long as the
stored facts show what the old rules had made of it; as soon as they show something else, a person has changed it since,
and what people did counts in both worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from casella.inbox.history.effects import AGENT, TEAM, Effect
from casella_rules import FactValue

Values = dict[str, FactValue]
_STATUS_AFTER = {"close": "closed", "reopen": "open", "snooze": "snoozed"}


class World:
    """One conversation as it would have been."""

    def __init__(self) -> None:
        self._departed: dict[str, tuple[FactValue, FactValue]] = {}
        self._gained: set[str] = set()
        self._lost: set[str] = set()
        self._has_agent: bool | None = None  # None: as it was

    def seen(self, values: Values) -> Values:
        """The stored facts as the new rules would have found them. Changes `values` and gives it back."""
        for field, (then, now) in list(self._departed.items()):
            if values.get(field) == then:
                values[field] = now
            else:
                del self._departed[field]
        self._agent(values)
        if self._gained or self._lost:
            tags = values.get("conversation.tags")
            had = tags if isinstance(tags, frozenset) else frozenset()
            values["conversation.tags"] = (had | self._gained) - self._lost
        return values

    def _agent(self, values: Values) -> None:
        """Which agent a team would have chosen is not known; that it would have chosen one is assumed."""
        had = values.get("conversation.assignee") is not None
        if self._has_agent is had:
            self._has_agent = None
        elif self._has_agent is not None:
            team = values.get("conversation.team")
            values["conversation.assignee"] = f"somebody of {team}" if self._has_agent else None

    def turned(self, then: Values, now: Values, old: Sequence[Effect], new: Sequence[Effect]) -> None:
        """Both rule sets have decided. `then`: the facts as they were stored; `now`: as the new rules found them."""
        self._depart("conversation.priority", then, now, *(_last(effects, _priority) for effects in (old, new)))
        self._depart("conversation.status", then, now, *(_last(effects, _status) for effects in (old, new)))
        self._depart("conversation.team", then, now, *(_last(effects, _team) for effects in (old, new)))
        before, after = (any(effect.kind == "assign" for effect in effects) for effects in (old, new))
        if before != after:
            self._has_agent = after
        named = [_last(effects, _agent) for effects in (old, new)]
        if None not in named:
            self._depart("conversation.assignee", then, now, *named)
        had, has = (_tags(values, effects) for values, effects in ((then, old), (now, new)))
        self._gained, self._lost = set(has - had), set(had - has)

    def _depart(self, field: str, then: Values, now: Values, old: FactValue, new: FactValue) -> None:
        was, would = old or then.get(field), new or now.get(field)
        if was == would:
            self._departed.pop(field, None)
        else:
            self._departed[field] = (was, would)


def _tags(values: Values, effects: Iterable[Effect]) -> set[str]:
    tags = values.get("conversation.tags")
    found = set(tags) if isinstance(tags, frozenset) else set()
    for effect in effects:
        if effect.kind == "tag":
            found.add(effect.what)
        elif effect.kind == "untag":
            found.discard(effect.what)
    return found


def _last(effects: Iterable[Effect], read: Callable[[Effect], str | None]) -> str | None:
    return next((value for effect in reversed(list(effects)) if (value := read(effect))), None)


def _priority(effect: Effect) -> str | None:
    return effect.what if effect.kind == "priority" else None


def _status(effect: Effect) -> str | None:
    return _STATUS_AFTER.get(effect.kind)


def _team(effect: Effect) -> str | None:
    return _named(effect, TEAM)


def _agent(effect: Effect) -> str | None:
    return _named(effect, AGENT)


def _named(effect: Effect, kind: str) -> str | None:
    start = f"{kind} "
    return effect.what.removeprefix(start) if effect.kind == "assign" and effect.what.startswith(start) else None
