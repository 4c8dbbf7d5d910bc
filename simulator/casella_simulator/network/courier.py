"""The courier: carries webhooks to their URL, with the retries the provider promises, and journals every attempt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from casella_simulator.network.faults import Dice
from casella_simulator.network.journal import Delivery, Failure, Journal, WebhookKind, delivery_json
from casella_simulator.network.live import Hub
from casella_simulator.network.posting import ConnectFailed, NoAnswer, Poster, SignedRequest


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and after which failures a webhook is sent again, and where it goes when all tries failed."""

    retries: int = 1
    on: frozenset[Failure] = frozenset({"ct"})
    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    total_seconds: float = 15.0
    fallback_url: str | None = None


Signer: TypeAlias = Callable[[str, Mapping[str, str], bool], SignedRequest]
"""Makes the request for (url, form, well signed); called anew for every URL, because the URL is part of a signature."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event on its way to the business."""

    provider: str
    kind: WebhookKind
    sid: str
    phone: str
    url: str
    form: Mapping[str, str]
    sign: Signer
    policy: RetryPolicy = field(default_factory=RetryPolicy)


class Courier:
    """Sends webhooks over one pool of connections."""

    def __init__(self, journal: Journal, hub: Hub, clock: Callable[[], datetime]) -> None:
        self._journal = journal
        self._hub = hub
        self._clock = clock
        self._poster = Poster()

    def close(self) -> None:
        self._poster.close()

    async def deliver_copies(self, webhook: Webhook, dice: Dice, copies: int) -> list[Delivery]:
        """Sends all copies, at the same instant or apart as the faults say. Returns the last attempt of each."""
        if copies == 1:
            return [await self.deliver(webhook, dice, 1)]
        return await asyncio.gather(*(self._later(webhook, dice, copy) for copy in range(1, copies + 1)))

    async def _later(self, webhook: Webhook, dice: Dice, copy: int) -> Delivery:
        gap = dice.seconds(f"apart {webhook.kind}", dice.faults.copies_apart_ms)
        if gap and copy > 1:
            await asyncio.sleep(gap * (copy - 1))
        return await self.deliver(webhook, dice, copy)

    async def deliver(self, webhook: Webhook, dice: Dice, copy: int) -> Delivery:
        """Sends one copy until it is answered as the policy wants, then tries the fallback URL."""
        well_signed = not dice.happens(f"bad signature {webhook.kind} {copy}", dice.faults.bad_signature)
        policy = webhook.policy
        give_up = time.monotonic() + policy.total_seconds
        for attempt in range(1, policy.retries + 2):
            delivery = await self._attempt(webhook, webhook.url, webhook.form, copy, attempt, well_signed)
            if delivery.failure is None:
                return delivery
            if delivery.failure not in policy.on or time.monotonic() >= give_up:
                break
        if policy.fallback_url is None:
            return delivery
        form = {**webhook.form, "ErrorCode": _error_code(delivery), "ErrorUrl": webhook.url}
        return await self._attempt(webhook, policy.fallback_url, form, copy, attempt + 1, well_signed, fallback=True)

    async def _attempt(
        self,
        webhook: Webhook,
        url: str,
        form: Mapping[str, str],
        copy: int,
        attempt: int,
        well_signed: bool,
        *,
        fallback: bool = False,
    ) -> Delivery:
        request = webhook.sign(url, form, well_signed)
        delivery = Delivery(
            number=self._journal.next_delivery(),
            provider=webhook.provider,
            kind=webhook.kind,
            sid=webhook.sid,
            phone=webhook.phone,
            method=request.method,
            url=request.url,
            form=dict(form),
            copy=copy,
            attempt=attempt,
            fallback=fallback,
            well_signed=well_signed,
            at=self._clock(),
        )
        await self._send(request, delivery, webhook.policy)
        self._journal.record(delivery)
        if self._hub.watched:
            self._hub.publish("delivery", delivery_json(delivery))
        return delivery

    async def _send(self, request: SignedRequest, delivery: Delivery, policy: RetryPolicy) -> None:
        started = time.perf_counter()
        try:
            answer = await self._poster.post(request, policy.connect_seconds, policy.read_seconds)
        except ConnectFailed as error:
            delivery.error, delivery.failure = str(error), "ct"
        except NoAnswer as error:
            delivery.error, delivery.failure = str(error), "rt"
        else:
            delivery.status = answer.status
            delivery.answer, delivery.answer_type = answer.text, answer.content_type
            if answer.status >= 400:
                delivery.failure = "5xx" if answer.status >= 500 else "4xx"
        delivery.elapsed_ms = round((time.perf_counter() - started) * 1000, 3)


def _error_code(delivery: Delivery) -> str:
    return "11205" if delivery.status is None else "11200"
