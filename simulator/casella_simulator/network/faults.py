"""Faults: how badly the providers behave, set at run time, for everybody or for one phone number.

Every choice is drawn from a hash of (seed, kind of fault, what it is about, occurrence), not from a shared random
stream, so the same messages meet the same faults however many requests run at once and in whatever order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

KeyT = TypeVar("KeyT")
Share = Annotated[float, Field(ge=0, le=1)]
Code = Annotated[int, Field(ge=1, le=99_999_999)]


def _as_span(value: object) -> object:
    return (value, value) if isinstance(value, int | float) else value


Milliseconds = Annotated[float, Field(ge=0, le=3_600_000)]
Span = Annotated[tuple[Milliseconds, Milliseconds], BeforeValidator(_as_span)]
"""A duration in milliseconds: one number, or the lowest and the highest of a range."""

_NOTHING: Span = (0.0, 0.0)


class Faults(BaseModel):
    """What goes wrong. The default is a provider that answers at once and never fails.

    Shares are between 0 and 1. A fault set for one phone number overrides only the fields given for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(0, description="the same seed gives the same faults to the same messages")

    latency_ms: Span = Field(_NOTHING, description="time until the send API answers; the message is accepted before it")
    throttle_per_second: Annotated[float, Field(gt=0)] | None = Field(
        None, description="429 above this many sends a second"
    )
    error_before: Share = Field(0, description="5xx, nothing accepted")
    error_after: Share = Field(0, description="5xx although the message was accepted")
    cut_before: Share = Field(0, description="connection cut, nothing accepted")
    cut_after: Share = Field(0, description="connection cut after the message was accepted")
    timeout_after: Share = Field(0, description="accepted, but the answer only comes after hang_ms")
    hang_ms: Milliseconds = Field(60_000, description="how long a time-out keeps the caller waiting")
    refuse: Mapping[Code, Share] = Field(
        default_factory=dict, description="provider error code -> share refused at once"
    )
    failed: Mapping[Code, Share] = Field(
        default_factory=dict, description="error code -> share that never leaves the provider"
    )
    undelivered: Mapping[Code, Share] = Field(
        default_factory=dict, description="error code -> share the carrier refuses"
    )

    receipt_delay_ms: Span = Field(_NOTHING, description="pause before each delivery receipt")
    receipts_missing: Share = Field(0, description="share of single receipts that never come")
    receipts_late: Share = Field(0, description="share of single receipts that come receipts_late_ms later")
    receipts_late_ms: Span = Field((5_000.0, 5_000.0), description="how late a late receipt is")
    receipts_reordered: Share = Field(0, description="share of messages whose receipts come in reverse order")
    receipts_copies: Annotated[int, Field(ge=1, le=100)] = Field(1, description="each receipt is sent this many times")
    receipts_first: Share = Field(0, description="share of sends whose receipts come before the send is answered")

    webhook_delay_ms: Span = Field(_NOTHING, description="pause before a customer's message reaches the webhook")
    webhook_copies: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="each customer message is sent this many times"
    )
    copies_apart_ms: Span = Field(_NOTHING, description="pause between copies; 0 sends them at the same instant")
    bad_signature: Share = Field(0, description="share of webhooks signed with the wrong secret")

    media_delay_ms: Span = Field(_NOTHING, description="time until media is answered")
    media_missing_first: Annotated[int, Field(ge=0, le=1_000)] = Field(0, description="404 for this many first tries")
    media_bytes: Annotated[int, Field(ge=1, le=2**40)] | None = Field(None, description="media is padded to this size")
    media_type: Annotated[str, Field(pattern=r"^[\w.+-]+/[\w.+-]+$")] | None = Field(
        None, description="the content type media lies about"
    )

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if sum(self.outcomes().values()) > 1:
            raise ValueError("error, cut and timeout shares add up to more than 1")
        for name in ("refuse", "failed", "undelivered"):
            if sum(getattr(self, name).values()) > 1:
                raise ValueError(f"the shares of {name} add up to more than 1")
        for name, value in self:
            if isinstance(value, tuple) and value[0] > value[1]:
                raise ValueError(f"{name}: the lowest value comes first")
        return self

    def outcomes(self) -> dict[Outcome, float]:
        """The share of each way in which a send can go wrong on the wire."""
        return {
            Outcome.ERROR_BEFORE: self.error_before,
            Outcome.CUT_BEFORE: self.cut_before,
            Outcome.ERROR_AFTER: self.error_after,
            Outcome.CUT_AFTER: self.cut_after,
            Outcome.TIMEOUT_AFTER: self.timeout_after,
        }

    def overridden_by(self, other: Faults) -> Faults:
        """These faults with every field that was given explicitly in `other`."""
        return type(self).model_validate(
            {**dict(self), **{name: getattr(other, name) for name in other.model_fields_set}}
        )


