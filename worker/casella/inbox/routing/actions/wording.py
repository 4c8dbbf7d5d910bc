"""What an action was to do, in a few words: `priority: urgent`, `assign: team billing, skills refunds`."""

from __future__ import annotations

from collections.abc import Mapping

from casella_rules.language.durations import written

#: Words of a message are cut here; who wants them all opens the conversation.
_SHOWN_CHARACTERS = 80
#: What says enough without its name, where nothing else is said.
_PLAIN = frozenset({"priority", "tags", "canned", "text", "inbox", "survey", "to", "for", "attributes", "instruction"})
_LENGTHS = frozenset({"for", "after"})


def action_text(action: str, argument: Mapping[str, object]) -> str:
    """The action with what it takes, on one line."""
    told = _told(argument)
    return f"{action}: {told}" if told else action


def _told(argument: Mapping[str, object]) -> str:
    if len(argument) == 1 and (key := next(iter(argument))) in _PLAIN:
        return _value(key, argument[key])
    return ", ".join(f"{key} {_value(key, value)}" for key, value in argument.items())


def _value(key: str, value: object) -> str:
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "nothing"}[value]
        case int() if key in _LENGTHS:
            return written(value)
        case dict():
            return f"({_told(value)})" if key not in _PLAIN else _told(value)
        case list() | tuple():
            return ", ".join(_value(key, one) for one in value)
        case _:
            text = " ".join(str(value).split())
            return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"
