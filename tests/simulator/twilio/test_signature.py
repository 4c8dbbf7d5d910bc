"""The signature, against the vectors of the channel notes and Twilio's own validator."""

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from casella_simulator.twilio.signature import body_digest, signature, signed_text, with_port, with_query

TOKEN = "3f9c1d7be02a4468915dc07be4a1f2d8"
URL = "https://hooks.inbox.test/webhooks/twilio/sms-1/inbound?tenant=blue&x=%20a"
FORM = {
    "MessageSid": "MM0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "AccountSid": "AC00112233445566778899aabbccddeeff",
    "From": "+12025550143",
    "To": "+12025550178",
    "Body": "",
    "NumMedia": "1",
    "MediaUrl0": "https://api.twilio.com/m/1",
    "MediaContentType0": "image/jpeg",
    "aLower": "z",
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_the_form_vector() -> None:
    assert signature(TOKEN, signed_text(URL, FORM)) == "/z3cijt4tJgmhG9CEy1fC2/iKks="
    sha256 = signature(TOKEN, signed_text(URL, FORM), "HMAC_SHA256")
    assert sha256 == "BMl4amJb6p9yKAKQ9sJmOzA4pohe+kDqJB6MKnwm7cg="


def test_the_json_vector() -> None:
    body = b'{"a":1}'
    url = with_query("https://hooks.inbox.test/webhooks/twilio/json", f"bodySHA256={body_digest(body)}")
    assert url.endswith("?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862")
    signed = signature(TOKEN, signed_text(url))
    assert signed == "1qOEtwo1uwcZRqt6Il4OgBO1OGk="
    assert RequestValidator(TOKEN).validate(url, body.decode(), signed)


@given(st.dictionaries(TEXT, TEXT, max_size=12), TEXT.filter(bool))
def test_twilios_own_validator_agrees_on_any_form(form: dict[str, str], token: str) -> None:
    url = "https://hooks.inbox.test/webhooks/sms?tenant=blue&x=%20a"
    assert RequestValidator(token).validate(url, form, signature(token, signed_text(url, form)))


@given(st.dictionaries(TEXT, TEXT, max_size=6), TEXT)
def test_twilios_own_validator_refuses_another_secret(form: dict[str, str], value: str) -> None:
    signed = signature(TOKEN, signed_text(URL, form))
    assert not RequestValidator("another").validate(URL, form, signed)
    assert not RequestValidator(TOKEN).validate(URL, {**form, "Extra": f"{value}x"}, signed)


@given(st.dictionaries(TEXT, TEXT, max_size=6), TEXT)
def test_a_query_is_added_and_nothing_else_is_touched(form: dict[str, str], value: str) -> None:
    added = urlencode({"k": value})
    assert with_query(URL, added) == f"{URL}&{added}"
    assert with_query("http://a/b", added) == f"http://a/b?{added}"
    assert json.loads(json.dumps(form)) == form


@pytest.mark.parametrize(
    ("url", "added", "removed"),
    [
        ("https://a.test/x?y=1", "https://a.test:443/x?y=1", "https://a.test/x?y=1"),
        ("http://a.test/x", "http://a.test:80/x", "http://a.test/x"),
        ("https://a.test:8443/x", "https://a.test:8443/x", "https://a.test/x"),
        ("http://http:8000/http:8000", "http://http:8000/http:8000", "http://http/http:8000"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x", "https://[::1]/x"),
        ("https://[::1]/x", "https://[::1]:443/x", "https://[::1]/x"),
        ("https://u:p@a.test/x", "https://u:p@a.test:443/x", "https://u:p@a.test/x"),
    ],
)
def test_the_three_habits_with_ports(url: str, added: str, removed: str) -> None:
    assert with_port(url, "as_written") == url
    assert with_port(url, "added") == added
    assert with_port(url, "removed") == removed


@pytest.mark.parametrize("habit", ["as_written", "added", "removed"])
def test_twilios_own_validator_takes_a_default_port_in_every_habit(habit: str) -> None:
    signed_url = {"as_written": URL, "added": with_port(URL, "added"), "removed": with_port(URL, "removed")}[habit]
    assert RequestValidator(TOKEN).validate(URL, FORM, signature(TOKEN, signed_text(signed_url, FORM)))
