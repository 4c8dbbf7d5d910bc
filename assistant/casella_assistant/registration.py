"""The two providers that come with the assistant, registered by the same hook as those of others.

The marker is pluggy's and carries only the project's name, so that nothing of Casella has to be imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol

import pluggy
from pydantic import BaseModel, ConfigDict

from casella_assistant.errors import AssistantError
from casella_assistant.model import Provider
from casella_assistant.providers.offline import OfflineProvider
from casella_assistant.providers.openai_settings import OpenAISettings

hookimpl = pluggy.HookimplMarker("casella")


class OfflineSettings(BaseModel):
    """`locale`: in which language it says what it is, en or it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    locale: str = "en"


class Register(Protocol):
    """`register(type, settings model, how to build one)`."""

    def __call__(
        self, provider_type: str, settings_model: type[BaseModel], build: Callable[[BaseModel], Provider]
    ) -> None: ...  # pragma: no cover - a protocol


@hookimpl
def register_assistant_providers(register: Register) -> None:
    register("offline", OfflineSettings, _offline)
    register("openai", OpenAISettings, _openai)


def _offline(settings: BaseModel) -> Provider:
    assert isinstance(settings, OfflineSettings), "validated by the host"
    return OfflineProvider(settings.locale)


def _openai(settings: BaseModel) -> Provider:
    if find_spec("openai") is None:
        text = "A provider of type 'openai' needs openai, which is not installed: pip install 'casella[openai]'"
        raise AssistantError(text)
    from casella_assistant.providers.openai import OpenAIProvider  # here, because loading the SDK takes a second

    assert isinstance(settings, OpenAISettings), "validated by the host"
    return OpenAIProvider(settings)
