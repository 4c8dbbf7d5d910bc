"""Prompts: Jinja files in the folder `prompts`, one for each kind of task, each with a version in its first line.

A prompt arranges; it never touches what customers wrote. The conversation, the sources and the agent's wish reach it as
finished blocks, one JSON object per line, in which neither a line break nor `<`, `>`, `[`, `]` can occur unescaped: no
text can end its block, forge another one, or write a model's control token. The rules of safety stand before every
system message, whatever a manager's own prompt says.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import get_args

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from casella_assistant.errors import PromptMistaken
from casella_assistant.model import ChatMessage, Kind, Source, Task, Turn

KINDS: tuple[Kind, ...] = get_args(Kind)
#: What a prompt may use, each a finished text.
VARIABLES = ("conversation", "sources", "wish", "format", "language", "tone", "length", "count", "how", "tags", "inbox")
_NEEDED: Mapping[Kind, tuple[str, ...]] = {
    "suggest": ("conversation", "format"),
    "generate": ("wish", "format"),
    "rewrite": ("wish", "format"),
    "summary": ("conversation", "format"),
    "tags": ("conversation", "format"),
}
LONGEST = 8_000
_BLOCKS = ("system", "user")
_VERSION = re.compile(r"\A\{#-? version: (\S+) -?#\}\n")
_ALLOWED = (
    nodes.Template, nodes.Block, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
#: What could end a block or write a model's control token, and line ends that JSON leaves as they are.
_ESCAPED = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>[]|\x85\u2028\u2029"})
#: Invisible characters that smuggle text past people: Unicode tags, bidirectional overrides, zero-width marks.
_INVISIBLE = re.compile("[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060-\u2064\ufeff\u00ad]")
_LANGUAGES = {
    "en": "English", "it": "Italian", "de": "German", "fr": "French", "es": "Spanish", "pt": "Portuguese",
    "nl": "Dutch", "pl": "Polish", "ro": "Romanian", "ru": "Russian", "uk": "Ukrainian", "ar": "Arabic",
    "he": "Hebrew", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "tr": "Turkish", "sv": "Swedish",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prompt:
    """A checked prompt. `version`: `suggest@1`, or with a digest for a manager's own."""

    version: str
    template: Template


@dataclass(frozen=True, slots=True)
class Prompts:
    """One prompt for each kind of task."""

    of: Mapping[Kind, Prompt]
    safety: str

    def render(self, task: Task, *, structured: bool) -> tuple[ChatMessage, ...]:
        """What a model reads about this (masked) task."""
        template = self.of[task.kind].template
        values = _values(task, structured=structured)
        system, user = ("".join(template.blocks[name](template.new_context(values))).strip() for name in _BLOCKS)
        return ChatMessage("system", f"{self.safety}\n\n{system}"), ChatMessage("user", user)


def load_prompts(overrides: Mapping[str, str] | None = None) -> Prompts:
    """The shipped prompts, some replaced by a manager's. Raises PromptMistaken."""
    given = overrides or {}
    prompts = {kind: _own(kind, given[kind]) if kind in given else _shipped(kind) for kind in KINDS}
    return Prompts(prompts, shipped_text("safety").strip())


def shipped_text(name: str) -> str:
    """The file of a shipped prompt, without its version line."""
    return _VERSION.sub("", (files("casella_assistant") / "prompts" / f"{name}.j2").read_text(encoding="utf-8"))


def prompt_problems(kind: str, text: str) -> list[str]:
    """Everything that keeps a manager's prompt from being used; empty for a sound one."""
    if kind not in KINDS:
        return [f"there is no prompt '{kind}'; prompts: {', '.join(KINDS)}"]
    if len(text) > LONGEST:
        return [f"the prompt has {len(text)} characters, {LONGEST} are allowed"]
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return [f"line {error.lineno}: {(error.message or 'cannot be read').rstrip('.')}"]
    except RecursionError:
        return ["it is nested too deeply"]
    return [*_strange(tree), *_missing(kind, tree)]


def _strange(tree: nodes.Template) -> Iterable[str]:
    for node in [tree, *tree.find_all(nodes.Node)]:
        if not isinstance(node, _ALLOWED):
            yield f"line {node.lineno}: only {{{{ variable }}}}, {{% if %}} and the two blocks can stand in a prompt"
        elif isinstance(node, nodes.Name) and node.name not in VARIABLES:
            yield f"line {node.lineno}: unknown variable '{node.name}'; variables: {', '.join(VARIABLES)}"


