"""A small honest channel, its tables, and one broken copy for each fault the kit must name."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx
import orjson
from pydantic import BaseModel, SecretStr

from casella.plugin import (
    Capabilities,
    Channel,
    ChannelMisconfigured,
    ChannelPlugin,
    ChannelThrottled,
    ChannelUnreachable,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    MessageReceived,
    OutgoingMessage,
    SendAttempt,
    SendRejected,
    SendUncertain,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
    WebhookAnswer,
    asking,
    clean_text,
    sending,
)
from casella.plugin.testing import Answer, ChannelConformance, ExpectedRequest, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import AnyConnection

SIGNATURE = "x-toy-signature"
SECRET = "toy-secret-3141"
LOG = logging.getLogger("toy")


class ToySettings(BaseModel):
    token: SecretStr


def signature_of(settings: ToySettings, body: bytes) -> str:
    return hmac.new(settings.token.get_secret_value().encode(), body, hashlib.sha256).hexdigest()


class Toy(ChannelPlugin[ToySettings]):
    """Does everything right: JSON in, JSON out, HMAC over the body."""

    channel_type: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"
    settings_model: type[ToySettings] = ToySettings
    capabilities: ClassVar[Capabilities] = Capabilities(address_kind="toy", text_limit=100, max_webhook_bytes=4096)

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        given = webhook.headers.get(SIGNATURE, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, signature_of(connection.settings, webhook.body).encode()):
            return Verdict.refused(403, "bad_signature")
        return Verdict.authentic() if self.read(webhook) else Verdict.refused(400, "no_id")

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        document = self.read(webhook)
        if not document:
            return []
        text, picture = document.get("text"), document.get("picture")
        attachments = (MediaRef(ref=clean_text(picture), kind="image"),) if isinstance(picture, str) else ()
        return [self.event(clean_text(document["id"]), clean_text(text) if isinstance(text, str) else "", attachments)]

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        return MessageReceived(
            channel_address="toys",
            contact_address="child",
            external_id=external_id,
            text=text,
            attachments=attachments,
            message_kind="image" if attachments else "text",
        )

    def read(self, webhook: Webhook) -> dict[str, Any]:
        try:
            document = orjson.loads(webhook.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) and self.has_id(document) else {}

    def has_id(self, document: dict[str, Any]) -> bool:
        return isinstance(document.get("id"), str) and bool(document["id"].strip("\x00"))

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        with sending():
            response = http.post(
                "https://toys.example/send",
                json={"to": message.to, "text": message.text},
                headers={"authorization": channel.settings.token.get_secret_value()},
            )
        if response.status_code != 200:
            raise self.error_of(response)
        return self.sent(response)

    def sent(self, response: httpx.Response) -> Sent:
        try:
            document = orjson.loads(response.content)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            raise SendUncertain
        return Sent(document["id"])

    def error_of(self, response: httpx.Response) -> Exception:
        if response.status_code == 429:
            return ChannelThrottled(retry_after=1.0)
        if response.status_code == 401:
            return ChannelMisconfigured()
        return ChannelUnreachable() if response.status_code >= 500 else SendRejected()

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if not ref.ref.startswith("https://toys.example/"):
            raise MediaUnavailable
        return MediaRequest(ref.ref, allowed_hosts=("toys.example",))


class ToyConformance(ChannelConformance):
    plugin: ClassVar[object] = Toy()
    settings = {"token": SECRET}  # noqa: RUF012 - a table, never changed
    address, contact = "toys", "child"
    signature_headers = (SIGNATURE,)
    webhooks = (
        WebhookCase.of_json("a text", {"id": "1", "text": "Hi"}, events=(Toy().event("1", "Hi", ()),)),
        WebhookCase.of_json(
            "a picture",
            {"id": "2", "picture": "https://toys.example/p/2"},
            events=(Toy().event("2", "", (MediaRef(ref="https://toys.example/p/2", kind="image"),)),),
        ),
        WebhookCase.of_json(
            "more than it reads", {"id": "3", "tags": [1, {"a": 2}]}, events=(Toy().event("3", "", ()),)
        ),
        WebhookCase.of_json("nothing", {}).refused("nothing", 400),
    )
    sends = (
        SendCase(
            "a text",
            answers=(Answer.of_json(200, {"id": "9"}),),
            sent=Sent("9"),
            requests=(ExpectedRequest("https://toys.example/send", json={"to": "child", "text": "Hello"}),),
        ),
        SendCase("throttled", answers=(Answer(429),), error=ChannelThrottled, retry_after=1.0),
        SendCase("refused", answers=(Answer(400),), error=SendRejected),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, ToySettings)
        return with_headers(webhook, {SIGNATURE: signature_of(settings, webhook.body)})


# --- one fault each; the docstring names the checks that must find it, and no others ------------------------------


class WrongVersion(Toy):
    """test_it_is_made_for_this_contract"""

    contract_version: ClassVar[str] = "2.0"


class ShoutingName(Toy):
    """test_it_has_names"""

    channel_type: ClassVar[str] = "My Toy"


class NoLimit(Toy):
    """test_its_capabilities_fit_together"""

    capabilities: ClassVar[Capabilities] = Toy.capabilities.model_copy(update={"max_webhook_bytes": 0})


class AnswersBadly(Toy):
    """test_its_acknowledgement_is_a_success"""

    acknowledgement: ClassVar[WebhookAnswer] = WebhookAnswer(500)


class OpenSettings(ToySettings):
    api_key: str = "in plain sight"


class ShowsSecrets(Toy):
    """test_its_secrets_are_secret"""

    settings_model: type[ToySettings] = OpenSettings


class MeasuresNothing(Toy):
    """test_its_measure_agrees_with_its_limit"""

    def measure(self, channel: Channel[ToySettings], text: str) -> TextMeasure:
        return TextMeasure(units=0, limit=100)


class Remembers(Toy):
    """test_it_keeps_no_state"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        self.last = webhook
        return super().verify(connection, webhook)


