"""Reads canned.yaml: messages, their translations, their key phrases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from casella.desk.canned.messages import MAX_FILLED, CannedMessage
from casella.desk.canned.template_check import check_text, variables_in
from casella.desk.parts.types import Key, Part, key_problem
from casella_rules import Names, Problem
from casella_rules.language.argument_types import InboxName, InSchema, as_written, mistake
from casella_rules.language.text import collapsed, fold
from casella_rules.parsing.shape import fit, shown
from casella_rules.yaml.problems import name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, is_empty

Written = Annotated[str, Field(min_length=1, max_length=2 * MAX_FILLED)]


def _by_locale(value: object) -> object:
    # A single text stands for every locale; it is kept under the empty one until the desk's first locale is known.
    if isinstance(value, str):
        return {"": value}
    if not isinstance(value, dict):
        raise mistake(f"expected text, got {as_written(value)}", "Numbers, true and false need quotes to be text")
    return value


class CannedPart(Part):
    """One message as written."""

    text: Annotated[dict[str, Written], BeforeValidator(_by_locale), InSchema(desk="locale", or_text=True)] = Field(
        description="The words, or one text per locale; {{ contact.name }} is filled in", examples=["Hello!"]
    )
    phrase: Annotated[str, Field(min_length=1, max_length=60)] | None = Field(
        default=None, description="What agents type to find it, unique within an inbox", examples=["hello"]
    )
    inboxes: Annotated[tuple[InboxName, ...], Field(strict=False)] = Field(
        default=(), description="The inboxes it is for; all of them if not said", examples=[["support"]]
    )
    description: str = Field(default="", description="When to use it, for agents", examples=["After a refund"])


class CannedFile(Part):
    """The whole of a file of canned messages."""

    canned: dict[Key, CannedPart] = Field(
        default_factory=dict, description="Canned messages, by key", examples=[{"greeting": {"text": "Hello!"}}]
    )


class CannedReader:
    """Reads the trees of all canned files into messages, collecting problems. `judged`: what the texts say was good
    when the desk was applied, and is not judged again."""

    def __init__(self, locales: Sequence[str], inboxes: Iterable[str], names: Names, *, judged: bool = False) -> None:
        self.messages: dict[str, CannedMessage] = {}
        self.problems: list[Problem] = []
        self._locales = tuple(locales)  # none: what was written could not be read
        self._inboxes = frozenset(inboxes)
        self._names = names
        self._judged = judged
        self._phrases: dict[tuple[str, str], str] = {}

    def read(self, tree: Node, file: str, lines: Sequence[str]) -> None:
        """One file."""
        section = _section(tree, file, self.problems)
        if section is None:
            return
        for name, (key, node) in section.entries.items():
            if name in self.messages:
                self._note(file, key, f"the canned message {quoted(name)} is here twice", "Keep one of them")
                continue
            mistaken = key_problem(name)
            if mistaken:
                self._note(file, key, *mistaken)
            message = self._message(name, node, file, lines)
            if message:
                self.messages[name] = message

    def _message(self, name: str, node: Node, file: str, lines: Sequence[str]) -> CannedMessage | None:
        part, problems = fit(CannedPart, node, file, self._names)
        self.problems.extend(problems)
        if part is None or not isinstance(node, Mapping):
            return None
        self._texts(node, file, lines)
        self._phrase(name, part, node, file)
        fallback = self._locales[0] if self._locales else ""
        texts = {locale or fallback: text for locale, text in part.text.items()}
        first = sorted(texts, key=lambda locale: locale != fallback)
        variables = frozenset().union(*(variables_in(text) for text in texts.values() if not check_text(text)))
        return CannedMessage(
            key=name,
            texts={locale: texts[locale] for locale in first},
            phrase=collapsed(part.phrase) if part.phrase else None,
            inboxes=part.inboxes,
            description=part.description,
            variables=variables,
        )

    def _texts(self, node: Mapping, file: str, lines: Sequence[str]) -> None:
        written = node.get("text")
        if isinstance(written, Scalar):
            self._template(written, file, lines)
        elif isinstance(written, Mapping):
            self._translations(written, file, lines)

    def _template(self, written: Scalar, file: str, lines: Sequence[str]) -> None:
        self.problems.extend(() if self._judged else template_problems(written, file, lines))

    def _translations(self, written: Mapping, file: str, lines: Sequence[str]) -> None:
        for locale, (key, text) in written.entries.items():
            if self._locales and locale not in self._locales:
                hint = name_hint("Locales", locale, self._locales)
                self._note(file, key, f"locale {quoted(locale)} is not in desk.yaml", hint)
            if isinstance(text, Scalar):
                self._template(text, file, lines)
        if self._locales and self._locales[0] not in written.entries:
            hint = "It is the desk's first locale, and what everybody else falls back to"
            self._note(file, written, f"the text for {quoted(self._locales[0])} is missing", hint)

    def _phrase(self, name: str, part: CannedPart, node: Mapping, file: str) -> None:
        if not part.phrase:
            return
        phrase = fold(collapsed(part.phrase))
        for inbox in sorted(part.inboxes or self._inboxes):
            other = self._phrases.setdefault((inbox, phrase), name)
            if other != name:
                self._note(
                    file,
                    node.get("phrase") or node,
                    f"the key phrase {quoted(part.phrase)} stands for {quoted(other)} already (inbox {inbox})",
                    "A key phrase is unique within an inbox",
                )
                return

    def _note(self, file: str, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(Problem(file, node.line, node.column, message, hint))


_NO_TOP = ("a file of canned messages starts with the line 'canned:'", "Put it on top, and indent the rest below it")


def canned_keys(tree: Node | None) -> frozenset[str] | None:
    """The keys of the messages as written; None when they are not known."""
    if tree is None or is_empty(tree):
        return frozenset() if tree is not None else None
    section = tree.get("canned") if isinstance(tree, Mapping) else None
    if section is None and isinstance(tree, Mapping) and any(_is_message(node) for _, node in tree.entries.values()):
        section = tree
    if section is None or is_empty(section):
        return frozenset() if isinstance(tree, Mapping) and not tree.entries.keys() - {"canned"} else None
    return frozenset(section.entries) if isinstance(section, Mapping) else None


def _is_message(node: Node) -> bool:
    return isinstance(node, Mapping) and "text" in node.entries


def _section(tree: Node, file: str, problems: list[Problem]) -> Mapping | None:
    if is_empty(tree):
        return None
    if not isinstance(tree, Mapping):
        problems.append(Problem(file, tree.line, tree.column, *_NO_TOP))
        return None
    if "canned" not in tree.entries and any(_is_message(node) for _, node in tree.entries.values()):
        problems.append(Problem(file, tree.line, tree.column, *_NO_TOP))
        return tree
    for name, (key, node) in tree.entries.items():
        if name != "canned":
            hint = name_hint("Keys", name, ["canned"])
            if _is_message(node) and "canned" in tree.entries:
                hint = f"Move {quoted(name)} two columns to the right, below 'canned'"
            problems.append(Problem(file, key.line, key.column, f"unknown key {quoted(name)}", hint))
    section = tree.get("canned")
    if section is None or is_empty(section):
        return None
    if isinstance(section, Mapping):
        return section
    message = f"'canned' must hold keys with values, got {shown(section)}"
    problems.append(Problem(file, section.line, section.column, message, "Write each message below its own key"))
    return None


def template_problems(written: Scalar, file: str, lines: Sequence[str]) -> list[Problem]:
    """What is wrong with a text as a template, each at the words it is about."""
    found = []
    for problem in check_text(written.text):
        line, column = _locate(written, problem.line, problem.token, lines)
        found.append(Problem(file, line, column, problem.message, problem.hint))
    return found


def _locate(written: Scalar, line: int, token: str, lines: Sequence[str]) -> tuple[int, int]:
    """Where the words stand in the file. YAML folds and indents, so they are looked for; else the value's own place."""
    last = written.line + written.text.count("\n") + line + 1
    for number in range(written.line, min(last, len(lines)) + 1 if token else 0):
        start = written.column - 1 if number == written.line else 0
        column = lines[number - 1].find(token, start)
        if column >= 0:
            return number, column + 1
    return written.line, written.column
