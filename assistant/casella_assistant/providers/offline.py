"""The provider without a model and without a network: what fits best of the desk's own texts, and templates.

It is the default, works from the first minute, and says honestly what it is. Its answers are deterministic.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Mapping

import orjson

from casella_assistant.model import ModelRequest, Piece, Task, TextPiece, Turn
from casella_assistant.providers.offline_texts import extract_words, general_answer, notice, template_of
from casella_assistant.ranking import best, words

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_GREETED = re.compile(
    r"^(hello|hi|dear|hey|good (morning|afternoon|evening)|ciao|buongiorno|buonasera|salve|gentile)\b"
)
Reply = Mapping[str, object]


class OfflineProvider:
    """`locale`: the language of its notices, which agents read."""

    offline = True
    structured = True
    model = "offline"

    def __init__(self, locale: str = "en") -> None:
        self._locale = locale

    async def ask(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        """The whole answer at once: there is nothing to wait for."""
        answer = _ANSWERS[request.task.kind](request.task, self._locale)
        yield TextPiece(orjson.dumps(answer).decode(), 0, 0)

    async def close(self) -> None:
        """Nothing is open."""


def _suggest(task: Task, locale: str) -> Reply:
    fitting = [(number, one) for number, one in enumerate(task.sources, 1) if one.score > 0]
    fitting.sort(key=lambda item: -item[1].score)
    seen: set[str] = set()
    replies = []
    for number, source in fitting:
        if source.text.strip() and source.text not in seen and task.limits.measure(source.text).fits:
            seen.add(source.text)
            replies.append({"text": source.text.strip(), "sources": [f"S{number}"]})
    if not replies:
        return {"replies": [_alone(general_answer(task.language))], "notice": notice("nothing", locale)}
    return {"replies": replies[: task.count], "notice": notice("ranked", locale)}


def _generate(task: Task, locale: str) -> Reply:
    return {"replies": [_alone(_in_tone(task, task.intent))], "notice": notice("template", locale)}


def _rewrite(task: Task, locale: str) -> Reply:
    match task.how:
        case "shorter":
            text, said = _shorter(task.draft), notice("shortened", locale)
        case "longer":
            text, said = task.draft, notice("no_more", locale)
        case "translate":
            text, said = task.draft, notice("no_translation", locale)
        case "grammar":
            text, said = _tidy(task.draft), notice("tidied", locale)
        case _:
            text, said = _in_tone(task, task.draft), notice("template", locale)
    return {"replies": [_alone(text)], "notice": said}


def _summary(task: Task, locale: str) -> Reply:
    labels = extract_words(task.language)
    customer = [turn for turn in task.turns if turn.author == "customer" and turn.text.strip()]
    agent = [turn for turn in task.turns if turn.author == "agent" and turn.text.strip()]
    lines = [_quoted(labels["first"], customer[0])] if customer else []
    if len(customer) > 1:
        lines.append(_quoted(labels["last"], customer[-1]))
    if agent:
        lines.append(_quoted(labels["agent"], agent[-1]))
    return {"replies": [_alone("\n".join(lines) or labels["none"])], "notice": notice("extract", locale)}


def _tags(task: Task, locale: str) -> Reply:
    said = " ".join(turn.text for turn in task.turns if turn.author == "customer")
    spoken = set(words(said))
    fitting = [tag for tag in task.tags if (parts := set(words(tag.replace("-", " ")))) and parts <= spoken]
    canned = [(number, source) for number, source in enumerate(task.sources, 1) if source.kind == "canned"]
    chosen = best(said, [f"{source.title} {source.text}" for _, source in canned])
    ref = f"S{canned[chosen][0]}" if chosen is not None else None
    return {"tags": fitting[:3], "canned": ref, "notice": notice("tags", locale)}


_ANSWERS: Mapping[str, Callable[[Task, str], Reply]] = {
    "suggest": _suggest,
    "generate": _generate,
    "rewrite": _rewrite,
    "summary": _summary,
    "tags": _tags,
}


def _alone(text: str) -> Reply:
    return {"text": text, "sources": []}


def _in_tone(task: Task, text: str) -> str:
    """The agent's words in the tone's template. A greeting of his own is not repeated."""
    said = _tidy(text)
    if task.tone is None or _GREETED.match(said.casefold()):
        return said
    name = f" {task.contact.split()[0]}" if task.contact.strip() else ""
    filled = template_of(task.tone, task.language).replace("{name}", name).replace("{text}", said)
    return filled if task.limits.measure(filled).fits else said


def _shorter(text: str) -> str:
    """The first sentences, up to half of the text, but at least one; a mark of something kept back is not lost."""
    sentences = _SENTENCE.split(text.strip())
    kept: list[str] = []
    for sentence in sentences:
        if kept and sum(map(len, kept)) + len(sentence) > len(text) / 2:
            break
        kept.append(sentence)
    return " ".join(kept)


def _tidy(text: str) -> str:
    """Blanks, the first letter of each sentence, blanks around punctuation, a full stop at the end."""
    plain = re.sub(r"[ \t]+", " ", text.strip())
    plain = re.sub(r" +([,.;:!?])(?=[^\W\d_])", r"\1 ", plain)
    plain = re.sub(r" +([,.;:!?])", r"\1", plain)
    plain = re.sub(r"([,;!?])(?=[^\W\d_])", r"\1 ", plain)
    plain = _SENTENCE.sub(" ", plain) if "\n" not in plain else plain
    plain = re.sub(r"(^|[.!?…]\s+)([^\W\d_])", lambda found: found[1] + found[2].upper(), plain)
    return plain + "." if plain and (plain[-1].isalnum()) else plain


def _quoted(label: str, turn: Turn) -> str:
    plain = " ".join(turn.text.split())
    shown = plain if len(plain) <= 200 else f"{plain[:199].rstrip()}…"
    return f"{label}: {shown}"
