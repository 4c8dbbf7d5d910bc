"""What can go wrong while a text is being proposed. Each class says what to do next and carries a stable `code`.

AssistantError
├── ProviderFailed         one provider; `retryable`: another try may help, `retry_after`: not sooner, in seconds
│   ├── ProviderUnreachable
│   ├── ProviderThrottled
│   ├── ProviderTooSlow
│   ├── ProviderBroke
│   ├── ProviderRefused
│   └── StructureRefused
├── NoProvider             every provider failed or is resting
└── PromptMistaken         a manager's prompt cannot be used
"""

from __future__ import annotations

from typing import ClassVar


class AssistantError(Exception):
    """The assistant could not propose anything."""

    code: ClassVar[str] = "assistant_failed"

    def __init__(self, text: str = "", *, retry_after: float | None = None) -> None:
        self.text = text or (type(self).__doc__ or "").splitlines()[0]
        self.retry_after = retry_after
        super().__init__(self.text)


class ProviderFailed(AssistantError):
    """The provider failed; try again later, or use another one."""

    code = "provider_failed"
    retryable: ClassVar[bool] = False


class ProviderUnreachable(ProviderFailed):
    """The provider does not answer, or answers with an error of its own; try again in a moment."""

    code = "provider_unreachable"
    retryable = True


class ProviderThrottled(ProviderFailed):
    """The provider takes no more requests right now; wait as long as it says."""

    code = "provider_throttled"
    retryable = True


class ProviderTooSlow(ProviderFailed):
    """The provider did not answer within the time limit; try again, or raise the limit in the desk."""

    code = "provider_too_slow"


class ProviderBroke(ProviderFailed):
    """The provider's answer ended too early or made no sense; try again, or use another provider."""

    code = "provider_broke"


class ProviderRefused(ProviderFailed):
    """The provider refused the request; a manager has to look at its key, model and settings."""

    code = "provider_refused"


class StructureRefused(ProviderFailed):
    """The provider does not offer structured output; ask it for plain text."""

    code = "structure_refused"


class NoProvider(AssistantError):
    """No provider of the assistant can be reached right now; write by hand, or try again later."""

    code = "assistant_unavailable"


class PromptMistaken(AssistantError):
    """The prompt cannot be used as it is; correct what is named."""

    code = "prompt_mistaken"
