"""Connection overrides in a webhook URL, and the variants of signing."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from casella_simulator.network.courier import RetryPolicy
from casella_simulator.twilio.account import SharedKey, Signing, TwilioAccount
from casella_simulator.twilio.signature import signature, signed_text
from casella_simulator.twilio.webhooks import retry_policy, signer
from tests.simulator.desk import SECOND_TOKEN, SID, TOKEN

URL = "https://hooks.inbox.test/sms?x=%20a"
FORM = {"Body": "", "From": "+12025550143", "Text": "città 👋"}


def account(**signing: object) -> TwilioAccount:
    fields = {
        "sid": SID,
        "auth_token": TOKEN,
        "secondary_token": SECOND_TOKEN,
        "signing": Signing.model_validate(signing),
    }
    return TwilioAccount.model_validate(fields)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("", RetryPolicy(retries=1, on=frozenset({"ct"}), connect_seconds=5, read_seconds=15)),
        ("#rc=3&rp=5xx,rt", RetryPolicy(retries=3, on=frozenset({"5xx", "rt"}), connect_seconds=5, read_seconds=15)),
        ("#rp=all&rc=0", RetryPolicy(retries=0, on=frozenset({"4xx", "5xx", "ct", "rt"}), connect_seconds=5)),
        ("#ct=2000&rt=5000&tt=9000", RetryPolicy(connect_seconds=2, read_seconds=5, total_seconds=9)),
        ("#rc=99&rt=99999&rp=what", RetryPolicy(retries=5, on=frozenset(), connect_seconds=5, read_seconds=15)),
        ("#rc=-1&tt=x", RetryPolicy(connect_seconds=5)),
    ],
)
def test_connection_overrides(fragment: str, expected: RetryPolicy) -> None:
    assert retry_policy(URL + fragment) == expected


@given(st.text(max_size=60))
def test_no_fragment_breaks_the_policy(fragment: str) -> None:
    policy = retry_policy(f"{URL}#{fragment}")
    assert 0 <= policy.retries <= 5
    assert policy.total_seconds <= 15


def test_a_form_is_signed_with_the_token_of_the_moment() -> None:
    for sign_with, token in (("primary", TOKEN), ("secondary", SECOND_TOKEN)):
        request = signer(account(sign_with=sign_with))(f"{URL}#rc=3", FORM, True)
        assert request.url == URL
        assert dict(parse_qsl(request.content.decode(), keep_blank_values=True)) == FORM
        assert RequestValidator(token).validate(URL, FORM, request.headers["X-Twilio-Signature"])


def test_a_get_webhook_carries_everything_in_the_signed_url() -> None:
    request = signer(account(), "GET")(URL, FORM, True)
    assert (request.method, request.content) == ("GET", b"")
    assert request.url.startswith(f"{URL}&Body=&From=%2B1202")
    assert RequestValidator(TOKEN).validate(request.url, {}, request.headers["X-Twilio-Signature"])


def test_a_json_webhook_signs_the_url_with_the_digest_of_its_body() -> None:
    request = signer(account(body="json"))(URL, FORM, True)
    assert json.loads(request.content) == FORM
    assert request.headers["Content-Type"] == "application/json"
    assert "bodySHA256=" in urlsplit(request.url).query
    validator = RequestValidator(TOKEN)
    assert validator.validate(request.url, request.content.decode(), request.headers["X-Twilio-Signature"])
    assert not validator.validate(request.url, request.content.decode() + " ", request.headers["X-Twilio-Signature"])


def test_a_shared_key_signs_with_sha256_and_says_so() -> None:
    key = SharedKey.model_validate({"id": "KY1", "secret": "shared"})
    request = signer(account(shared_key=key))(URL, FORM, True)
    assert request.headers["X-Twilio-Webhooks-Signature-Settings"] == "key=KY1,algorithm=HMAC_SHA256"
    assert request.headers["X-Twilio-Signature"] == signature("shared", signed_text(URL, FORM), "HMAC_SHA256")


def test_a_bad_signature_looks_like_one_but_is_none() -> None:
    good, bad = (signer(account())(URL, FORM, well).headers["X-Twilio-Signature"] for well in (True, False))
    assert len(bad) == len(good)
    assert not RequestValidator(TOKEN).validate(URL, FORM, bad)


def test_retries_of_one_webhook_share_their_idempotency_token_and_other_webhooks_do_not() -> None:
    sign, other = signer(account()), signer(account())
    tokens = [sign(url, FORM, True).headers["I-Twilio-Idempotency-Token"] for url in (URL, "https://fallback.test/")]
    assert tokens[0] == tokens[1] != other(URL, FORM, True).headers["I-Twilio-Idempotency-Token"]
