"""Texts that reach customers otherwise than they were meant: cut by a comment, or with holes that nobody fills."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from casella.desk.canned.messages import VARIABLES
from casella.desk.canned.other_words import variable_meant
from casella.desk.model import Desk
from casella_rules import Problem, Reply
from casella_rules.yaml.partial import read_parts
from casella_rules.yaml.problems import quoted
from casella_rules.yaml.source import Mapping as MappingNode
from casella_rules.yaml.source import Node, Scalar
from casella_rules.yaml.source import Sequence as SequenceNode


def cut_texts(desk: Desk) -> Iterator[Problem]:
    """Plain texts that a ` #` ends. Behind a value a comment is nothing unusual; behind a sentence it is, and so is one
    that begins without a space (`Case #5`)."""
    for file, source in desk.files.items():
        tree = read_parts(source.encode(), file).tree
        lines = source.splitlines()
        for key, scalar in _values(tree) if tree is not None else ():
            behind = _behind(scalar, lines)
            if behind and (not behind[:1].isspace() or (key in _SENTENCES and " " in scalar.text)):
                text = f"{quoted(scalar.text)} ends here: what stands behind ' #' is a comment"
                whole = f"{scalar.text} #{behind}".rstrip()
                hint = (
                    f'Write "{whole}"' if '"' not in whole and "\\" not in whole else "Put the whole text into quotes"
                )
                yield Problem(file, scalar.line, scalar.column, text, hint)


def _values(tree: Node) -> Iterator[tuple[str, Scalar]]:
    """Every plain value with the key it belongs to; a text by locale belongs to `text`."""
    waiting: list[tuple[str, Node]] = [("", tree)]
    while waiting:
        key, node = waiting.pop()
        match node:
            case Scalar(plain=True):
                yield key, node
            case SequenceNode():
                waiting += [(key, item) for item in node.items]
            case MappingNode():
                waiting += [("text" if key == "text" else name, value) for name, (_, value) in node.entries.items()]


def _behind(scalar: Scalar, lines: Sequence[str]) -> str:
    """What stands behind the ` #` that ends a plain value on its line; empty where nothing does."""
    line = lines[scalar.line - 1][scalar.column - 1 :] if scalar.line <= len(lines) else ""
    rest = line.removeprefix(scalar.text)
    found = re.match(r"\s+#(.*)$", rest) if scalar.text and rest != line else None
    return found[1] if found and found[1].strip(" #-=*") else ""


#: Keys behind which people write sentences.
_SENTENCES = frozenset(
    {"text", "note", "notify", "reply", "description", "question", "thanks", "caption", "header", "footer"}
)

_WORD = r"\s*([A-Za-z][\w. ]{0,40}?)\s*"
#: How other systems write what is filled in, each with its word.
_HOLE = re.compile(
    "|".join((
        rf"[$#]?\{{{_WORD}(?:\|[^{{}}]*)?\}}{{1,2}}", rf"\[\[?{_WORD}\]\]?", rf"<<?{_WORD}>>?", rf"[«‹⟨]{_WORD}[»›⟩]",
        rf"\(\({_WORD}\)\)", r"%\s?([A-Za-z][\w.]{1,30})\s?%", r"(?<![\w%])%([A-Za-z]\w*name)\b",
        r"\*\|\s*([A-Za-z]\w{0,30})\s*\|\*", r"(?<!\w)\$([A-Za-z]\w{2,30})", r"(?<!\w)@([A-Za-z]*_?name)\b",
        r"(?<!\w)__([A-Za-z]\w*?)__(?!\w)", r"(?<!\w)#([A-Za-z]\w{1,30})#(?!\w)",
    ))
)  # fmt: skip
#: Places of a provider's template; between two braces a number would be filled in as itself.
_NUMBERED = re.compile(r"\{{1,2}\s*[0-9]{1,2}\s*\}{1,2}")
_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


def unfilled(desk: Desk) -> Iterator[Problem]:
    """Placeholders of other systems, which are sent as they are."""
    for file, place, text in _sent(desk):
        seen: set[str] = set()
        for hole, meant in _holes(text):
            if hole not in seen:
                seen.add(hole)
                hint = f"Write {{{{ {meant} }}}}" if meant else f"What can be filled in: {', '.join(VARIABLES)}"
                yield Problem(file, *place, f"{quoted(hole)} is sent as it is: nothing fills it in", hint)


def _holes(text: str) -> Iterator[tuple[str, str]]:
    """Each placeholder of another system with the variable that is meant, empty where none is."""
    for found in _HOLE.finditer(_FILLED.sub(" ", text)):
        word = next(group for group in found.groups() if group)
        meant = variable_meant(word)
        if meant is not None or found.group().lstrip("$#").startswith("{"):
            yield found.group(), meant or ""
    for found in _NUMBERED.finditer(text):
        yield found.group(), ""


def _sent(desk: Desk) -> Iterator[tuple[str, tuple[int, int], str]]:
    """Every text that somebody outside reads, with where it is written."""
    for file, source in desk.files.items():
        tree = read_parts(source.encode(), file).tree
        section = tree.get("canned") if isinstance(tree, MappingNode) else None
        for _, node in section.entries.values() if isinstance(section, MappingNode) else ():
            text = node.get("text") if isinstance(node, MappingNode) else None
            texts = [one for _, one in text.entries.values()] if isinstance(text, MappingNode) else [text]
            for one in texts:
                if isinstance(one, Scalar):
                    yield file, (one.line, one.column), one.text
    for rule in desk.rules.rules:
        for action in rule.actions:
            for words in action.argument.words if isinstance(action.argument, Reply) else ():
                yield rule.place.file, (rule.place.line, rule.place.column), words
