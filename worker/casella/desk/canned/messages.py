"""Canned messages: Jinja in a sandbox that can neither loop nor call, with every missing value asked for by name.

CannedError
├── InputsMissing      values the text needs are not there
└── TextTooLong        the filled text is longer than any channel takes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from casella.errors import CasellaError
from casella.plugin.events import clean_text

#: What a canned message may use, with an example of each for previews and the manual.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "contact.name": "Ada Lovelace",
        "contact.first_name": "Ada",
        "contact.phone": "+12025550123",
        "agent.name": "Ann",
        "agent.first_name": "Ann",
        "conversation.id": "c-42",
        "inbox.name": "Support",
    }
)
FILTERS = ("default", "upper", "lower", "capitalize", "title", "trim")
#: No channel takes a longer text.
MAX_FILLED = 4_096

# Nothing of the kind is left in a text that the check has passed; should it be, no message is lost over it.
UNFILLABLE = (TemplateError, ArithmeticError, LookupError, MemoryError, NameError, RuntimeError, SyntaxError, TypeError,
              ValueError)  # fmt: skip


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
    """A text (of a rule, of a message) filled with these values. Raises InputsMissing, TextTooLong, or CannedError for
    a text that no check has passed."""
    missing: list[str] = []
    roots: dict[str, dict[str, object]] = {}
    for name in VARIABLES:
        root, _, leaf = name.partition(".")
        roots.setdefault(root, {})[leaf] = variables.get(name) or _Missing(name, missing)
    try:
        filled = _template(text).render(roots)
    except UNFILLABLE:
        raise CannedError from None
    if missing:
        raise InputsMissing(tuple(dict.fromkeys(missing)))
    if len(filled) > MAX_FILLED:
        raise TextTooLong
    return clean_text(filled)


def first_name(name: str | None) -> str | None:
    """The value of `contact.first_name` for a contact's name, and of `agent.first_name` for an agent's."""
    return name.split()[0] if name and name.strip() else None


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


#: What the check reads a text with, too.
ENVIRONMENT = _environment()


@lru_cache(maxsize=2_048)
def _template(text: str) -> Template:
    return ENVIRONMENT.from_string(text)