def _missing(kind: Kind, tree: nodes.Template) -> Iterable[str]:
    blocks = [block.name for block in tree.find_all(nodes.Block)]
    if sorted(blocks) != sorted(_BLOCKS):
        yield "it needs {% block system %} and {% block user %}, each once"
    used = {node.name for node in tree.find_all(nodes.Name)}
    yield from (f"{{{{ {name} }}}} must stand in it" for name in _NEEDED[kind] if name not in used)


def _own(kind: Kind, text: str) -> Prompt:
    problems = prompt_problems(kind, text)
    if problems:
        raise PromptMistaken(f"Prompt '{kind}': {'; '.join(problems)}.")
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Prompt(f"{kind}@desk-{digest}", _compiled(text))


def _shipped(kind: Kind) -> Prompt:
    text = (files("casella_assistant") / "prompts" / f"{kind}.j2").read_text(encoding="utf-8")
    version = _VERSION.match(text)
    assert version, f"prompts/{kind}.j2 has no version"
    return Prompt(f"{kind}@{version[1]}", _compiled(_VERSION.sub("", text)))


def _compiled(text: str) -> Template:
    try:
        return _ENVIRONMENT.from_string(text)
    except (TemplateError, SyntaxError, RecursionError) as error:
        raise PromptMistaken(f"The prompt cannot be compiled: {error}.") from None


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.globals.clear()
    return environment


_ENVIRONMENT = _environment()


def _values(task: Task, *, structured: bool) -> dict[str, str]:
    return {
        "conversation": block("conversation", (_turn(number, turn) for number, turn in enumerate(task.turns, 1))),
        "sources": block("sources", (_source(number, one) for number, one in enumerate(task.sources, 1)))
        if task.sources
        else "",
        "wish": block("agent", [_wish(task)]),
        "format": _format(task, structured=structured),
        "language": _LANGUAGES.get(task.language.partition("-")[0], task.language),
        "tone": " ".join(task.tone.description.split()) if task.tone else "",
        "length": _length(task),
        "count": str(task.count),
        "how": task.how or "",
        "tags": ", ".join(quoted(tag) for tag in task.tags),
        "inbox": quoted(task.inbox),
    }


def block(name: str, rows: Iterable[Mapping[str, str]]) -> str:
    """Material between marks that nothing in it can write: one JSON object per line."""
    return "\n".join([f"<{name}>", *(line(row) for row in rows), f"</{name}>"])


def line(row: Mapping[str, str]) -> str:
    return json.dumps({key: visible(value) for key, value in row.items()}, ensure_ascii=False).translate(_ESCAPED)


def quoted(text: str) -> str:
    """A name of the desk within a sentence."""
    return json.dumps(visible(text), ensure_ascii=False).translate(_ESCAPED)


def visible(text: str) -> str:
    """The text as a person sees it: what is invisible cannot carry orders."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _turn(number: int, turn: Turn) -> dict[str, str]:
    row = {"id": f"m{number}", "from": "internal note" if turn.author == "note" else turn.author, "text": turn.text}
    return {**row, "at": turn.at.strftime("%Y-%m-%d %H:%M")} if turn.at else row


def _source(number: int, source: Source) -> dict[str, str]:
    kind = "canned message" if source.kind == "canned" else "earlier answer"
    return {"id": f"S{number}", "kind": kind, "title": source.title, "text": source.text}


def _wish(task: Task) -> dict[str, str]:
    given = {"intent": task.intent, "draft": task.draft}
    return {name: text for name, text in given.items() if text}


def _length(task: Task) -> str:
    parts = task.limits.parts
    most = f"At most {task.limits.characters} characters"
    return f"{most}, sent in at most {parts} part{'s' if parts > 1 else ''}." if parts else f"{most}."


def _format(task: Task, *, structured: bool) -> str:
    if task.kind == "tags":
        if structured:
            return 'Answer as JSON: {"tags": […], "canned": "S1" or null}.'
        return "Answer with two lines:\nTags: the tags, with commas between\nCanned: S1, or none"
    if structured:
        return 'Answer as JSON: {"replies": [{"text": "…", "sources": ["S1"]}]}. "sources" lists the sources you used.'
    plain = "Write nothing but the text. If you used sources, end with one line: Sources: S1, S2"
    if task.kind == "suggest" and task.count > 1:
        return f"{plain}\nPut a line of three hyphens (---) between two replies."
    return plain
