"""What is wrong with a text as a template. A text without a problem can be filled whatever the values are: every
construct that is left takes any value, so that nothing but a missing value or a too long text can come up later."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from jinja2 import TemplateSyntaxError, nodes

from casella.desk.canned.messages import (
    ENVIRONMENT,
    FILTERS,
    UNFILLABLE,
    VARIABLES,
    CannedError,
    InputsMissing,
    TextTooLong,
    fill_text,
)  # fmt: skip
from casella.desk.canned.other_words import variable_meant
from casella_rules.yaml.problems import listing, name_hint, quoted
from casella_rules.yaml.text import hidden_in

_KNOWN = 512
"""Texts kept with what was found out about them: a desk is read again and again, mostly with one file changed."""

#: {% if %} in {% if %} and filters behind filters; a long answer to three questions needs half of it.
MAX_NESTED = 20

# Whatever is not here cannot stand in a message: no loop, no call, no arithmetic, so filling is always quick.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One mistake in a text: the line within it, the words it is about, what is wrong, what to write."""

    line: int
    token: str
    message: str
    hint: str = ""


_TOO_DEEP = TemplateProblem(1, "", "this text is nested too deeply", "Write it flatter")


@lru_cache(_KNOWN)
def check_text(text: str) -> tuple[TemplateProblem, ...]:
    """Everything in a text that could not be filled."""
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return (TemplateProblem(error.lineno, *_syntax(text, error.message or "")),)
    except RecursionError:
        return (_TOO_DEEP,)
    except UNFILLABLE:  # a number of 5,000 digits
        return (TemplateProblem(1, "", "this text cannot be filled", "Write {{ contact.name }}"),)
    # Some nodes that extensions of Jinja make bear no line.
    return tuple(replace(found, line=found.line or 1) for found in _problems(tree)) or _tried(text)


@lru_cache(_KNOWN)
def variables_in(text: str) -> frozenset[str]:
    """The variables a text uses. The text must have passed `check_text`."""
    paths = (_path(node) for node in ENVIRONMENT.parse(text).find_all(nodes.Getattr))
    return frozenset(path for path in paths if path in VARIABLES)


def _tried(text: str) -> tuple[TemplateProblem, ...]:
    """The text is filled with every value, with none, and with each one missing."""
    used = variables_in(text)
    for left_out in [set(), used, *({name} for name in used)]:
        try:
            fill_text(text, {name: value for name, value in VARIABLES.items() if name not in left_out})
        except (InputsMissing, TextTooLong):
            continue
        except CannedError:
            return (TemplateProblem(1, "", "this text cannot be filled", "Write it more simply"),)
    return ()


def _syntax(text: str, said: str) -> tuple[str, str, str]:
    """The words it is about, what is wrong and what to write, in no words of Jinja's."""
    broken = next((found[0] for found in _FILLED.finditer(text) if not _can_be_read(found[0])), "")
    if not broken and ("end of template" in said or "unexpected '}'" in said):
        return "", "a {{ or {% is never closed", _CLOSED
    if not broken:
        return "", "this cannot be filled", _WHAT_CAN
    word = broken.strip("{}%- \n").partition("|")[0].strip()
    meant = word if word in VARIABLES else variable_meant(word)
    if broken.startswith("{%") and word.partition(" ")[0] in _STATEMENTS and not meant:
        return broken, f"{quoted(broken)} cannot be read", "Write for example {% if contact.name %}"
    return broken, f"{quoted(broken)} cannot be filled", f"Write {{{{ {meant} }}}}" if meant else _WHAT_CAN


#: `{{{first_name}}}` and `{%name%}` whole, and whatever stands between two braces otherwise.
_FILLED = re.compile(r"\{\{\{?[^{}]*\}\}\}?|\{%.*?%\}", re.S)
_STATEMENTS = frozenset({"if", "elif", "else", "endif", "set"})
_CLOSED = "Write {{ contact.name }}, and {% endif %} behind what belongs to {% if %}"
_WHAT_CAN = f"What can be filled in: {', '.join(VARIABLES)}"


def _can_be_read(part: str) -> bool:
    """Whether one placeholder or statement is sound by itself; what opens and closes belongs to others."""
    opens, closes = "{% if contact.name %}", "{% endif %}"
    tries = (part, part + closes, opens + part, opens + part + closes) if part.startswith("{%") else (part,)
    for one in tries:
        try:
            ENVIRONMENT.parse(one)
        except UNFILLABLE:
            continue
        return "{{{" not in part
    return False


