"""The Message Assistant: one task in, proposals out. It masks, asks one provider after the other until one answers,
puts the values back, and flags what an agent should look at. It never sends anything.

Trying again is safe only as long as nothing was shown: a request to a model has no effect but its cost. So a provider
is asked a second time after an error that may pass, then the next one is asked; once a first word has been passed on,
an error is an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from casella_assistant.answering import assemble
from casella_assistant.breaker import Breaker
from casella_assistant.errors import NoProvider, ProviderBroke, ProviderFailed, ProviderTooSlow, StructureRefused
from casella_assistant.formats import growing, newly, schema_for
from casella_assistant.language import Languages
from casella_assistant.masking import Masks, Restorer
from casella_assistant.model import Answer, Delta, Failed, ModelRequest, Provider, Sending, Task
from casella_assistant.prompting import Prompts

Item = Sending | Failed | Delta | Answer
"""What comes of asking: what leaves and to whom, what failed, more text, and last the answer."""
_PAUSE = 0.25
"""Seconds before a second try when the provider names none: enough for a restarted worker behind a balancer."""
_LONGEST_PAUSE = 2.0
"""Whoever says "wait longer" is not waited for while an agent watches; the next provider is asked."""
LONGEST_ANSWER = 64_000


@dataclass(frozen=True, slots=True)
class Route:
    """A provider under the name the desk gives it, with its breaker."""

    name: str
    provider: Provider
    breaker: Breaker


@dataclass(slots=True)
class _Progress:
    """What one request has brought so far."""

    text: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    shown: bool = False


class Assistant:
    """Build one per process; it keeps nothing of any request."""

    def __init__(self, languages: Languages) -> None:
        self.languages = languages

    async def ask(
        self, task: Task, routes: Sequence[Route], prompts: Prompts, *, stream: bool, seconds: float
    ) -> AsyncGenerator[Item, None]:
        """With `stream`, Deltas as they come; in any case the Answer, last. Before each request to a provider that is
        not offline, Sending. Raises NoProvider, or ProviderFailed once
        something was shown. Closing the generator ends the provider's call."""
        deadline = asyncio.get_running_loop().time() + seconds
        rests: list[float] = []
        reasons: list[ProviderFailed] = []
        for route in routes:
            for attempt in (1, 2):
                if not route.breaker.enter():
                    rests.append(route.breaker.rests or 1.0)
                    break
                # Masking and checking take CPU time, and load models the first time: not on the event loop.
                one = await asyncio.to_thread(_Request, self, task, route, prompts, stream, deadline)
                try:
                    async with aclosing(one.run()) as found:
                        async for item in found:
                            yield item
                    return
                except ProviderFailed as error:
                    if one.progress.shown:
                        raise
                    reasons.append(error)
                    yield Failed(error.code)
                    if attempt == 2 or not await _may_try_again(error, deadline):
                        break
        raise _nobody(reasons, rests)

    async def answer(self, task: Task, routes: Sequence[Route], prompts: Prompts, *, seconds: float) -> Answer:
        """The whole answer at once. Raises NoProvider."""
        async with aclosing(self.ask(task, routes, prompts, stream=False, seconds=seconds)) as found:
            async for item in found:
                if isinstance(item, Answer):
                    return item
        raise ProviderBroke


async def _may_try_again(error: ProviderFailed, deadline: float) -> bool:
    """Wait, if waiting is worth it."""
    pause = error.retry_after if error.retry_after is not None else _PAUSE
    now = asyncio.get_running_loop().time()
    if not error.retryable or pause > _LONGEST_PAUSE or now + pause >= deadline:
        return False
    await asyncio.sleep(pause)
    return True


def _nobody(reasons: Sequence[ProviderFailed], rests: Sequence[float]) -> NoProvider:
    waits = [*rests, *(error.retry_after for error in reasons if error.retry_after is not None)]
    error = NoProvider(retry_after=min(waits) if waits else 10.0)
    error.__cause__ = reasons[-1] if reasons else None
    return error


