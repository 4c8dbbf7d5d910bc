"""The settings of a Twilio account: what is refused, and what is never shown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from casella_sms.settings import SmsSettings
from casella_sms.twilio.settings import TwilioSettings
from tests.plugins.sms.builders import SETTINGS, TOKEN


def settings(**changes: object) -> SmsSettings:
    return SmsSettings.model_validate({**SETTINGS, **changes})


def test_only_the_account_and_its_token_are_needed() -> None:
    root = settings().root
    assert isinstance(root, TwilioSettings)
    assert (root.base_url, root.signed_by) == ("https://api.twilio.com", "auth_token")
    assert root.credentials[1] == TOKEN


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "acme"},
        {"account_sid": "../../other"},
        {"account_sid": "AC1\n"},
        {"auth_token": ""},
        {"secondary_auth_token": ""},
        {"api_key_sid": "SK01"},
        {"api_key_secret": "x"},
        {"messaging_service_sid": "AC01"},
        {"webhook_signature": "shared_key"},
        {"webhook_signature": "either"},
        {"webhook_signature": "none"},
        {"shared_keys": {"key-1": ""}},
        {"base_url": "http://api.twilio.com"},
        {"base_url": "https://user:pass@api.twilio.com"},
        {"base_url": "https://api.twilio.com?x=1"},
        {"base_url": "https://"},
        {"base_url": "ftp://localhost"},
        {"base_url": "api.twilio.com"},
        {"auth_tokn": "x"},
        {"keywords": {"halt": []}},
    ],
)
def test_what_cannot_work_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(**changes)


@pytest.mark.parametrize(
    "url", ["https://api.dublin.ie1.twilio.com", "http://127.0.0.1:9090", "http://[::1]:9090", "http://simulator:80"]
)
def test_other_addresses_of_twilio_are_taken(url: str) -> None:
    assert settings(base_url=f"{url}/").root.base_url == url


def test_secrets_are_never_shown() -> None:
    secret = {"secondary_auth_token": "second-4711", "shared_keys": {"key-1": "third-4711"}}
    shown = settings(**secret, api_key_sid="SK01", api_key_secret="fourth-4711")
    for text in (repr(shown), str(shown), shown.model_dump_json(), repr(shown.model_dump())):
        assert TOKEN not in text
        assert "4711" not in text


def test_a_refusal_does_not_repeat_the_secret() -> None:
    with pytest.raises(ValidationError) as raised:
        settings(api_key_secret="fourth-4711", webhook_signature="none")
    assert "fourth-4711" not in str(raised.value)


def test_the_model_says_its_form() -> None:
    assert "account_sid" in str(SmsSettings.model_json_schema())