def _problems(tree: nodes.Template) -> Iterator[TemplateProblem]:
    waiting: list[tuple[nodes.Node, int]] = [(tree, 0)]
    while waiting:  # a recursion would end where the text is nested deepest
        node, depth = waiting.pop()
        if depth > MAX_NESTED:
            yield _TOO_DEEP
            return
        problem = _problem(node)
        if problem:
            yield problem
        if isinstance(node, _ALLOWED) and not isinstance(node, nodes.Getattr):
            children = [(child, depth + 1) for child in node.iter_child_nodes()]
            waiting += reversed(children)


def _meant(path: str) -> str:
    meant = variable_meant(path)
    return f"Write {meant}" if meant else ""


def _problem(node: nodes.Node) -> TemplateProblem | None:
    if isinstance(node, nodes.Filter):
        return _filter_problem(node)
    if isinstance(node, nodes.Getattr | nodes.Name):
        path = _path(node)
        hint = _meant(path) or name_hint("Variables", path, VARIABLES)
        if path.startswith("contact.custom"):
            hint = f"Attributes of contacts cannot be filled in. {listing('Variables', VARIABLES)}"
        return (
            None if path in VARIABLES else TemplateProblem(node.lineno, path, f"unknown variable {quoted(path)}", hint)
        )
    if isinstance(node, nodes.Compare):
        return _comparison_problem(node)
    if isinstance(node, nodes.Const):
        return _constant_problem(node)
    if not isinstance(node, _ALLOWED):
        name = _CONSTRUCTS.get(type(node).__name__, type(node).__name__.lower())
        return TemplateProblem(node.lineno, "", f"{name} cannot be used in a message", "Use {{ name }} and {% if %}")
    return None


def _filter_problem(node: nodes.Filter) -> TemplateProblem | None:
    name = node.name
    if name not in FILTERS:
        hint = name_hint("Filters", name, FILTERS)
        return TemplateProblem(node.lineno, name, f"unknown filter {quoted(name)}", hint)
    most = 2 if name == "default" else 0
    if len(node.args) > most or node.kwargs or node.dyn_args or node.dyn_kwargs:
        if most:
            return TemplateProblem(node.lineno, name, "'default' takes one text", "Write default('you')")
        return TemplateProblem(node.lineno, name, f"{quoted(name)} takes nothing in brackets", f"Write {name}")
    return None


def _comparison_problem(node: nodes.Compare) -> TemplateProblem | None:
    strange = next((_ORDERS[operand.op] for operand in node.ops if operand.op in _ORDERS), None)
    if strange is None:
        return None
    message = f"{quoted(strange)} cannot be used in a message"
    token = "" if strange.endswith("in") else strange  # "in" stands in many words
    return TemplateProblem(node.lineno, token, message, "Only == and != compare values")


def _constant_problem(node: nodes.Const) -> TemplateProblem | None:
    value = node.value
    if isinstance(value, float) and not math.isfinite(value):
        return TemplateProblem(node.lineno, "", "this number is too large", "Write a smaller one")
    hidden = hidden_in(value) if isinstance(value, str) else None
    if hidden:
        message = f"the invisible character U+{ord(hidden):04X} is not allowed, not even as an escape"
        return TemplateProblem(node.lineno, "", message, "Remove it")
    return None


def _path(node: nodes.Node) -> str:
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.append(node.attr)
        node = node.node
    names.append(str(node.name) if isinstance(node, nodes.Name) else "…")
    return ".".join(reversed(names))


_ORDERS: Mapping[str, str] = {"gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in"}
_CONSTRUCTS: Mapping[str, str] = {
    "For": "a loop",
    "Call": "a call",
    "Macro": "a macro",
    "CallBlock": "a call",
    "FilterBlock": "a filter block",
    "Assign": "{% set %}",
    "AssignBlock": "{% set %}",
    "Include": "{% include %}",
    "Import": "{% import %}",
    "FromImport": "{% import %}",
    "Extends": "{% extends %}",
    "Block": "{% block %}",
    "With": "{% with %}",
    "Test": "a test with 'is'",
    "Getitem": "a [ ] look-up",
    "Mul": "arithmetic",
    "Pow": "arithmetic",
    "Add": "arithmetic",
    "Sub": "arithmetic",
    "Div": "arithmetic",
    "FloorDiv": "arithmetic",
    "Mod": "arithmetic",
    "Neg": "arithmetic",
    "Pos": "arithmetic",
    "Concat": "~",
    "List": "a list",
    "Tuple": "a list",
    "Dict": "braces within braces",
    "Slice": "a slice",
}
