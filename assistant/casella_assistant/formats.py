"""The two forms of a model's answer: JSON by a schema where the provider offers it, plain text where not. Both are read
while they are still growing, so that a reply can be shown as it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import from_json

from casella_assistant.errors import ProviderBroke
from casella_assistant.model import Kind, Task

_BETWEEN = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_SOURCES = re.compile(r"^[ \t]*Sources?:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
_REF = re.compile(r"S\d{1,3}")
_FENCE = re.compile(r"\A\s*```(?:json)?\s*|\s*```\s*\Z")
_LABEL = re.compile(r"\A\s*(?:Reply|Message|Summary)(?: ?\d)?:[ \t]*\n?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """One text of an answer. `refs`: the sources it names, as the prompt called them (S1, S2 …)."""

    text: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """The answer about tags: `canned` is a source's name in the prompt."""

    tags: tuple[str, ...] = ()
    canned: str | None = None


def schema_for(task: Task) -> Mapping[str, object]:
    """The JSON schema of an answer, within what OpenAI's strict mode takes: every property required, none other."""
    if task.kind == "tags":
        return _object(
            tags={"type": "array", "items": {"type": "string", "enum": list(task.tags) or [""]}},
            canned={"anyOf": [{"type": "string"}, {"type": "null"}]},
        )
    reply = _object(text={"type": "string"}, sources={"type": "array", "items": {"type": "string"}})
    return _object(replies={"type": "array", "items": reply})


def _object(**properties: Mapping[str, object]) -> Mapping[str, object]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def growing(text: str) -> list[str]:
    """The texts of an answer that is not complete, as far as they are certain: what stands here never changes, it only
    grows."""
    if _is_json(text):
        return [written.text for written in _replies(_partial(text))]
    pieces = _BETWEEN.split(_held_back(text))
    return [_plain(piece).text for piece in pieces[:-1]] + [_open(pieces[-1])]


def read_replies(text: str, kind: Kind) -> list[Written]:
    """The texts of a whole answer. Raises ProviderBroke when there is none."""
    if _is_json(text):
        found = _replies(_whole(text))
    elif kind == "suggest":
        found = [_plain(piece) for piece in _BETWEEN.split(text)]
    else:
        found = [_plain(text)]
    found = [written for written in found if written.text]
    if not found:
        raise ProviderBroke("The provider's answer was empty or in none of the forms it was asked for.")
    return found


def read_labels(text: str) -> Labels:
    """Tags and a canned message of a whole answer; in plain text `Tags: a, b` and `Canned: S1`. Raises
    ProviderBroke."""
    if _is_json(text):
        value = _whole(text)
        tags = value.get("tags")
        canned = value.get("canned")
        chosen = [item for item in tags if isinstance(item, str)] if isinstance(tags, list) else []
        return Labels(tuple(chosen), canned if isinstance(canned, str) else None)
    found = re.search(r"^[ \t]*Tags:[ \t]*(.*)$", text, re.IGNORECASE | re.MULTILINE)
    canned_line = re.search(r"^[ \t]*Canned:[ \t]*(.*)$", text, re.IGNORECASE | re.MULTILINE)
    if not found and not canned_line:
        raise ProviderBroke("The provider's answer was in none of the forms it was asked for.")
    named = [part.strip(" .\"'") for part in found[1].split(",")] if found else []
    ref = _REF.search(canned_line[1]) if canned_line else None
    return Labels(tuple(name for name in named if name), ref[0] if ref else None)


def _is_json(text: str) -> bool:
    return _FENCE.sub("", text[:40]).lstrip().startswith("{")


def _whole(text: str) -> Mapping[str, object]:
    try:
        value = from_json(_FENCE.sub("", text))
    except ValueError:
        raise ProviderBroke("The provider's answer was to be JSON and is not.") from None
    if not isinstance(value, dict):
        raise ProviderBroke("The provider's answer was to be a JSON object and is none.")
    return value


def _partial(text: str) -> Mapping[str, object]:
    try:
        value = from_json(_FENCE.sub("", text), allow_partial="trailing-strings")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _replies(value: Mapping[str, object]) -> list[Written]:
    replies = value.get("replies")
    found = []
    for reply in replies if isinstance(replies, list) else ():
        if isinstance(reply, dict) and isinstance(reply.get("text"), str):
            found.append(Written(reply["text"].strip(), _refs(reply.get("sources"))))
    return found


def _refs(value: object) -> tuple[str, ...]:
    named = [str(item) for item in value] if isinstance(value, list) else []
    return tuple(dict.fromkeys(ref for name in named for ref in _REF.findall(name)))


def _plain(piece: str) -> Written:
    refs = tuple(dict.fromkeys(ref for line in _SOURCES.findall(piece) for ref in _REF.findall(line)))
    return Written(_LABEL.sub("", _SOURCES.sub("", piece)).strip(), refs)


def _held_back(text: str) -> str:
    """Without a last line that may still become a mark between replies, a list of sources or a label."""
    head, _, last = text.rpartition("\n")
    stripped = last.strip().lower()
    unsure = ("---", "sources:", "source:", "reply 1:", "message 1:", "summary 1:")
    if any(mark.startswith(stripped) or stripped.startswith(mark) for mark in unsure) if stripped else True:
        return head
    return text


def _open(piece: str) -> str:
    """A reply still being written; blanks at its end wait, because it may end there."""
    return _plain(piece).text


def newly(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, str]]:
    """What was added to each text: (index, more). A text that changed its beginning is left for the whole answer."""
    added = []
    for index, text in enumerate(after):
        old = before[index] if index < len(before) else ""
        if len(text) > len(old) and text.startswith(old):
            added.append((index, text[len(old) :]))
    return added
