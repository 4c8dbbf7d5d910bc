"""Why the assistant does not propose anything, with what to do next (part of the tree in `casella.errors`)."""

from __future__ import annotations

from typing import ClassVar

from casella.errors import CasellaError, FeatureOff


class AssistantOff(FeatureOff):
    """The assistant is switched off; a manager can switch it on in the desk."""

    code = "assistant_off"


class ConsentMissing(FeatureOff):
    """The organisation has not consented to the assistant's terms yet; a manager does that once."""

    code = "assistant_no_consent"


class BudgetSpent(CasellaError):
    """Today's budget of the assistant is used up; write by hand, or ask a manager for a larger one."""

    code: ClassVar[str] = "assistant_budget_spent"
    status: ClassVar[int] = 429


class AssistantUnavailable(CasellaError):
    """The assistant's provider cannot be reached right now; write by hand, or try again later."""

    code: ClassVar[str] = "assistant_unavailable"
    status: ClassVar[int] = 503
