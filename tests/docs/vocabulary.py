"""The tables of docs/managers.md, made from the live vocabulary. `python -m tests.docs.vocabulary` writes them anew;
`test_managers.py` proves that the house does what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from casella.desk import VARIABLES
from casella.desk.canned.messages import FILTERS
from casella_rules import builtin_vocabulary
from casella_rules.language.vocabulary import FieldSpec, OperatorSpec

PAGE = Path(__file__).parents[2] / "docs" / "managers.md"
LANGUAGE = builtin_vocabulary()

NOTES = {
    "contact.name": "Text messages bring none.",
    "conversation.status": "When a customer writes, it is open.",
}
"""What people should know of a field."""

_TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def operators() -> list[OperatorSpec]:
    """The operators that some field can use."""
    return [one for one in LANGUAGE.operators.values() if _types() & one.fits]


def _types() -> set[str]:
    return {field.value for field in LANGUAGE.fields.values()}


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def _events() -> str:
    return _table(("event", "when"), ((f"`{name}`", LANGUAGE.events[name].description) for name in LANGUAGE.events))


def _values(field: FieldSpec) -> str:
    if field.values and field.name not in ("event", "kind"):
        return ", ".join(f"`{value}`" for value in field.values)
    return str(field.value)


def _note(name: str) -> str:
    return f" *{NOTES[name]}*" if name in NOTES else ""


def _fields() -> str:
    rows = (
        (f"`{one.name}`", one.description + _note(one.name), _values(one), f"`{one.example}`")
        for one in LANGUAGE.fields.values()
    )
    return _table(("field", "what it is", "values", "for example"), rows)


def _operators() -> str:
    rows = (
        (f"`{one.name}`", one.description, ", ".join(sorted(set(one.fits) & _types())), f"`{one.example}`")
        for one in operators()
    )
    return _table(("operator", "holds when", "for values that are", "for example"), rows)


def _actions() -> str:
    rows = ((f"`{one.name}`", one.description, f"`{one.example}`") for one in LANGUAGE.actions.values())
    return _table(("action", "what it does", "for example"), rows)


def _strategies() -> str:
    rows = ((f"`{one.name}`", one.description) for one in LANGUAGE.strategies.values())
    return _table(("strategy", "who gets it"), rows)


def _variables() -> str:
    return _table(
        ("variable", "for example"), ((f"`{{{{ {name} }}}}`", example) for name, example in VARIABLES.items())
    )


def _filters() -> str:
    return f"Filters: {', '.join(f'`{name}`' for name in FILTERS)}.\n"


TABLES = {
    "events": _events,
    "fields": _fields,
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
