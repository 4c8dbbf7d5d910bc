"""Running one case, and saying what is wrong with what was written."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from casella_assistant.assistant import Assistant, Route
from casella_assistant.errors import AssistantError
from casella_assistant.evaluation.cases import Case, Expected
from casella_assistant.language import primary
from casella_assistant.model import Answer, Limits, Measured, Proposal, Source, Task, Turn
from casella_assistant.prompting import Prompts
from casella_assistant.providers.offline_texts import TONES
from casella_assistant.ranking import Index

_SURE = 0.6


@dataclass(frozen=True, slots=True)
class Result:
    """`failures`: what is wrong, in words; empty when all is right. `skipped`: needs a model, and there is none."""

    case: Case
    failures: tuple[str, ...]
    answer: Answer | None
    milliseconds: float
    skipped: bool = False

    @property
    def passed(self) -> bool:
        return not self.failures and not self.skipped


async def run_case(
    case: Case, assistant: Assistant, routes: Sequence[Route], prompts: Prompts, *, seconds: float
) -> Result:
    """Never raises for what a provider does: that is a failure of the case."""
    if case.needs == "model" and all(route.provider.offline for route in routes):
        return Result(case, (), None, 0.0, skipped=True)
    began = time.perf_counter()
    try:
        answer = await assistant.answer(task_of(case), routes, prompts, seconds=seconds)
    except AssistantError as error:
        reason = error.__cause__ if isinstance(error.__cause__, AssistantError) else error
        return Result(case, (f"{reason.code}: {reason.text}",), None, _since(began))
    failures = tuple(_failures(case, answer, assistant))
    return Result(case, failures, answer, _since(began))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def task_of(case: Case) -> Task:
    """What the inbox would make of it: excluded messages are gone, sources ranked by the customer's words."""
    turns = tuple(
        Turn(f"message-{number}", said.author, said.text)
        for number, said in enumerate(case.history, 1)
        if number not in case.exclude
    )
    asked = case.intent or " ".join(turn.text for turn in turns if turn.author == "customer")
    keys = list(case.canned)
    found = Index(f"{key} {case.canned[key]}" for key in keys).search(asked, 8)
    sources = [
        Source(keys[number], "canned", case.canned[keys[number]], keys[number], score) for number, score in found
    ]
    size = case.part_size

    def measure(text: str) -> Measured:
        return Measured(len(text), case.limit, math.ceil(len(text) / size) if size else 1)

    return Task(
        kind=case.ask,
        turns=() if case.ask == "rewrite" else turns,
        sources=() if case.ask in ("rewrite", "summary") else tuple(sources),
        language=case.language,
        tone=TONES[case.tone] if case.tone else None,
        intent=case.intent,
        draft=case.draft,
        how=case.how,
        count=case.count if case.ask == "suggest" else 1,
        tags=case.tags,
        limits=Limits(case.limit, case.expect.parts, measure),
        inbox="Evaluation",
        agent="Ann",
        contact=case.contact,
        region="US",
    )


def _failures(case: Case, answer: Answer, assistant: Assistant) -> Iterator[str]:
    expected = case.expect
    texts = [proposal.text for proposal in answer.proposals]
    folded = [text.casefold() for text in texts]
    for wanted in expected.contains:
        if not any(wanted.casefold() in text for text in folded):
            yield f"no proposal contains {wanted!r}"
    for unwanted in expected.not_contains:
        if any(unwanted.casefold() in text for text in folded):
            yield f"a proposal contains {unwanted!r}"
    if expected.proposals is not None and len(texts) != expected.proposals:
        yield f"{len(texts)} proposals instead of {expected.proposals}"
    if expected.tags is not None and set(answer.tags) != set(expected.tags):
        yield f"tags {', '.join(answer.tags) or 'none'} instead of {', '.join(expected.tags) or 'none'}"
    if expected.canned is not None and answer.canned != expected.canned:
        yield f"canned message {answer.canned} instead of {expected.canned}"
    cited = {id for proposal in answer.proposals for id in proposal.cites}
    if missing := set(expected.cites or ()) - cited:
        yield f"nothing rests on {', '.join(sorted(missing))}"
    for proposal in answer.proposals:
        yield from _about(proposal, expected, assistant)


def _about(proposal: Proposal, expected: Expected, assistant: Assistant) -> Iterator[str]:
    shown = proposal.text if len(proposal.text) <= 40 else f"{proposal.text[:39]}…"
    if expected.longest is not None and len(proposal.text) > expected.longest:
        yield f"{shown!r} has {len(proposal.text)} characters, {expected.longest} at most"
    if expected.parts is not None and proposal.measured.parts > expected.parts:
        yield f"{shown!r} takes {proposal.measured.parts} parts, {expected.parts} at most"
    if expected.flags is not None and (codes := {flag.code for flag in proposal.flags}) != set(expected.flags):
        yield f"{shown!r} has the flags {', '.join(sorted(codes)) or 'none'}"
    if expected.language is not None:
        guess = assistant.languages.guess(proposal.text)
        if guess and guess.certainty >= _SURE and guess.language != primary(expected.language):
            yield f"{shown!r} is in {guess.language} instead of {expected.language}"
