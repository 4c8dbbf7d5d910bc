"""What a provider's error code means: one row per code, read both at once (the answer to a send) and later (a status
callback). Only codes count: wordings change, and repeat what we sent.

Only what certainly holds for everybody is `ChannelMisconfigured`. What may be of one destination, one carrier or one
kind of message is refused for that message; where a code says too little, it is `ChannelSuspect`, and the provider's
`health` decides."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import orjson

from casella.plugin import (
    ChannelMisconfigured,
    ChannelSuspect,
    ContactStopped,
    DeliveryProblem,
    OutsideReplyWindow,
    SendError,
    retry_after,
)

NOT_DELIVERED = "The message could not be delivered."


@dataclass(frozen=True, slots=True)
class Cause:
    """What a code means: the error to raise, a sentence for people, and limits on trying again."""

    error: type[SendError]
    text: str
    wait: float | None = None
    max_attempts: int | None = None

    @property
    def worth_again(self) -> bool:
        return self.error.retryable

    @property
    def stops_contact(self) -> bool:
        return self.error is ContactStopped

    @property
    def pauses_channel(self) -> bool:
        """Nothing will arrive until somebody repairs it, whenever it was found out."""
        return self.error is ChannelMisconfigured

    def raisable(self, response: httpx.Response, code: str) -> SendError:
        """The error, with what the response says about waiting."""
        wait = retry_after(response) if self.error.retryable else None
        return self.error(
            f"{self.text} ({code})" if self.error is ChannelSuspect else self.text,
            provider_code=code,
            retry_after=self.wait if wait is None else wait,
            max_attempts=self.max_attempts,
        )


def problem_of(cause: Cause | None, code: str) -> DeliveryProblem:
    """What a code means of a message that the provider had taken."""
    if cause is None:
        return DeliveryProblem(code=code[:64] or "unknown", text=NOT_DELIVERED)
    return DeliveryProblem(
        code=code[:64],
        text=cause.text,
        retryable=cause.worth_again,
        stops_contact=cause.stops_contact,
        pauses_channel=cause.pauses_channel,
        outside_window=cause.error is OutsideReplyWindow,
    )


def read_json(response: httpx.Response) -> dict[str, object]:
    """The JSON object of a response; empty for anything else."""
    try:
        document = orjson.loads(response.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
