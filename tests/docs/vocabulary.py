"""The tables of docs/managers.md, made from the live vocabulary. `python -m tests.docs.vocabulary` writes them anew.

What the house does not do yet is left out of the tables, or named as not done; `test_managers.py` proves both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from casella.desk import VARIABLES
from casella.desk.canned import FILTERS
from casella_rules import builtin_vocabulary
from casella_rules.vocabulary import FieldSpec, OperatorSpec

PAGE = Path(__file__).parents[2] / "docs" / "managers.md"
LANGUAGE = builtin_vocabulary()

RAISED = ("conversation_opened", "message_received")
"""The events that wake rules in this version."""
LATER_FIELDS = (
    "language", "quoted", "button", "referral.source", "sent_by", "conversation.subject", "conversation.started_by",
    "conversation.messages", "conversation.waiting", "conversation.age", "conversation.idle", "previous.status",
    "previous.assignee", "previous.team", "previous.priority", "contact.country", "contact.language",
    "contact.favourite", "contact.conversations", "contact.custom.*", "agent.name", "agent.role", "agent.teams",
    "agent.skills", "agent.languages", "agent.available", "agent.open", "team.*.available", "team.*.waiting",
    "survey.score",
)  # fmt: skip
"""Fields that nobody gives to rules yet."""
LATER_ACTIONS = (
    "unassign", "reopen", "snooze", "move", "notify", "webhook", "survey", "set", "opt_out", "draft",
)  # fmt: skip
"""Actions that nobody carries out yet."""
SIMPLER = {"sticky": "least_busy"}
"""Strategies that are accepted, and what they do as long as nobody tells them what they want to know."""
NOTES = {
    "contact.name": "Text messages bring none.",
    "contact.tags": "Nothing sets them yet.",
    "conversation.status": "When a customer writes, it is open.",
}
"""What a field does not do yet."""

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def operators() -> list[OperatorSpec]:
    """The operators that some field of today can use: no durations, and nothing about what changed."""
    return [one for one in LANGUAGE.operators.values() if not one.tracked and _types() & one.fits]


def fields() -> list[FieldSpec]:
    """The fields that rules are given today."""
    return [field for field in LANGUAGE.fields.values() if field.name not in LATER_FIELDS]


def _types() -> set[str]:
    return {field.value for field in fields()}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _events() -> str:
    return _table(("event", "when"), ((f"`{name}`", LANGUAGE.events[name].description) for name in RAISED))


def _later_events() -> str:
    return _later([name for name in LANGUAGE.events if name not in RAISED], "nothing raises them")


def _values(field: FieldSpec) -> str:
    if field.values and field.name not in ("event", "kind"):
        return ", ".join(f"`{value}`" for value in field.values)
    return str(field.value)


def _note(name: str) -> str:
    return f" *{NOTES[name]}*" if name in NOTES else ""


def _fields() -> str:
    rows = ((f"`{one.name}`", one.description + _note(one.name), _values(one), f"`{one.example}`") for one in fields())
    return _table(("field", "what it is", "values", "for example"), rows)


def _later(names: Sequence[str], what: str) -> str:
    return f"Already known to `casella check`, but {what} yet: {', '.join(f'`{name}`' for name in names)}.\n"


def _operators() -> str:
    rows = (
        (f"`{one.name}`", one.description, ", ".join(sorted(set(one.fits) & _types())), f"`{one.example}`")
        for one in operators()
    )
    return _table(("operator", "holds when", "for values that are", "for example"), rows)


def _actions() -> str:
    rows = (
        (f"`{one.name}`", one.description, f"`{one.example}`")
        for one in LANGUAGE.actions.values()
        if one.name not in LATER_ACTIONS
    )
    return _table(("action", "what it does", "for example"), rows)


def _strategies() -> str:
    rows = (
        (f"`{one.name}`", one.description + (f" *Today like `{simpler}`.*" if simpler else ""))
        for one in LANGUAGE.strategies.values()
        for simpler in [SIMPLER.get(one.name)]
    )
    return _table(("strategy", "who gets it"), rows)


def _variables() -> str:
    return _table(
        ("variable", "for example"), ((f"`{{{{ {name} }}}}`", example) for name, example in VARIABLES.items())
    )


def _filters() -> str:
    return f"Filters: {', '.join(f'`{name}`' for name in FILTERS)}.\n"


TABLES = {
    "events": _events,
    "later_events": _later_events,
    "fields": _fields,
    "later_fields": lambda: _later(LATER_FIELDS, "not given to rules"),
    "later_actions": lambda: _later(LATER_ACTIONS, "not carried out"),
    "operators": _operators,
    "actions": _actions,
    "strategies": _strategies,
    "variables": _variables,
    "filters": _filters,
}


def renewed(page: str) -> str:
    """The page with every table as it is today."""
    return _TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
