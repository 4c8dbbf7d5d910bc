"""Tasks as tests want them, and a provider that says what it is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from casella_assistant import (
    Answer,
    Assistant,
    Breaker,
    Delta,
    Kind,
    Languages,
    ModelRequest,
    Piece,
    Prompts,
    Provider,
    Route,
    Source,
    Task,
    TextPiece,
    Turn,
    load_prompts,
)

LANGUAGES = Languages()
ASSISTANT = Assistant(LANGUAGES)
PROMPTS = load_prompts()
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
Said = str | Exception | Callable[[ModelRequest], str]


def said(*texts: str, author: str = "customer") -> tuple[Turn, ...]:
    """Messages of one author."""
    return tuple(Turn(f"id-{number}", author, text, AT) for number, text in enumerate(texts, 1))  # type: ignore[arg-type]  # one of the authors


def canned(key: str, text: str, score: float = 1.0) -> Source:
    return Source(f"canned:{key}", "canned", text, key, score)


def suggestion(*texts: str, **fields: object) -> Task:
    values = {"kind": "suggest", "turns": said(*texts), "count": 3, "inbox": "Support", **fields}
    return Task(**values)  # type: ignore[arg-type]  # any field


def wish(kind: Kind, **fields: object) -> Task:
    return Task(kind=kind, inbox="Support", **fields)  # type: ignore[arg-type]  # any field


@dataclass
class Scripted:
    """Answers in this order, in pieces of `cut` characters; remembers what it was asked."""

    answers: list[Said]
    cut: int = 5
    structured: bool = True
    offline: bool = False
    model: str = "scripted"
    asked: list[ModelRequest] = field(default_factory=list)
    closed: int = 0

    async def ask(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        self.asked.append(request)
        answer = self.answers.pop(0)
        try:
            if isinstance(answer, Exception):
                raise answer
            text = answer(request) if callable(answer) else answer
            for start in range(0, len(text), self.cut):
                yield TextPiece(text[start : start + self.cut])
        finally:
            self.closed += 1

    async def close(self) -> None: ...


def route(provider: Provider, name: str = "main", breaker: Breaker | None = None) -> Route:
    return Route(name, provider, breaker or Breaker(lambda: datetime.now(UTC)))


async def ask(
    task: Task, *providers: Provider | Route, prompts: Prompts = PROMPTS, seconds: float = 20.0
) -> tuple[list[Delta], Answer]:
    """Streamed: what came on the way, and the answer."""
    deltas: list[Delta] = []
    routes = [one if isinstance(one, Route) else route(one) for one in providers]
    async for item in ASSISTANT.ask(task, routes, prompts, stream=True, seconds=seconds):
        if isinstance(item, Answer):
            return deltas, item
        if isinstance(item, Delta):
            deltas.append(item)
    raise AssertionError("no answer came")


async def answer(task: Task, *providers: Provider | Route, seconds: float = 20.0) -> Answer:
    routes = [one if isinstance(one, Route) else route(one) for one in providers]
    return await ASSISTANT.answer(task, routes, PROMPTS, seconds=seconds)


def joined(deltas: Sequence[Delta], index: int = 0) -> str:
    return "".join(delta.text for delta in deltas if delta.index == index)