class _Request:
    """One request to one provider."""

    def __init__(
        self, assistant: Assistant, task: Task, route: Route, prompts: Prompts, stream: bool, deadline: float
    ) -> None:
        self._languages = assistant.languages
        self._task, self._route, self._prompts = task, route, prompts
        self._stream, self._deadline = stream, deadline
        self._masks = Masks(task.region, task.sensitive)
        self._masked = _nameless(self._masks.task(task))
        self.progress = _Progress()

    async def run(self) -> AsyncGenerator[Item, None]:
        """Tells the breaker how it went, also when it was closed before its end."""
        breaker = self._route.breaker
        try:
            async with aclosing(self._written()) as found:
                async for item in found:
                    if isinstance(item, Answer):
                        breaker.succeeded()
                    yield item
        except StructureRefused:
            breaker.succeeded()  # it works; it only does not take a schema
            raise
        except ProviderFailed as error:
            breaker.failed(error.retry_after)
            raise
        finally:
            breaker.left()

    async def _written(self) -> AsyncGenerator[Item, None]:
        request = self._request(structured=self._route.provider.structured)
        try:
            async with aclosing(self._deltas(request)) as found:
                async for delta in found:
                    yield delta
        except StructureRefused as error:
            yield Failed(error.code)
            request = self._request(structured=False)
            async with aclosing(self._deltas(request)) as found:
                async for delta in found:
                    yield delta
        progress = self.progress
        yield await asyncio.to_thread(
            assemble,
            self._task,
            request,
            progress.text,
            (progress.prompt_tokens, progress.completion_tokens),
            provider=self._route.name,
            masks=self._masks,
            languages=self._languages,
            prompt=self._prompts.of[self._task.kind].version,
            by=self._route.provider,
        )

    async def _deltas(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """What can be shown already; the text gathers in `progress`."""
        if not self._route.provider.offline:
            yield self._sending(request)
        shown: list[str] = []
        restorers: list[Restorer] = []
        async with aclosing(self._route.provider.ask(request)) as pieces:
            while True:
                try:
                    async with asyncio.timeout_at(self._deadline):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise ProviderTooSlow from None
                progress = self.progress
                progress.text += piece.text
                progress.prompt_tokens = _later(piece.prompt_tokens, progress.prompt_tokens)
                progress.completion_tokens = _later(piece.completion_tokens, progress.completion_tokens)
                if len(progress.text) > LONGEST_ANSWER:
                    raise ProviderBroke("The provider does not stop writing.")
                if request.stream and piece.text and self._task.kind != "tags":
                    after = growing(progress.text)[: self._task.count]
                    for delta in _restored(newly(shown, after), restorers, self._masks):
                        progress.shown = True
                        yield delta
                    shown = _kept(shown, after)

    def _sending(self, request: ModelRequest) -> Sending:
        return Sending(
            provider=self._route.name,
            model=self._route.provider.model,
            prompt=self._prompts.of[self._task.kind].version,
            messages=request.messages,
            masked=self._masks.counts,
        )

    def _request(self, *, structured: bool) -> ModelRequest:
        return ModelRequest(
            task=self._masked,
            messages=self._prompts.render(self._masked, structured=structured),
            schema=schema_for(self._masked) if structured else None,
            max_tokens=_most_tokens(self._task),
            stream=self._stream,
        )


def _nameless(task: Task) -> Task:
    """Our ids mean nothing outside, and stay inside."""
    turns = tuple(replace(turn, id=f"m{number}") for number, turn in enumerate(task.turns, 1))
    sources = tuple(replace(source, id=f"S{number}") for number, source in enumerate(task.sources, 1))
    return replace(task, turns=turns, sources=sources)


def _later(newer: int | None, known: int | None) -> int | None:
    return newer if newer is not None else known


def _restored(added: Sequence[tuple[int, str]], restorers: list[Restorer], masks: Masks) -> list[Delta]:
    found = []
    for index, text in added:
        while len(restorers) <= index:
            restorers.append(Restorer(masks))
        plain = restorers[index].feed(text)
        if plain:
            found.append(Delta(index, plain))
    return found


def _kept(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """What has been passed on of each text; one that changed its beginning counts as before."""
    kept = []
    for index, text in enumerate(after):
        old = before[index] if index < len(before) else ""
        kept.append(text if text.startswith(old) else old)
    return kept


def _most_tokens(task: Task) -> int:
    """Room for what is asked, three characters to a token because most languages need more than English, and for the
    form around it."""
    if task.kind == "tags":
        return 200
    characters = min(task.limits.characters, 2_000)
    return min(4_000, 150 + task.count * (characters // 3 + 50))
