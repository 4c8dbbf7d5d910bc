"""Copies that are wrong about themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

import httpx
from pydantic import SecretStr

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    Connection,
    Cost,
    Event,
    OutgoingMessage,
    Refusal,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
    WebhookAnswer,
)
from tests.plugin.testing.toys import Toy, ToySettings

ABLE = Toy.capabilities
PICTURES = AttachmentLimits(kinds=frozenset({"image"}), count=1, size_each=1000, size_total=1000)


class WrongVersion(Toy):
    """test_it_is_made_for_this_contract"""

    contract_version: ClassVar[str] = "2.0"


class ShoutingName(Toy):
    """test_it_has_names"""

    channel_type: ClassVar[str] = "My Toy"


class NoLimit(Toy):
    """test_its_capabilities_fit_together"""

    capabilities: ClassVar[Capabilities] = ABLE.model_copy(update={"sends_per_second": 0})


class PromisesPictures(Toy):
    """test_the_attachments_it_declares_are_sent

    The capabilities say pictures; `send` forgets them."""

    capabilities: ClassVar[Capabilities] = ABLE.model_copy(update={"attachments": PICTURES})


class PromisesQuotes(Toy):
    """test_the_quotes_it_declares_are_sent

    The capabilities say quoted replies; `send` forgets what is quoted."""

    capabilities: ClassVar[Capabilities] = ABLE.model_copy(update={"quoted_replies": True})


class PromisesButtons(Toy):
    """test_the_content_it_declares_is_sent

    The capabilities say buttons; `send` forgets them."""

    capabilities: ClassVar[Capabilities] = ABLE.model_copy(update={"buttons": 3})


class AnotherOnEveryChannel(Toy):
    """test_one_channel_is_of_its_type"""

    def capabilities_of(self, channel: Channel[ToySettings]) -> Capabilities:
        return ABLE.model_copy(update={"address_kind": "another"})


class CostsLessThanNothing(Toy):
    """test_its_cost_and_registration_are_said_plainly"""

    def cost(self, channel: Channel[ToySettings], to: str, text: str, attachments: int) -> Cost | None:
        return Cost(Decimal(-1), "EUR")


class MissesNonsense(Toy):
    """test_what_was_missed_is_events_or_a_send_error"""

    def missed(self, channel: Channel[ToySettings], since: datetime, http: httpx.Client) -> Sequence[Event]:
        return ["a message"]  # type: ignore[list-item]  # nonsense is the point


class AnswersBadly(Toy):
    """test_its_acknowledgement_is_a_success"""

    acknowledgement: ClassVar[WebhookAnswer] = WebhookAnswer(500)


class AnswersOneBadly(Toy):
    """test_its_acknowledgement_is_a_success

    An authentic request is answered in a way of its own that makes the provider repeat it for ever."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        verdict = super().verify(connection, webhook)
        return Verdict.authentic(WebhookAnswer(409)) if verdict.outcome == "authentic" else verdict


class OpenSettings(ToySettings):
    api_key: str = "in plain sight"


class ShowsSecrets(Toy):
    """test_its_secrets_are_secret"""

    settings_model: type[ToySettings] = OpenSettings


class MeasuresNothing(Toy):
    """test_its_measure_agrees_with_its_limit"""

    def measure(self, *_: object) -> TextMeasure:
        return TextMeasure(units=0, limit=100)


class KnowsOnlyAscii(Toy):
    """test_its_measure_takes_any_text

    The first accent that somebody writes ends it."""

    def measure(self, channel: Channel[ToySettings], text: str) -> TextMeasure:
        return TextMeasure(units=len(text.encode("ascii")), limit=self.capabilities.text_limit)


class PoolsByChance(Toy):
    """test_its_consent_pool_is_constant

    Every question gets another pool, so that nobody's opt-out is found again."""

    given: ClassVar[list[str]] = []

    def consent_pool(self, channel: Channel[ToySettings]) -> str:
        self.given.append(f"pool {len(self.given)}")
        return self.given[-1]


class ChangesItsMind(Toy):
    """test_its_refusal_takes_any_address

    Whether an address may be written to depends on what was asked before."""

    asked: ClassVar[list[str]] = []

    def refusal(self, channel: Channel[ToySettings], to: str) -> Refusal | None:
        if to == "child":
            return None
        self.asked.append(to)
        return Refusal("odd", "Not this time.") if len(self.asked) % 2 else None


class NeverAllowed(Toy):
    """test_it_may_write_to_the_contact_of_the_cases"""

    def refusal(self, channel: Channel[ToySettings], to: str) -> Refusal | None:
        return Refusal("never", "Nobody may be written to.")


class Remembers(Toy):
    """test_it_keeps_no_state"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        self.last = webhook
        return super().verify(connection, webhook)


class ChangesItsSettings(Toy):
    """test_it_leaves_its_settings_alone

    It takes another token after a send: the next process does not know it."""

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        sent = super().send(channel, message, http)
        channel.settings.token = SecretStr("refreshed-2718")
        return sent


BROKEN = (
    *(WrongVersion, ShoutingName, NoLimit, PromisesPictures, PromisesQuotes, PromisesButtons, AnswersBadly),
    *(AnswersOneBadly, AnotherOnEveryChannel, CostsLessThanNothing, MissesNonsense),
    *(KnowsOnlyAscii, PoolsByChance),
    *(ShowsSecrets, MeasuresNothing, ChangesItsMind, NeverAllowed, Remembers, ChangesItsSettings),
)
