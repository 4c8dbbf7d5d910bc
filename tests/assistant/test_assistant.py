"""One provider after the other, retries only where safe, and nothing that should stay leaves."""

from __future__ import annotations

import asyncio

import pytest
from pydantic_core import to_json

from casella.clock import ManualClock
from casella_assistant import Answer, Breaker, Delta, NoProvider, OfflineProvider, Sending
from casella_assistant.errors import (
    ProviderBroke,
    ProviderRefused,
    ProviderThrottled,
    ProviderTooSlow,
    ProviderUnreachable,
    StructureRefused,
)
from tests.assistant.builders import ASSISTANT, PROMPTS, Scripted, answer, ask, canned, joined, route, suggestion, wish


def replies(*texts: str, sources: tuple[str, ...] = ()) -> str:
    return to_json({"replies": [{"text": text, "sources": list(sources)} for text in texts]}).decode()


def test_the_answer_lists_what_was_used_and_what_each_reply_rests_on() -> None:
    provider = Scripted([replies("We have your request.", sources=("S2", "S9"))])
    sources = (canned("a", "Hello"), canned("b", "We have your request."))
    found = asyncio.run(answer(suggestion("Hi", "I want a refund", sources=sources), provider))
    assert found.used_turns == ("id-1", "id-2")
    assert found.used_sources == ("canned:a", "canned:b")
    assert found.proposals[0].cites == ("canned:b",)
    assert found.prompt == "suggest@1"
    assert found.sent == provider.asked[0].messages


def test_our_ids_and_personal_values_do_not_leave_and_come_back() -> None:
    provider = Scripted([replies("We write to ⟦EMAIL_1⟧ then.")])
    deltas, found = asyncio.run(ask(suggestion("I am ada@x.example, where is it?"), provider))
    request = provider.asked[0]
    everything = repr(request)
    assert "ada@x.example" not in everything
    assert "id-1" not in everything
    assert found.proposals[0].text == joined(deltas) == "We write to ada@x.example then."
    assert found.masked == {"email": 1}


def test_no_more_than_three_are_taken_and_the_rest_is_not_streamed() -> None:
    deltas, found = asyncio.run(ask(suggestion("Hi"), Scripted([replies("a", "b", "c", "d")])))
    assert [proposal.text for proposal in found.proposals] == ["a", "b", "c"]
    assert {delta.index for delta in deltas} == {0, 1, 2}


def test_the_next_provider_is_asked_when_one_fails() -> None:
    first, second = Scripted([ProviderRefused()]), Scripted([replies("Hello")])
    found = asyncio.run(answer(suggestion("Hi"), route(first, "first"), route(second, "second")))
    assert found.provider == "second"
    assert len(first.asked) == 1


@pytest.mark.parametrize("error", [ProviderUnreachable(), ProviderThrottled(retry_after=0.01)])
def test_an_error_that_may_pass_is_tried_once_more(error: Exception) -> None:
    provider = Scripted([error, replies("Hello")])
    assert asyncio.run(answer(suggestion("Hi"), route(provider))).proposals[0].text == "Hello"


@pytest.mark.parametrize(
    "error", [ProviderRefused(), ProviderTooSlow(), ProviderBroke(), ProviderThrottled(retry_after=60)]
)
def test_an_error_that_stays_is_not_tried_again(error: Exception) -> None:
    provider = Scripted([error, replies("Hello")])
    with pytest.raises(NoProvider):
        asyncio.run(answer(suggestion("Hi"), provider))
    assert len(provider.asked) == 1


def test_once_a_word_was_shown_an_error_is_an_error() -> None:
    def breaks_off(_request: object) -> str:
        return '{"replies": [{"text": "Hello the'

    first, second = Scripted([breaks_off]), Scripted([replies("Hello")])
    with pytest.raises(ProviderBroke):
        asyncio.run(ask(suggestion("Hi"), first, second))
    assert second.asked == []


def test_when_nobody_answers_it_says_when_to_try_again() -> None:
    clock = ManualClock()
    breaker = Breaker(clock.now)
    breaker.failed(retry_after=40)
    with pytest.raises(NoProvider) as caught:
        asyncio.run(
            answer(suggestion("Hi"), route(Scripted([]), breaker=breaker), Scripted([ProviderThrottled(retry_after=9)]))
        )
    assert caught.value.retry_after == 9


def test_a_resting_provider_is_not_asked() -> None:
    breaker = Breaker(ManualClock().now)
    breaker.failed(retry_after=40)
    resting = Scripted([replies("no")])
    found = asyncio.run(answer(suggestion("Hi"), route(resting, breaker=breaker), OfflineProvider()))
    assert found.offline
    assert resting.asked == []


def test_a_provider_without_structured_output_is_asked_for_plain_text() -> None:
    provider = Scripted([StructureRefused(), "Hello\nSources: S1\n---\nGood day"])
    found = asyncio.run(answer(suggestion("Hi", sources=(canned("a", "Hello"),)), provider))
    assert [proposal.text for proposal in found.proposals] == ["Hello", "Good day"]
    assert found.proposals[0].cites == ("canned:a",)
    assert [request.schema is None for request in provider.asked] == [False, True]


def test_the_time_limit_ends_the_call() -> None:
    class Silent(Scripted):
        async def ask(self, request):  # type: ignore[no-untyped-def]  # as in the base
            self.asked.append(request)
            try:
                await asyncio.Event().wait()
                yield  # pragma: no cover - never reached
            finally:
                self.closed += 1

    provider = Silent([])
    with pytest.raises(NoProvider) as caught:
        asyncio.run(answer(suggestion("Hi"), provider, seconds=0.05))
    assert isinstance(caught.value.__cause__, ProviderTooSlow)
    assert provider.closed == 1


def test_closing_the_answer_ends_the_providers_call_and_forgives_the_breaker() -> None:
    clock = ManualClock()
    breaker = Breaker(clock.now)
    provider = Scripted([replies("A rather long text that takes some pieces")])

    async def one_delta() -> None:
        stream = ASSISTANT.ask(suggestion("Hi"), [route(provider, breaker=breaker)], PROMPTS, stream=True, seconds=5)
        assert isinstance(await anext(stream), Sending)
        assert isinstance(await anext(stream), Delta)
        assert provider.closed == 0
        await stream.aclose()

    asyncio.run(one_delta())
    assert provider.closed == 1
    assert breaker.enter()


def test_a_provider_that_does_not_stop_writing_is_stopped() -> None:
    provider = Scripted(["x" * 70_000], cut=7_000)
    with pytest.raises(ProviderBroke, match="does not stop"):
        asyncio.run(ask(suggestion("Hi"), provider))


def test_tags_that_do_not_exist_are_flagged_and_not_given() -> None:
    task = wish("tags", turns=suggestion("Hi").turns, tags=("vip",), sources=(canned("a", "Hello"),))
    found = asyncio.run(answer(task, Scripted(['{"tags": ["vip", "made-up"], "canned": "S1"}'])))
    assert found.tags == ("vip",)
    assert found.canned == "canned:a"
    assert [(flag.code, flag.excerpt) for flag in found.flags] == [("unknown_tag", "made-up")]


def test_without_counts_from_the_provider_tokens_are_estimated() -> None:
    found = asyncio.run(answer(suggestion("Hi"), Scripted([replies("Hello")])))
    assert isinstance(found, Answer)
    assert found.usage.estimated
    assert found.usage.total > 100
