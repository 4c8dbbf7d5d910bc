"""Sending, beyond what the conformance tables show."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from casella.plugin import ChannelMisconfigured, ChannelUnreachable, ContactStopped, Refusal, SendRejected, Sent
from casella.plugin.testing import Answer, Provider
from tests.plugins.sms.builders import ACCOUNT, OURS, PLUGIN, SID, STATUS_URL, THEIRS, channel, form_of, message

POOL = "MG00112233445566778899aabbccddeeff"
TAKEN = Answer.of_json(201, {"sid": SID, "status": "queued"})


def sent(*answers: Answer, text: str = "Hello", **settings: Any) -> tuple[Sent, httpx.Request]:
    provider = Provider(answers or (TAKEN,))
    with provider.client() as http:
        outcome = PLUGIN.send(channel(**settings), message(text), http)
    (request,) = provider.requests
    return outcome, request


def health(answer: Answer) -> Refusal | None:
    with Provider((answer,)).client() as http:
        return PLUGIN.health(channel(), http)


def test_the_conversation_keeps_its_number_and_the_pool_its_rules() -> None:
    _, request = sent(messaging_service_sid=POOL)
    assert form_of(request.content) == {
        "To": [THEIRS],
        "From": [OURS],
        "MessagingServiceSid": [POOL],
        "Body": ["Hello"],
        "StatusCallback": [STATUS_URL],
    }


@pytest.mark.parametrize("text", ["é😀 & = + %", " trailing \n", "a" * 1600])
def test_the_text_arrives_as_written(text: str) -> None:
    _, request = sent(text=text)
    assert form_of(request.content)["Body"] == [text]


def test_an_api_key_is_used_instead_of_the_token() -> None:
    _, request = sent(api_key_sid="SK01", api_key_secret="the secret")
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"SK01:the secret").decode()
    assert request.url.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def test_only_the_base_url_differs_for_a_simulator() -> None:
    _, request = sent(base_url="http://127.0.0.1:9090/twilio/")
    assert str(request.url) == f"http://127.0.0.1:9090/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


def test_a_redirect_is_not_followed_with_the_credentials() -> None:
    with pytest.raises(ChannelMisconfigured) as raised:
        sent(Answer(302, headers={"location": "https://evil.example/"}))
    assert raised.value.provider_code == "http_302"


@pytest.mark.parametrize(
    ("code", "error"), [(21610, ContactStopped), (30003, ChannelUnreachable), (None, SendRejected), ("x", SendRejected)]
)
def test_a_message_failed_at_once_is_not_sent(code: object, error: type[Exception]) -> None:
    """No callback ever comes for a first status, so it would stay sent for ever."""
    with pytest.raises(error):
        sent(Answer.of_json(201, {"sid": SID, "status": "failed", "error_code": code}))


class TestHealth:
    def test_an_active_account_works(self) -> None:
        assert health(Answer.of_json(200, {"status": "active"})) is None

    @pytest.mark.parametrize("status", ["suspended", "closed"])
    def test_an_inactive_account_does_not(self, status: str) -> None:
        found = health(Answer.of_json(200, {"status": status}))
        assert found is not None
        assert found.code == "account_inactive"

    @pytest.mark.parametrize("answer", [Answer(401), Answer.of_json(404, {"code": 20404})])
    def test_wrong_credentials_are_told(self, answer: Answer) -> None:
        found = health(answer)
        assert found is not None
        assert found.code == "account_refused"

    @pytest.mark.parametrize("answer", [Answer(500), Answer.broken(httpx.ReadTimeout)])
    def test_a_provider_that_is_away_says_nothing_about_the_account(self, answer: Answer) -> None:
        with pytest.raises(ChannelUnreachable):
            health(answer)
