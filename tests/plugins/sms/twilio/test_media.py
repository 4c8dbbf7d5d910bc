"""Where attachments are fetched, and who sees the credentials."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from casella.plugin import MediaRef, MediaRequest, MediaUnavailable
from casella.plugin.testing import Provider
from tests.plugins.sms.builders import ACCOUNT, PLUGIN, TOKEN, channel

AT_TWILIO = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/MM1/Media/ME1"


def located(url: str, **settings: Any) -> MediaRequest:
    with Provider(()).client() as http:
        return PLUGIN.locate_media(channel(**settings), MediaRef(ref=url), http)


def test_credentials_go_to_twilio_and_nowhere_it_redirects_to() -> None:
    request = located(AT_TWILIO)
    assert request.url == AT_TWILIO
    assert request.headers == {"authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    assert set(request.credential_hosts) == {"*.twilio.com", "api.twilio.com"}
    assert {"*.twiliocdn.com", "s3-external-1.amazonaws.com"} <= set(request.allowed_hosts)
    assert request.retry_missing


def test_a_simulator_takes_twilios_place() -> None:
    request = located("http://127.0.0.1:9090/media/1", base_url="http://127.0.0.1:9090", media_hosts=())
    assert set(request.allowed_hosts) == {"*.twilio.com", "127.0.0.1"}
    assert "127.0.0.1" in request.credential_hosts


def test_an_api_key_fetches_too() -> None:
    request = located(AT_TWILIO, api_key_sid="SK01", api_key_secret="the secret")
    assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")) == b"SK01:the secret"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://api.twilio.com/m/1",
        "https://api.twilio.com:8443/m/1",
        "https://user:pass@api.twilio.com/m/1",
        "https://api.twilio.com@evil.example/m/1",
        "https://twilio.com.evil.example/m/1",
        "https://eviltwilio.com/m/1",
        "https://media.twiliocdn.com/m/1",
        "http://169.254.169.254/latest",
        "http://127.0.0.1:9090/media/1",
        "https://[::1/x",
        "https://api.twilio.com:port/x",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_is_fetched(url: str) -> None:
    with pytest.raises(MediaUnavailable) as raised:
        located(url)
    assert not raised.value.retryable
