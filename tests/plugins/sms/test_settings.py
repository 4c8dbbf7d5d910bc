"""One settings model for four providers: which one is meant, and whose mistakes are told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from casella_sms.settings import SmsSettings
from tests.plugins.sms.builders import SETTINGS


def mistakes(settings: object) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        SmsSettings.model_validate(settings)
    return {".".join(map(str, error["loc"])) for error in caught.value.errors()}


def test_without_a_provider_it_is_twilio() -> None:
    given = {name: value for name, value in SETTINGS.items() if name != "provider"}
    assert SmsSettings.model_validate(given).root.provider == "twilio"


def test_only_the_mistakes_of_the_chosen_provider_are_told() -> None:
    assert mistakes({"provider": "telnyx", "api_key": "x"}) == {"public_key"}
    assert mistakes({"provider": "telnyx", "api_key": "x", "public_key": "bm90IDMyIGJ5dGVz"}) == {"public_key"}
    assert mistakes({"provider": "bandwidth", "account_id": "9", "webhook_password": "short"}) > {"webhook_password"}


def test_an_unknown_provider_is_named() -> None:
    assert mistakes({"provider": "sinch"}) == {"provider"}
    assert mistakes({"provider": ["twilio"]}) == {"provider"}


def test_secrets_are_sent_by_https_only() -> None:
    assert mistakes({**SETTINGS, "base_url": "http://api.twilio.com"}) == {"base_url"}


def test_it_survives_being_stored() -> None:
    settings = SmsSettings.model_validate(SETTINGS)
    assert SmsSettings.model_validate(settings).root == settings.root
