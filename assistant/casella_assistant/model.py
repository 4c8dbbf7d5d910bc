"""What the assistant is asked, what a provider is given, and what comes back. Frozen, and free of any database."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Kind = Literal["suggest", "generate", "rewrite", "summary", "tags"]
How = Literal["tone", "shorter", "longer", "grammar", "translate"]
Author = Literal["customer", "agent", "note"]

HOWS: tuple[How, ...] = ("tone", "shorter", "longer", "grammar", "translate")
MOST_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the history. `id` is the caller's; a provider never sees it."""

    id: str
    author: Author
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something of the business's own that may be used: a canned message, or an answer that an agent approved
    earlier. `text` is filled already; `score`: how well it fits the question, higher is better. `taken`: what was taken
    out of it, because it may be somebody's; no proposal may say it."""

    id: str
    kind: Literal["canned", "answer"]
    text: str
    title: str = ""
    score: float = 0.0
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """How much a text takes on the channel: `units` of `limit`, sent in `parts`."""

    units: int
    limit: int
    parts: int = 1

    @property
    def fits(self) -> bool:
        return self.units <= self.limit


def in_characters(limit: int) -> Callable[[str], Measured]:
    """A channel that counts characters and sends everything in one part."""
    return lambda text: Measured(len(text), limit)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the channel takes. `parts`: in how many parts a text should go at most; None where it does not matter."""

    characters: int = 4_096
    parts: int | None = None
    measure: Callable[[str], Measured] = field(default=in_characters(4_096), compare=False)


@dataclass(frozen=True, slots=True)
class Tone:
    """How a text shall sound: `description` for models; `templates` by language for the offline provider, with
    {name} and {text}."""

    key: str
    description: str
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """One wish of an agent, with everything that may be used for it and nothing else. `sensitive`: (kind, value) of
    what must be masked whether or not it looks like it, such as the contact's own address."""

    kind: Kind
    turns: tuple[Turn, ...] = ()
    sources: tuple[Source, ...] = ()
    language: str = "en"
    tone: Tone | None = None
    intent: str = ""
    draft: str = ""
    how: How | None = None
    count: int = 1
    tags: tuple[str, ...] = ()
    limits: Limits = Limits()
    inbox: str = ""
    agent: str = ""
    contact: str = ""
    region: str | None = None
    sensitive: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of what a model reads."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a provider is given: the masked task, and the same as chat messages. `schema`: JSON schema of the answer,
    None where plain text is wanted. `max_tokens`: more is cut off. `stream`: whether pieces are of use."""

    task: Task
    messages: tuple[ChatMessage, ...]
    schema: Mapping[str, object] | None
    max_tokens: int
    stream: bool


class Piece(Protocol):
    """A part of a provider's answer, in order. Token counts usually come with the last one."""

    @property
    def text(self) -> str: ...  # pragma: no cover - a protocol
    @property
    def prompt_tokens(self) -> int | None: ...  # pragma: no cover - a protocol
    @property
    def completion_tokens(self) -> int | None: ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class TextPiece:
    """The plain Piece."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Provider(Protocol):
    """Whoever writes. `offline`: asks no model and nobody outside. `structured`: takes a JSON schema."""

    @property
    def offline(self) -> bool: ...  # pragma: no cover - a protocol
    @property
    def structured(self) -> bool: ...  # pragma: no cover - a protocol
    @property
    def model(self) -> str: ...  # pragma: no cover - a protocol

    def ask(self, request: ModelRequest) -> AsyncGenerator[Piece, None]:
        """The answer, piece by piece. Raises ProviderFailed. Closing the generator ends the call."""
        ...  # pragma: no cover - a protocol

    async def close(self) -> None: ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a proposal that an agent should look at. It is shown, not hidden; `excerpt`: the words."""

    code: str
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text to be read, changed and sent by an agent. `cites`: ids of the sources it rests on."""

    text: str
    cites: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    measured: Measured = Measured(0, 0)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens. `estimated`: the provider did not say, so characters were counted, four to a token."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Sending:
    """Something is about to leave the building: `messages`, word by word, to this provider. Whoever is told this writes
    it down before going on; it is not said of an offline provider."""

    provider: str
    model: str
    prompt: str
    messages: tuple[ChatMessage, ...]
    masked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Failed:
    """The request announced last brought nothing: the error's code."""

    code: str


@dataclass(frozen=True, slots=True)
class Delta:
    """More text of the proposal with this index, while it is being written."""

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole. `sent`: exactly what the provider was given; `used_*`: whose texts were among it; `masked`: how many
    values of which kind were kept back; `notice`: what the provider honestly has to say about itself."""

    kind: Kind
    proposals: tuple[Proposal, ...]
    tags: tuple[str, ...]
    canned: str | None
    flags: tuple[Flag, ...]
    used_turns: tuple[str, ...]
    used_sources: tuple[str, ...]
    language: str
    provider: str
    model: str
    offline: bool
    notice: str
    usage: Usage
    prompt: str
    sent: tuple[ChatMessage, ...]
    masked: Mapping[str, int]
