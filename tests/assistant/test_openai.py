"""The official SDK against a real HTTP server that can misbehave in every way."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator

import pytest
from pydantic import ValidationError

from casella_assistant import Answer, AssistantError, Delta, NoProvider, Route
from casella_assistant.errors import (
    ProviderBroke,
    ProviderFailed,
    ProviderRefused,
    ProviderThrottled,
    ProviderTooSlow,
    ProviderUnreachable,
)
from casella_assistant.providers.openai import OpenAIProvider
from casella_assistant.providers.openai_settings import OpenAISettings
from casella_simulator import Simulator
from casella_simulator.openai.script import Turn as Told
from tests.assistant.builders import ASSISTANT, PROMPTS, joined, route, suggestion

TASK = suggestion("I am ada@x.example, where is my order?")
GOOD = {"replies": [{"text": "We write to ⟦EMAIL_1⟧ today.", "sources": []}]}


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with Simulator() as sim:
        yield sim


@pytest.fixture
def sim(server: Simulator) -> Simulator:
    server.reset()
    server.script_openai()
    return server


def settings(sim: Simulator, **fields: object) -> OpenAISettings:
    return OpenAISettings.model_validate({"api_key": "key-1", "model": "m", "base_url": sim.openai_url, **fields})


def run(sim: Simulator, *, stream: bool, seconds: float = 20.0, **fields: object) -> tuple[list[Delta], Answer]:
    async def scenario() -> tuple[list[Delta], Answer]:
        provider = OpenAIProvider(settings(sim, **fields))
        deltas: list[Delta] = []
        try:
            async for item in ASSISTANT.ask(TASK, [route(provider)], PROMPTS, stream=stream, seconds=seconds):
                if isinstance(item, Answer):
                    return deltas, item
                if isinstance(item, Delta):
                    deltas.append(item)
        finally:
            await provider.close()
        raise AssertionError("no answer")

    return asyncio.run(scenario())


def cause(error: AssistantError) -> ProviderFailed:
    found = error.__cause__ if isinstance(error, NoProvider) else error
    assert isinstance(found, ProviderFailed)
    return found


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_it_answers_with_structure_and_tells_its_tokens(sim: Simulator, stream: bool) -> None:
    sim.script_openai(Told(answer=GOOD, piece_characters=3))
    deltas, found = run(sim, stream=stream)
    assert found.proposals[0].text == "We write to ada@x.example today."
    assert joined(deltas) == (found.proposals[0].text if stream else "")
    assert not found.usage.estimated
    [asked] = sim.asked_openai()
    assert asked.body["response_format"]["json_schema"]["strict"] is True  # type: ignore[index, call-overload]  # what a request holds
    assert asked.authorization == "Bearer key-1"
    assert "ada@x.example" not in asked.text


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_a_server_that_refuses_structure_is_asked_for_plain_text_from_then_on(sim: Simulator, stream: bool) -> None:
    sim.script_openai(Told(refuse_schema=True), always=Told(text="Hello\n---\nGood day", refuse_schema=True))
    _, found = run(sim, stream=stream)
    assert [proposal.text for proposal in found.proposals] == ["Hello", "Good day"]
    assert ["response_format" in asked.body for asked in sim.asked_openai()] == [True, False]


def test_a_server_that_ignores_structure_is_understood_all_the_same(sim: Simulator) -> None:
    sim.script_openai(Told(text="Hello\n---\nGood day"))
    assert [proposal.text for proposal in run(sim, stream=True)[1].proposals] == ["Hello", "Good day"]


def test_what_a_server_does_not_understand_can_be_left_out(sim: Simulator) -> None:
    run(sim, stream=True, structured_output=False, stream_usage=False, temperature=0.2, token_parameter="max_tokens")
    [asked] = sim.asked_openai()
    assert not {"response_format", "stream_options", "max_completion_tokens"} & set(asked.body)
    assert asked.body["temperature"] == 0.2
    assert asked.body["max_tokens"]


FAILURES: list[tuple[str, Told, type[ProviderFailed]]] = [
    ("500", Told(status=500), ProviderUnreachable),
    ("503", Told(status=503, retry_after="0.01"), ProviderUnreachable),
    ("429", Told(status=429, retry_after="9"), ProviderThrottled),
    ("no credit", Told(status=429, error_code="insufficient_quota"), ProviderRefused),
    ("401", Told(status=401), ProviderRefused),
    ("404", Told(status=404), ProviderRefused),
    ("400", Told(status=400, error_text="context length exceeded"), ProviderRefused),
    ("302", Told(status=302), ProviderRefused),
    ("not JSON", Told(raw="<html>busy</html>"), ProviderBroke),
    ("broken JSON", Told(raw='{"choices": [{"mess'), ProviderBroke),
    ("other JSON", Told(raw='{"choices": []}'), ProviderBroke),
    ("null", Told(raw='{"choices": [{"index": 0, "message": null}]}'), ProviderBroke),
    ("JSON of another form", Told(text='{"answer": 42}'), ProviderBroke),
    ("cut", Told(break_after=0), ProviderUnreachable),
    ("silent", Told(hang=True), ProviderTooSlow),
]


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize(("told", "expected"), [case[1:] for case in FAILURES], ids=[case[0] for case in FAILURES])
def test_every_failure_has_its_name(sim: Simulator, told: Told, expected: type[ProviderFailed], stream: bool) -> None:
    sim.script_openai(always=told)
    with pytest.raises(AssistantError) as caught:
        run(sim, stream=stream, seconds=0.8 if told.hang else 20.0)
    assert type(cause(caught.value)) is expected
    asked = sim.asked_openai()
    assert len(asked) == (2 if expected is ProviderUnreachable else 1)


@pytest.mark.parametrize(
    "told", [Told(break_after=4, answer=GOOD), Told(without_end=True, answer=GOOD)], ids=["cut", "ends"]
)
def test_an_answer_that_breaks_off_in_the_middle_is_not_taken_for_whole(sim: Simulator, told: Told) -> None:
    sim.script_openai(always=told.model_copy(update={"piece_characters": 10}))
    with pytest.raises((ProviderBroke, ProviderUnreachable)):
        run(sim, stream=True)
    assert len(sim.asked_openai()) == 1


def test_nobody_listening_is_unreachable(sim: Simulator) -> None:
    with pytest.raises(NoProvider) as caught:
        run(sim, stream=False, base_url="http://127.0.0.1:9/v1")
    assert isinstance(cause(caught.value), ProviderUnreachable)


def until(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_who_stops_listening_ends_the_call_at_the_provider(sim: Simulator, stream: bool) -> None:
    sim.script_openai(Told(answer=GOOD, piece_ms=50, hang=not stream))

    async def scenario() -> None:
        provider = OpenAIProvider(settings(sim))
        begun = asyncio.Event()

        async def listen(routes: list[Route]) -> None:
            async for item in ASSISTANT.ask(TASK, routes, PROMPTS, stream=stream, seconds=60):
                if isinstance(item, Delta):
                    begun.set()

        listening = asyncio.create_task(listen([route(provider)]))
        while not (begun.is_set() if stream else sim.asked_openai()):
            await asyncio.sleep(0.01)
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
        # The connection is closed now, not when the provider's client is: that one stays open until the process ends.
        while sim.asked_openai()[0].outcome == "open":
            await asyncio.sleep(0.01)
        await provider.close()

    asyncio.run(asyncio.wait_for(scenario(), 30))
    assert sim.asked_openai()[0].outcome == "canceled"


def test_nothing_of_it_is_in_the_logs(sim: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    from casella import logs

    with caplog.at_level(logging.DEBUG):
        logs._quieten("debug")
        run(sim, stream=True)
    assert "where is my order" not in caplog.text
    assert "key-1" not in caplog.text


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://", "https://user:pass@host/v1"])
def test_an_address_that_cannot_be_is_refused(sim: Simulator, url: str) -> None:
    with pytest.raises(ValidationError):
        settings(sim, base_url=url)
