"""What agents are shown of the assistant's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casella.inbox.house import ANSWER, CANNED
from casella_assistant import Answer, Flag


@dataclass(frozen=True, slots=True)
class ProposalView:
    """`id`: for feedback. `cites`: canned messages and earlier answers it rests on. `units` of `limit`, in `parts`."""

    id: str
    text: str
    canned: Sequence[str]
    answers: Sequence[str]
    flags: Sequence[Flag]
    units: int
    limit: int
    parts: int


@dataclass(frozen=True, slots=True)
class Used:
    """Exactly what the provider was given."""

    messages: Sequence[str]
    canned: Sequence[str]
    answers: Sequence[str]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What agents are shown of an answer."""

    kind: str
    proposals: Sequence[ProposalView]
    tags: Sequence[str]
    canned: str | None
    flags: Sequence[Flag]
    used: Used
    language: str
    provider: str
    model: str
    offline: bool
    notice: str
    prompt: str
    masked: Mapping[str, int]
    prompt_tokens: int
    completion_tokens: int
    tokens_estimated: bool


def answer_view(answer: Answer, ids: Sequence[str]) -> AnswerView:
    proposals = [
        ProposalView(
            id,
            one.text,
            _named(one.cites, CANNED),
            _named(one.cites, ANSWER),
            one.flags,
            one.measured.units,
            one.measured.limit,
            one.measured.parts,
        )
        for id, one in zip(ids, answer.proposals, strict=True)
    ]
    usage = answer.usage
    return AnswerView(
        kind=answer.kind,
        proposals=proposals,
        tags=answer.tags,
        canned=answer.canned.removeprefix(CANNED) if answer.canned else None,
        flags=answer.flags,
        used=Used(answer.used_turns, _named(answer.used_sources, CANNED), _named(answer.used_sources, ANSWER)),
        language=answer.language,
        provider=answer.provider,
        model=answer.model,
        offline=answer.offline,
        notice=answer.notice,
        prompt=answer.prompt,
        masked=answer.masked,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        tokens_estimated=usage.estimated,
    )


def _named(ids: Sequence[str], prefix: str) -> list[str]:
    return [id.removeprefix(prefix) for id in ids if id.startswith(prefix)]
