"""How often one caller may ask for what costs more than a look: searching, suggestions, previews, verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from limits import RateLimitItemPerMinute

from casella import metrics
from casella.api.limits.rate_limits import RateLimits
from casella.errors import CasellaError
from casella.settings import Quotas

Asked = Literal["search", "suggestion", "preview", "feedback", "report", "code", "answer"]
_CODES = 5
_ANSWERS = 30


class TooManyRequests(CasellaError):
    """Too many requests of this kind; wait a moment."""

    code: ClassVar[str] = "too_many_requests"
    status: ClassVar[int] = 429


class CallerRates:
    """Per agent, whichever of his browsers and programs asks."""

    def __init__(self, limits: RateLimits, quotas: Quotas) -> None:
        self._limits = limits
        given: Mapping[Asked, int] = {
            "search": quotas.searches,
            "suggestion": quotas.suggestions,
            "preview": quotas.previews,
            "feedback": quotas.feedback,
            "report": quotas.reports,
            "code": _CODES,
            "answer": _ANSWERS,
        }
        self._most = {what: RateLimitItemPerMinute(most) for what, most in given.items() if most}

    def count(self, what: Asked, agent_id: str) -> None:
        """Raises TooManyRequests with `retry_after` in seconds."""
        item = self._most.get(what)
        seconds = self._limits.hit(item, "asked", what, agent_id) if item is not None else None
        if seconds is not None:
            metrics.quota_refusals.labels(what).inc()
            raise TooManyRequests(retry_after=seconds)
