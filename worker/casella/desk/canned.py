"""Canned messages: Jinja in a sandbox that can neither loop nor call, with every missing value asked for by name.

CannedError
├── InputsMissing      values the text needs are not there
└── TextTooLong        the filled text is longer than any channel takes
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from casella.errors import CasellaError
from casella_rules.problems import name_hint, quoted

#: What a canned message may use, with an example of each for previews and the manual.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "contact.name": "Ada Lovelace",
        "contact.first_name": "Ada",
        "contact.phone": "+12025550123",
        "agent.name": "Ann",
        "conversation.id": "c-42",
        "inbox.name": "Support",
    }
)
FILTERS = ("default", "upper", "lower", "capitalize", "title", "trim")
#: No channel takes a longer text.
MAX_FILLED = 4_096

# Whatever is not here cannot stand in a message: no loop, no call, no arithmetic, so filling is always quick.
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.Filter, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


class CannedError(CasellaError):
    """This canned message cannot be filled as it is."""

    code = "canned_failed"
    status = 422


class InputsMissing(CannedError):
    """The message needs values that are not there; fill them in by hand."""

    code = "canned_inputs_missing"

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"The message needs {', '.join(missing)}; fill it in by hand.", missing=", ".join(missing))


class TextTooLong(CannedError):
    """The filled message is longer than any channel takes; shorten it."""

    code = "canned_too_long"


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """One mistake in a text: the line within it, the words it is about, what is wrong, what to write."""

    line: int
    token: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class CannedMessage:
    """One message of canned.yaml. `texts` by locale, the fallback first. No `inboxes` means all of them."""

    key: str
    texts: Mapping[str, str]
    phrase: str | None = None
    inboxes: tuple[str, ...] = ()
    description: str = ""
    variables: frozenset[str] = field(default=frozenset(), compare=False)

    def text_for(self, locale: str) -> str:
        """The text in this locale, else in its language, else in the fallback."""
        language = locale.partition("-")[0]
        for wanted in (locale, language):
            if wanted in self.texts:
                return self.texts[wanted]
        same_language = (text for known, text in self.texts.items() if known.partition("-")[0] == language)
        return next(same_language, next(iter(self.texts.values())))


def fill(message: CannedMessage, locale: str, variables: Mapping[str, str | None]) -> str:
    """The message for these values (`contact.name` …; None or empty: not there). Raises InputsMissing with all that
    are needed and not there, or TextTooLong."""
    return fill_text(message.text_for(locale), variables)


def fill_text(text: str, variables: Mapping[str, str | None]) -> str:
    """A text (of a rule, of a message) filled with these values. Raises InputsMissing or TextTooLong."""
    missing: list[str] = []
    roots: dict[str, dict[str, object]] = {}
    for name in VARIABLES:
        root, _, leaf = name.partition(".")
        roots.setdefault(root, {})[leaf] = variables.get(name) or _Missing(name, missing)
    filled = _template(text).render(roots)
    if missing:
        raise InputsMissing(tuple(dict.fromkeys(missing)))
    if len(filled) > MAX_FILLED:
        raise TextTooLong
    return filled


def first_name(name: str | None) -> str | None:
    """The value of `contact.first_name` for a contact's name."""
    return name.split()[0] if name and name.strip() else None


def check_text(text: str) -> list[TemplateProblem]:
    """Everything in a text that could not be filled."""
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return [TemplateProblem(error.lineno, "", *_syntax(error.message or ""))]
    except RecursionError:
        return [_TOO_DEEP]
    problems = list(_problems(tree))
    try:
        problems or _template(text)
    except (SyntaxError, RecursionError):  # hundreds of {% if %} in each other: Python itself gives up
        return [_TOO_DEEP]
    return problems


def _syntax(said: str) -> tuple[str, str]:
    if "end of template" in said or "unexpected '}'" in said:
        return "a {{ or {% is never closed", "Write {{ contact.name }}, and {% endif %} behind what belongs to {% if %}"
    return f"this cannot be filled: {said[:200].rstrip('.')}", "Write {{ contact.name }}"


def variables_in(text: str) -> frozenset[str]:
    """The variables a text uses. The text must have passed `check_text`."""
    paths = (_path(node) for node in _ENVIRONMENT.parse(text).find_all(nodes.Getattr))
    return frozenset(path for path in paths if path in VARIABLES)


_TOO_DEEP = TemplateProblem(1, "", "this text is nested too deeply", "Write it flatter")


class _Missing(Undefined):
    """A value that is not there: false in a condition, replaced by `default`, noted when it is written out."""

    __slots__ = ("_noted_in",)

    def __init__(self, name: str, noted_in: list[str]) -> None:
        super().__init__(name=name)
        self._noted_in = noted_in

    def __str__(self) -> str:
        self._noted_in.append(self._undefined_name or "")
        return ""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is self

    def __hash__(self) -> int:
        return id(self)


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # plain text for phones; nothing here becomes HTML
        keep_trailing_newline=False,
        trim_blocks=True,
    )
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in FILTERS}
    environment.tests = {}
    return environment


_ENVIRONMENT = _environment()


@lru_cache(maxsize=2_048)
def _template(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def _problems(tree: nodes.Template) -> Iterator[TemplateProblem]:
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            name = _CONSTRUCTS.get(type(node).__name__, type(node).__name__.lower())
            yield TemplateProblem(node.lineno, "", f"{name} cannot be used in a message", "Use {{ name }} and {% if %}")
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            hint = name_hint("Filters", node.name, FILTERS)
            yield TemplateProblem(node.lineno, node.name, f"unknown filter {quoted(node.name)}", hint)
        elif isinstance(node, nodes.Getattr | nodes.Name):
            path = _path(node)
            if path not in VARIABLES:
                hint = name_hint("Variables", path, VARIABLES)
                yield TemplateProblem(node.lineno, path, f"unknown variable {quoted(path)}", hint)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """A node and what is in it; nothing inside what is refused anyway, and a dotted name as one."""
    yield node
    if isinstance(node, _ALLOWED) and not isinstance(node, nodes.Getattr):
        for child in node.iter_child_nodes():
            yield from _walk(child)


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return str(node.name) if isinstance(node, nodes.Name) else "…"


_CONSTRUCTS = {
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
    "Dict": "a mapping",
    "Slice": "a slice",
}
