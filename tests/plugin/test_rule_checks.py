"""What cannot be taken in of a plugin's additions to the rules, and what a field may give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ConfigDict

from casella.plugin import ActionArgument, RuleAdditions, RuleField, RuleStrategy
from casella.plugin.rule_checks import additions_problem, sound_value
from tests.plugin.testing.test_additions import FIRST, FOND, HONEST, MAKE


class Loose(ActionArgument):
    model_config = ConfigDict(extra="allow")


def untyped(value: object) -> Any:
    """As from a plugin that nobody type-checked."""
    return value


WRONG: Mapping[str, tuple[object, str]] = {
    "something else": (object(), "registers object and no RuleAdditions"),
    "a later contract": (replace(HONEST, contract_version="1.9"), "needs plugin contract 1.9"),
    "no title": (replace(HONEST, title=" "), "has no title"),
    "a list": (replace(HONEST, fields=untyped([FOND])), "brings, as a field, something that is no RuleField"),
    "another's name": (replace(HONEST, fields=(replace(FOND, name="crm.fond"),)), "not under its own name"),
    "no name": (
        replace(HONEST, strategies=(RuleStrategy("toy.", "x", FIRST.rank),)),
        "call it for example 'toy.strategy'",
    ),
    "twice": (replace(HONEST, strategies=(FIRST, FIRST)), "brings the strategy 'toy.first' twice"),
    "no words": (replace(HONEST, strategies=(replace(FIRST, description=""),)), "does not say what the strategy"),
    "a kind of its own": (
        replace(HONEST, fields=(replace(FOND, kind=untyped("tree")),)),
        "unknown kind 'tree'; kinds: text,",
    ),
    "values of a flag": (replace(HONEST, fields=(replace(FOND, values=("a",)),)), "which is no word"),
    "another example": (
        replace(HONEST, fields=(replace(FOND, example="fond: true"),)),
        "does not begin with 'toy.fond:'",
    ),
    "no argument": (
        replace(HONEST, actions=(replace(MAKE, argument=untyped(dict)),)),
        "no casella.plugin.ActionArgument",
    ),
    "any keys": (
        replace(HONEST, actions=(replace(MAKE, argument=untyped(Loose), shorthand=""),)),
        "takes unknown keys",
    ),
    "no such shorthand": (replace(HONEST, actions=(replace(MAKE, shorthand="nam"),)), "a shorthand that is no field"),
    "too long": (replace(HONEST, actions=(replace(MAKE, seconds=61),)), "within 60 seconds"),
}


@pytest.mark.parametrize("label", WRONG)
def test_what_cannot_be_taken_in_is_told(label: str) -> None:
    additions, said = WRONG[label]
    assert said in additions_problem("toy", additions)


def test_sound_additions_have_no_problem_and_their_plugin_a_name() -> None:
    assert additions_problem("toy", HONEST) == ""
    assert additions_problem("toy", RuleAdditions("Nothing", "1.0")) == ""
    assert "need a lower-case name" in additions_problem("My Toy", RuleAdditions("Nothing", "1.0"))


@pytest.mark.parametrize(
    ("kind", "value", "stored"),
    [
        ("text", "a\x00b", "ab"),
        ("text", "", None),
        ("word", "gold", "gold"),
        ("word", None, None),
        ("set", frozenset({"a", ""}), frozenset({"a"})),
        ("number", 1.5, 1.5),
        ("flag", False, False),
        ("duration", timedelta(hours=1), 3600),
        ("duration", timedelta(-1), 0),
        ("date", date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_value_of_its_kind_is_stored_soundly(kind: str, value: object, stored: object) -> None:
    field = RuleField("toy.x", kind, "x", "toy.x: 1", lambda _: None)  # type: ignore[arg-type]  # one of the kinds
    assert sound_value(field, value) == stored


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 1),
        ("word", b"x"),
        ("set", ["a"]),
        ("set", frozenset({1})),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("flag", 1),
        ("duration", 60),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("flag", "yes"),
    ],
)
def test_a_value_of_another_kind_is_refused(kind: str, value: object) -> None:
    field = RuleField("toy.x", kind, "x", "toy.x: 1", lambda _: None)  # type: ignore[arg-type]  # one of the kinds
    with pytest.raises(ValueError, match=r"toy\.x"):
        sound_value(field, value)
