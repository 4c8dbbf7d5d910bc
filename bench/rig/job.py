"""What the load generator is told to do, and how its times are counted."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel


class Job(BaseModel):
    """What to send, and how."""

    port: int
    requests: Path
    first: int = 0  # the number in the first request's text
    connections: int = 64
    seconds: float = 5.0
    warm_up: int = 0  # this many first answers are not counted
    rate: float | None = None  # requests per second; None: as fast as answers come
    token: str | None = None  # with it, watch the event stream as this agent
    patience: float = 20.0  # seconds to wait for what was accepted to become visible


def quantile(ordered: list[float], share: float) -> float:
    """Of values in order; 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
