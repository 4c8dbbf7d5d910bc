"""Copies that send badly."""

from __future__ import annotations

import logging

import httpx
import orjson

from casella.plugin import (
    Channel,
    ChannelUnreachable,
    Connection,
    LookupResult,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    SendRejected,
    SendUncertain,
    Sent,
    Verdict,
    Webhook,
    asking,
)
from tests.plugin.testing.toys import Toy, ToySettings

LOG = logging.getLogger("toy")
ToyChannel = Channel[ToySettings]


class ForgetsTheTime(Toy):
    """test_a_send_gives_what_its_case_says

    The provider says how long to wait, and it is not passed on."""

    def error_of(self, response: httpx.Response) -> Exception:
        error = super().error_of(response)
        if response.status_code == 429 and hasattr(error, "retry_after"):
            error.retry_after = None
        return error


class SendsTwice(Toy):
    """test_one_message_is_sent_once

    The quoted one and, for good measure, again."""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        sent = super().send(channel, message, http)
        return super().send(channel, message, http) if message.reply_to else sent


class TakesItsTime(Toy):
    """test_it_keeps_the_time_limits"""

    def post(self, channel: ToyChannel, key: str, document: dict[str, str], http: httpx.Client) -> httpx.Response:
        http.timeout = httpx.Timeout(None)
        return super().post(channel, key, document, http)


class FollowsAnybody(Toy):
    """test_it_follows_no_redirect"""

    def post(self, channel: ToyChannel, key: str, document: dict[str, str], http: httpx.Client) -> httpx.Response:
        token = channel.settings.token.get_secret_value()
        response = http.post("https://toys.example/send", json=document, headers={"authorization": token})
        if response.status_code in (307, 308):
            return http.post(response.headers["location"], json=document)
        return response


class WritesAscii(Toy):
    """test_any_text_gives_an_outcome"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        message.text.encode("ascii")
        return super().send(channel, message, http)


class CountsAddresses(Toy):
    """test_any_address_gives_an_outcome"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        if message.to != "child":
            int(message.to)
        return super().send(channel, message, http)


class ThinksItNeverArrives(Toy):
    """test_a_send_cut_short_is_uncertain

    A time-out after the request was written: it would be sent a second time."""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except SendUncertain as error:
            if error.provider_code is None:
                raise
            raise ChannelUnreachable from error


class GivesUpEarly(Toy):
    """test_an_unreachable_provider_is_tried_again"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except ChannelUnreachable as error:
            if error.provider_code is None:
                raise
            raise SendRejected from error


class TriesAgain(Toy):
    """test_it_does_not_try_again_by_itself"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except SendUncertain as error:
            if error.provider_code is None:
                raise
            return super().send(channel, message, http)


class RetriesRefusals(Toy):
    """test_a_refused_request_is_not_tried_again

    A payload too large today is too large tomorrow."""

    def error_of(self, response: httpx.Response) -> Exception:
        return ChannelUnreachable() if response.status_code == 413 else super().error_of(response)


class TakesNoForYes(Toy):
    """test_a_refused_request_is_no_success"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        try:
            return super().send(channel, message, http)
        except SendRejected as error:
            if error.provider_code == "404":
                return Sent("lost")
            raise

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected(provider_code="404") if response.status_code == 404 else super().error_of(response)


class LosesWhatWasTaken(Toy):
    """test_an_unreadable_success_is_uncertain"""

    def sent(self, response: httpx.Response) -> Sent:
        if response.content == b"OK":
            raise SendRejected
        return super().sent(response)


class BlamesTheMessage(Toy):
    """test_a_server_error_is_no_success_and_no_refusal"""

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected() if response.status_code >= 500 else super().error_of(response)


class RaisesBareErrors(Toy):
    """test_any_answer_gives_an_outcome"""

    def error_of(self, response: httpx.Response) -> Exception:
        return ValueError("teapot") if response.status_code == 409 else super().error_of(response)


class RepeatsTheAnswer(Toy):
    """test_errors_hold_no_secrets"""

    def error_of(self, response: httpx.Response) -> Exception:
        return SendRejected(response.text) if response.status_code == 400 else super().error_of(response)


class LogsTheToken(Toy):
    """test_logs_hold_no_secrets"""

    def send(self, channel: ToyChannel, message: OutgoingMessage, http: httpx.Client) -> Sent:
        LOG.debug("sending with %s", channel.settings.token.get_secret_value())
        return super().send(channel, message, http)


class LogsWhatItVerifies(Toy):
    """test_logs_hold_no_secrets

    Also while it receives."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        LOG.info("GET https://toys.example/?token=%s", connection.settings.token.get_secret_value())
        return super().verify(connection, webhook)


class GuessesAbsence(Toy):
    """test_a_lookup_guesses_nothing"""

    def lookup(self, channel: ToyChannel, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        try:
            found = super().lookup(channel, attempt, http)
        except SendRejected:  # "I have no such message" is what a new server says of everything
            return LookupResult("not_taken")
        return found


class SaysItIsWell(Toy):
    """test_health_answers_or_raises_a_send_error"""

    def health(self, channel: ToyChannel, http: httpx.Client) -> Refusal | None:
        with asking():
            return Refusal(**orjson.loads(http.get("https://toys.example/health").content))


BROKEN = (
    *(ForgetsTheTime, SendsTwice, TakesItsTime, FollowsAnybody, WritesAscii, CountsAddresses, ThinksItNeverArrives),
    *(GivesUpEarly, TriesAgain, RetriesRefusals, TakesNoForYes, LosesWhatWasTaken, BlamesTheMessage),
    *(RaisesBareErrors, RepeatsTheAnswer, LogsTheToken, LogsWhatItVerifies, GuessesAbsence, SaysItIsWell),
)
