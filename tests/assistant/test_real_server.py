"""Against a server of OpenAI's protocol that does not come from this project: llama.cpp's, with a model of noise.

The simulator shares this project's idea of the protocol; this one does not. What the model says means nothing; that
everything holds whatever it says is the point.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from casella_assistant import Answer, Delta, Limits, ProviderFailed, Task, in_characters
from casella_assistant.errors import NoProvider, ProviderRefused
from casella_assistant.masking import Masks
from casella_assistant.providers.openai import OpenAIProvider
from casella_assistant.providers.openai_settings import OpenAISettings
from tests.assistant.builders import ASSISTANT, PROMPTS, route
from tests.assistant.injections import ATTACKS, HARMLESS, attacked
from tests.assistant.tiny_model import write_model
from tests.budget import tries

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
pytest.importorskip("xllamacpp")
SHORT = Limits(60, None, in_characters(60))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("model")
    model = write_model(folder / "noise.gguf")
    log = (folder / "log").open("w")
    command = [sys.executable, "-m", "tests.assistant.real_server", str(model)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=Path(__file__).parents[2])
    assert server.stdout is not None
    try:
        said = next((line for line in server.stdout if line.startswith("listening on")), "")
        assert said, (folder / "log").read_text()
        yield said.split()[-1].rstrip("/")
    finally:
        server.kill()
        server.wait(20)
        server.stdout.close()
        log.close()


def settings(url: str, **fields: object) -> OpenAISettings:
    given = {"api_key": "none", "model": "noise", "base_url": f"{url}/v1", "token_parameter": "max_tokens", **fields}
    return OpenAISettings.model_validate(given)


def short(task: Task) -> Task:
    return replace(task, count=1, limits=SHORT)


def failure_behind(error: NoProvider) -> ProviderFailed:
    cause = error.__cause__
    assert isinstance(cause, ProviderFailed)
    return cause


def ask(url: str, tasks: list[Task], *, stream: bool = False, **fields: object) -> list[Answer | ProviderFailed]:
    """Each task's answer, or the named failure of a model that writes noise."""

    async def scenario() -> list[Answer | ProviderFailed]:
        provider = OpenAIProvider(settings(url, **fields))
        found: list[Answer | ProviderFailed] = []
        for task in tasks:
            try:
                asked = ASSISTANT.ask(task, [route(provider)], PROMPTS, stream=stream, seconds=120)
                found += [item async for item in asked if isinstance(item, Answer)]
            except NoProvider as error:
                found.append(failure_behind(error))
            except ProviderFailed as error:
                found.append(error)
        await provider.close()
        return found

    return asyncio.run(scenario())


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_it_answers_plain_text_and_tells_its_tokens(url: str, stream: bool) -> None:
    [found] = ask(url, [short(attacked(HARMLESS))], stream=stream, structured_output=False)
    assert isinstance(found, Answer), found
    assert found.proposals[0].text
    assert not found.usage.estimated
    assert found.usage.prompt_tokens > 1_000


def test_its_own_refusals_are_understood(url: str) -> None:
    long = replace(attacked("x " * 20_000), count=1)
    [found] = ask(url, [long])
    assert isinstance(found, ProviderRefused), found


def test_going_away_in_the_middle_leaves_it_ready_for_the_next(url: str) -> None:
    async def scenario() -> None:
        provider = OpenAIProvider(settings(url, structured_output=False))
        task = replace(attacked(HARMLESS), count=1, limits=Limits(2_000))
        stream = ASSISTANT.ask(task, [route(provider)], PROMPTS, stream=True, seconds=60)
        async for item in stream:
            if isinstance(item, Delta):
                break
        await stream.aclose()
        await provider.close()

    asyncio.run(asyncio.wait_for(scenario(), 100))
    [found] = ask(url, [short(attacked(HARMLESS))], structured_output=False)
    assert isinstance(found, Answer), found


def test_no_attack_forges_a_role_in_what_the_model_reads(url: str) -> None:
    """The server itself tells what its chat template makes of the messages."""
    with httpx.Client(base_url=url, timeout=60) as client:
        for attack in ATTACKS:
            task = Masks().task(attacked(attack))
            messages = [
                {"role": message.role, "content": message.content} for message in PROMPTS.render(task, structured=False)
            ]
            answer = client.post("/apply-template", json={"messages": messages})
            assert answer.status_code == 200, answer.text
            prompt = answer.json()["prompt"]
            assert prompt.count("<|im_start|>") == 3, attack
            assert prompt.count("<|im_end|>") == 2, attack
            assert prompt.count("</conversation>") == 2, "once in the rules, once at the end of the block"


def test_every_attack_is_answered_with_a_proposal_or_a_named_failure(url: str) -> None:
    """Structured, by the server's own grammar: whatever the model writes, it is a text that nobody has sent."""
    attacks = random.sample(ATTACKS, min(len(ATTACKS), tries(60)))  # other ones in every run, all of them in a long one
    found = ask(url, [short(attacked(attack)) for attack in attacks])
    assert len(found) == len(attacks)
    answers = [one for one in found if isinstance(one, Answer)]
    assert all(one.code in ("provider_broke", "structure_refused") for one in found if isinstance(one, ProviderFailed))
    for answer in answers:
        assert "4821" not in answer.proposals[0].text
        assert "ada@x.example" not in answer.proposals[0].text
