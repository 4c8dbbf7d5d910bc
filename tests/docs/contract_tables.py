"""The tables of docs/plugins.md that are made from the contract's types: allowed values, defaults, time limits.

.venv/test/bin/python -m tests.docs.contract_tables      # writes them into the page
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType

from pydantic import BaseModel

from casella import plugin
from casella.host.guests import SECONDS
from casella.host.loading import LOAD_SECONDS
from casella.host.rules import RULES_SECONDS
from casella.inbox.receiving.intake import Intake
from casella.plugin import Capabilities, RuleAction
from casella.plugin.rule_checks import MOST_SECONDS

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


def values() -> str:
    """Every field of the contract that may have certain values only."""
    rows = {f"| `{owner}.{name}` | {_listed(found)} |" for owner, name, found in _closed()}
    return "\n".join(["| field | what it may be |", "|---|---|", *sorted(rows)]) + "\n"


def limits() -> str:
    """How long each call may take, in seconds."""
    receiving = inspect.signature(Intake).parameters["plugin_seconds"].default
    send = Capabilities.model_fields["send_time_limit"].default
    action = next(field.default for field in dataclasses.fields(RuleAction) if field.name == "seconds")
    found = {
        "verify": f"{receiving:g}",
        "translate": f"{receiving:g}",
        "send": f"`capabilities.send_time_limit` ({send:g} unless you say otherwise)",
        **{name: f"{seconds:g}" for name, seconds in SECONDS.items() if name != "route"},
        "a route": f"{SECONDS['route']:g}",
        "a field or a strategy of rules": f"{RULES_SECONDS:g}",
        "an action of rules": f"its `seconds` ({action:g} unless you say otherwise, {MOST_SECONDS:g} at most)",
        "being imported and registering": f"{LOAD_SECONDS:g}",
    }
    named = {name: f"`{name}`" if " " not in name else name for name in found}
    return "\n".join(["| call | seconds |", "|---|---|", *(f"| {named[n]} | {s} |" for n, s in found.items())]) + "\n"


TABLES = {"values": values, "limits": limits}


def written(name: str, page: str) -> str:
    """What stands in the page between the marks of this table."""
    _, mark, rest = page.partition(f"<!-- made by tests/docs/contract_tables.py: {name} -->\n")
    assert mark, f"the page has no table '{name}'"
    return rest.partition("<!-- end -->")[0]


def renewed(page: str) -> str:
    for name, make in TABLES.items():
        page = page.replace(written(name, page), make())
    return page


def _closed() -> Iterator[tuple[str, str, tuple[object, ...]]]:
    for owner in plugin.__all__:
        described = getattr(plugin, owner)
        if not inspect.isclass(described):
            continue
        for name, hint in _fields(described).items():
            found = tuple(dict.fromkeys(_literals(hint)))
            if (found and name != "kind") or len(found) > 1:
                yield owner, name, found


def _fields(described: type) -> Mapping[str, object]:
    if issubclass(described, BaseModel):
        return {name: field.annotation for name, field in described.model_fields.items()}
    if dataclasses.is_dataclass(described):
        hints = typing.get_type_hints(described)
        return {field.name: hints[field.name] for field in dataclasses.fields(described)}
    return {}


def _literals(hint: object) -> Iterator[object]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        yield from inner
    elif inner and (origin is not None or isinstance(hint, UnionType)):
        for one in inner:
            yield from _literals(one)


def _listed(found: tuple[object, ...]) -> str:
    return ", ".join(f"`{one}`" if one != "" else "empty" for one in found)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
