"""Providers of the Message Assistant. A plugin brings one as a type with a settings model and a way to build it; the
desk names any number of them, each with settings of its own.

A provider gets chat messages that are masked already, and gives pieces of text. It never sends anything to a contact.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class AssistantMessage(Protocol):
    """`role`: system or user. `content`: text."""

    @property
    def role(self) -> str: ...  # pragma: no cover - a protocol
    @property
    def content(self) -> str: ...  # pragma: no cover - a protocol


class AssistantRequest(Protocol):
    """`schema`: the JSON schema the answer shall fulfil, None where plain text is wanted. `max_tokens`: the longest
    answer. `stream`: pieces are of use as soon as they are there."""

    @property
    def messages(self) -> Sequence[AssistantMessage]: ...  # pragma: no cover - a protocol
    @property
    def schema(self) -> Mapping[str, object] | None: ...  # pragma: no cover - a protocol
    @property
    def max_tokens(self) -> int: ...  # pragma: no cover - a protocol
    @property
    def stream(self) -> bool: ...  # pragma: no cover - a protocol


@dataclass(frozen=True, slots=True)
class AssistantPiece:
    """The next part of the answer. Token counts where the provider tells them, with any piece; the last ones count."""

    text: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class AssistantFailed(Exception):
    """The provider could not answer. `retryable`: asking again in a moment may help. `retry_after`: not before so many
    seconds. The text may be logged: it must hold neither secrets nor anything of the request."""

    def __init__(self, text: str = "", *, retryable: bool = False, retry_after: float | None = None) -> None:
        self.text = text or (type(self).__doc__ or "").partition(". ")[0] + "."
        self.retryable = retryable
        self.retry_after = retry_after
        super().__init__(self.text)


class AssistantProvider(Protocol):
    """Whoever writes. Built once per process and used by many requests at once, from more than one event loop.

    `offline`: nothing leaves this machine, so that nothing is recorded as having left. `structured`: takes a schema.
    `model`: its name, shown to agents."""

    @property
    def offline(self) -> bool: ...  # pragma: no cover - a protocol
    @property
    def structured(self) -> bool: ...  # pragma: no cover - a protocol
    @property
    def model(self) -> str: ...  # pragma: no cover - a protocol

    def ask(self, request: AssistantRequest) -> AsyncGenerator[AssistantPiece, None]:
        """An async generator of the answer's pieces. Raises AssistantFailed. It is closed, in the middle if need be,
        when nobody listens any more or the time is up: end the call then."""
        ...  # pragma: no cover - a protocol

    async def close(self) -> None:
        """Close what is open in the running event loop; it may be used again."""
        ...  # pragma: no cover - a protocol