class Outcome(StrEnum):
    """What happens to a send request on the wire."""

    ANSWERED = "answered"
    ERROR_BEFORE = "error_before"
    CUT_BEFORE = "cut_before"
    ERROR_AFTER = "error_after"
    CUT_AFTER = "cut_after"
    TIMEOUT_AFTER = "timeout_after"

    @property
    def accepts(self) -> bool:
        return self not in (Outcome.ERROR_BEFORE, Outcome.CUT_BEFORE)


@dataclass(frozen=True, slots=True)
class Dice:
    """Draws for one subject: the same faults, subject and occurrence always draw the same."""

    faults: Faults
    subject: str

    def draw(self, kind: str) -> float:
        text = f"{self.faults.seed}\x1f{kind}\x1f{self.subject}"
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) / 2**64

    def happens(self, kind: str, share: float) -> bool:
        return share > 0 and self.draw(kind) < share

    def seconds(self, kind: str, span: Span) -> float:
        low, high = span
        return (low if low == high else low + (high - low) * self.draw(kind)) / 1000

    def one_of(self, kind: str, shares: Mapping[KeyT, float]) -> KeyT | None:
        """The key whose share the draw falls into, or None for what remains of 1."""
        if not any(shares.values()):
            return None
        drawn = self.draw(kind)
        for key, share in shares.items():
            if drawn < share:
                return key
            drawn -= share
        return None


class FaultBox:
    """The faults in force, general and by phone number, and what has to be counted to apply them."""

    def __init__(self, general: Faults) -> None:
        self.general = general
        self._own: dict[str, Faults] = {}
        self._effective: dict[str, Faults] = {}
        self._seen: Counter[str] = Counter()
        self._buckets: dict[str, TokenBucket] = {}

    def set_general(self, faults: Faults) -> None:
        self.general = faults
        self._refresh()

    def set_for_phone(self, phone: str, faults: Faults | None) -> None:
        """Overrides the general faults for one phone number; None takes the override away."""
        self._own.pop(phone, None)
        if faults is not None:
            self._own[phone] = faults
        self._refresh()

    def clear(self, general: Faults) -> None:
        self._own.clear()
        self._seen.clear()
        self.set_general(general)

    def own(self) -> Mapping[str, Faults]:
        """The overrides, by phone number."""
        return self._own

    def of(self, phone: str) -> Faults:
        return self._effective.get(phone, self.general)

    def dice(self, phone: str, subject: str) -> Dice:
        """Dice for the next occurrence of this subject."""
        self._seen[subject] += 1
        return Dice(self.of(phone), f"{subject}\x1f{self._seen[subject]}")

    def admits(self, phone: str, now: float) -> bool:
        """Whether the throttle lets a send through; `now` is a monotonic time in seconds."""
        rate = self.of(phone).throttle_per_second
        if rate is None:
            return True
        own = self._own.get(phone)
        key = phone if own and "throttle_per_second" in own.model_fields_set else ""
        return self._buckets.setdefault(key, TokenBucket(rate, now)).take(now)

    def _refresh(self) -> None:
        self._effective = {phone: self.general.overridden_by(own) for phone, own in self._own.items()}
        self._buckets.clear()


class TokenBucket:
    """Lets `rate` pass each second, and never more than one second's worth at once."""

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self._tokens = max(1.0, rate)
        self._at = now

    def take(self, now: float) -> bool:
        self._tokens = min(max(1.0, self.rate), self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
