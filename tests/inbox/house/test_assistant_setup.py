"""Providers of plugins, as guests: whatever they raise, the assistant says what failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from casella.inbox.house.assistant_setup import Guest
from casella.plugin import AssistantFailed, AssistantPiece, AssistantRequest
from casella_assistant import NoProvider
from casella_assistant.errors import ProviderBroke, ProviderFailed, ProviderRefused, ProviderUnreachable
from tests.assistant.builders import answer, suggestion


class Parrot:
    """Says what it is told, or raises it."""

    offline = False
    structured = False
    model = "parrot"

    def __init__(self, saying: str | Exception) -> None:
        self._saying = saying

    async def ask(self, request: AssistantRequest) -> AsyncGenerator[AssistantPiece, None]:
        if isinstance(self._saying, Exception):
            raise self._saying
        yield AssistantPiece(self._saying)

    async def close(self) -> None: ...


def test_a_plugins_provider_answers() -> None:
    found = asyncio.run(answer(suggestion("Hi"), Guest("parrot", Parrot("Hello there"))))
    assert found.proposals[0].text == "Hello there"
    assert found.sent


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (AssistantFailed("busy", retryable=True, retry_after=30), ProviderUnreachable),
        (AssistantFailed("no key"), ProviderRefused),
        (ZeroDivisionError("with the customer's words in it"), ProviderBroke),
    ],
)
def test_what_it_raises_has_a_name(raised: Exception, expected: type[ProviderFailed]) -> None:
    with pytest.raises(NoProvider) as caught:
        asyncio.run(answer(suggestion("Hi"), Guest("parrot", Parrot(raised))))
    assert type(caught.value.__cause__) is expected
    assert "customer's words" not in str(caught.value.__cause__)