class TrustsTheUnsigned(Toy):
    """test_without_a_signature_nothing_is_authentic"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        if SIGNATURE not in webhook.headers:
            return Verdict.authentic()
        return super().verify(connection, webhook)


class ComparesTheBeginning(Toy):
    """test_a_wrong_signature_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        right, given = signature_of(connection.settings, webhook.body), webhook.headers.get(SIGNATURE, "")
        if given and right.startswith(given):
            return Verdict.authentic() if self.read(webhook) else Verdict.refused(400, "no_id")
        return super().verify(connection, webhook)


class TrustsAnySecret(Toy):
    """test_another_secret_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        other = ToySettings(token=SecretStr(SECRET[::-1] + "x"))
        if webhook.headers.get(SIGNATURE) == signature_of(other, webhook.body):
            return Verdict.authentic()
        return super().verify(connection, webhook)


class SignsHalfTheBody(Toy):
    """test_a_changed_body_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        given = webhook.headers.get(SIGNATURE, "")
        cut = webhook.body.removesuffix(b"&x=1")
        if cut != webhook.body and given == signature_of(connection.settings, cut):
            return Verdict.authentic()
        return super().verify(connection, webhook)


class BlamesItself(Toy):
    """test_a_refusal_says_why_and_nothing_else test_a_webhook_gives_what_its_case_says"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        verdict = super().verify(connection, webhook)
        return Verdict.refused(500, "no_id") if verdict.reason == "no_id" else verdict


class NumbersByTheClock(Toy):
    """test_a_repeated_request_has_equal_identities"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        events = super().translate(connection, webhook)
        late = webhook.received_at.minute > 0
        return [event.model_copy(update={"external_id": "late"}) if late else event for event in events]


class OneIdForAll(Toy):
    """test_different_messages_have_different_identities test_a_webhook_gives_what_its_case_says
    test_unknown_fields_change_nothing"""

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        return super().event("1", text, attachments)


