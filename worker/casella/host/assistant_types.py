"""Providers of the Message Assistant, as plugins bring them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from casella.plugin import AssistantProvider


@dataclass(frozen=True, slots=True)
class AssistantType:
    """A type of provider of the Message Assistant, and how to build one from its settings."""

    settings_model: type[BaseModel]
    build: Callable[[BaseModel], AssistantProvider]