class Stumbles(Toy):
    """test_cut_requests_raise_nothing test_random_bytes_raise_nothing test_oversized_requests_raise_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        orjson.loads(webhook.body)
        return super().translate(connection, webhook)


class HatesNews(Toy):
    """test_unknown_fields_change_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        known = {"id", "text", "picture", "tags"}
        return super().translate(connection, webhook) if set(self.read(webhook)) <= known else []


class BelievesTypes(Toy):
    """test_wrong_types_raise_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        text = self.read(webhook).get("text", "")
        assert isinstance(text.strip(), str)
        return super().translate(connection, webhook)


class FetchesAnything(Toy):
    """test_hostile_media_are_not_fetched"""

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return MediaRequest(ref.ref, allowed_hosts=("toys.example",))


class FetchesNothing(Toy):
    """test_media_of_the_cases_can_be_fetched"""

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        raise MediaUnavailable


class ThinksItNeverArrives(Toy):
    """test_a_send_cut_short_is_uncertain"""

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except SendUncertain as error:
            if error.provider_code is None:
                raise
            raise ChannelUnreachable from error


class GivesUpEarly(Toy):
    """test_an_unreachable_provider_is_tried_again"""

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except ChannelUnreachable as error:
            if error.provider_code is None:
                raise
            raise SendRejected from error


class TriesAgain(Toy):
    """test_it_does_not_try_again_by_itself"""

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except SendUncertain as error:
            if error.provider_code is None:
                raise
            return super().send(channel, message, http)


class CannotReadSuccess(Toy):
    """test_an_unreadable_success_is_uncertain test_any_answer_gives_an_outcome"""

    def sent(self, response: httpx.Response) -> Sent:
        return Sent(str(orjson.loads(response.content).get("id", "none")))


class BlamesTheMessage(Toy):
    """test_a_server_error_is_no_success_and_no_refusal"""

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected() if response.status_code >= 500 else super().error_of(response)


class RaisesBareErrors(Toy):
    """test_any_answer_gives_an_outcome"""

    def error_of(self, response: httpx.Response) -> Exception:
        return ValueError("teapot") if response.status_code == 409 else super().error_of(response)


class MisreadsThrottling(Toy):
    """test_a_send_gives_what_its_case_says"""

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected() if response.status_code == 429 else super().error_of(response)


class RepeatsTheAnswer(Toy):
    """test_errors_hold_no_secrets"""

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected(response.text) if response.status_code == 400 else super().error_of(response)


class LogsTheToken(Toy):
    """test_logs_hold_no_secrets"""

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        LOG.debug("sending with %s", channel.settings.token.get_secret_value())
        return super().send(channel, message, http)


class GuessesAbsence(Toy):
    """test_a_lookup_guesses_nothing"""

    def lookup(self, channel: Channel[ToySettings], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        with asking():
            http.get("https://toys.example/sent")
        return LookupResult("not_taken")


class ChangesTheRequest(Toy):
    """test_translating_changes_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        assert isinstance(webhook.headers, dict)
        webhook.headers["seen"] = "yes"
        return super().translate(connection, dataclasses.replace(webhook))


class TellsTheSecret(Toy):
    """test_events_hold_no_secrets test_a_webhook_gives_what_its_case_says test_unknown_fields_change_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        token = connection.settings.token.get_secret_value()
        return [
            event.model_copy(update={"metadata": {"token": token}}) for event in super().translate(connection, webhook)
        ]


BROKEN = (
    *(WrongVersion, ShoutingName, NoLimit, AnswersBadly, ShowsSecrets, MeasuresNothing, Remembers),
    *(TrustsTheUnsigned, ComparesTheBeginning, TrustsAnySecret, SignsHalfTheBody, BlamesItself, NumbersByTheClock),
    *(OneIdForAll, Stumbles, HatesNews, BelievesTypes, FetchesAnything, FetchesNothing, ThinksItNeverArrives),
    *(GivesUpEarly, TriesAgain, CannotReadSuccess, BlamesTheMessage, RaisesBareErrors, MisreadsThrottling),
    *(RepeatsTheAnswer, LogsTheToken, GuessesAbsence, ChangesTheRequest, TellsTheSecret),
)
