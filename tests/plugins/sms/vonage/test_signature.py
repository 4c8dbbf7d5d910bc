"""Vonage's two signatures: age, algorithms, and what Vonage's own library makes of them."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vonage_http_client.auth import Auth
from vonage_jwt import verify_signature

from casella_sms.vonage.signature import sign_parameters
from tests.plugins.sms.builders import PLUGIN
from tests.plugins.sms.vonage.builders import (
    KEY,
    NOON,
    SIGNATURE_SECRET,
    Method,
    connection,
    form_webhook,
    get_webhook,
    inbound,
    json_webhook,
    message,
    plain_md5,
    signed,
    token,
    token_webhook,
)

METHODS: tuple[Method, ...] = ("md5", "sha1", "sha256", "sha512")


@pytest.mark.parametrize("method", METHODS)
@given(fields=st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6))
def test_the_signature_is_that_of_vonages_library(method: Method, fields: dict[str, str]) -> None:
    complete = {**fields, "timestamp": "1795348800"}
    complete.pop("sig", None)
    auth = Auth(api_key=KEY, signature_secret=SIGNATURE_SECRET, signature_method=method)
    sig = sign_parameters(complete, SIGNATURE_SECRET.encode(), method)
    assert auth.check_signature({**complete, "sig": sig})


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_taken_if_it_is_the_accounts(method: Method) -> None:
    fields = signed(inbound(text="a&b=c é"), method=method)
    assert PLUGIN.verify(connection(signature_method=method), form_webhook(fields)).outcome == "authentic"
    other = "sha1" if method == "sha512" else "sha512"
    assert PLUGIN.verify(connection(signature_method=other), form_webhook(fields)).reason == "bad_signature"


def test_the_plain_hash_of_older_accounts() -> None:
    fields = plain_md5(inbound(text="a&b=c é"))
    assert PLUGIN.verify(connection(signature_method="md5hash"), get_webhook(fields)).outcome == "authentic"


def test_the_parameters_may_be_json() -> None:
    fields = signed(inbound())
    assert PLUGIN.verify(connection(), json_webhook(fields)).outcome == "authentic"


@pytest.mark.parametrize(("seconds", "reason"), [(-299, ""), (-301, "stale_signature"), (301, "stale_signature")])
def test_an_old_signature_is_a_replay(seconds: int, reason: str) -> None:
    at = NOON + timedelta(seconds=seconds)
    assert PLUGIN.verify(connection(), form_webhook(signed(inbound(), at=at))).reason == reason
    assert PLUGIN.verify(connection(), token_webhook(message(), iat=int(at.timestamp()))).reason == reason
    assert PLUGIN.verify(connection(signature_age=400), form_webhook(signed(inbound(), at=at))).reason == ""


def test_vonages_library_takes_the_tokens_of_these_tests() -> None:
    header = token(b"{}")["authorization"].removeprefix("Bearer ")
    assert verify_signature(header, SIGNATURE_SECRET)
    assert not verify_signature(header, "another-secret" * 5)


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, ""),
        ({"payload_hash": sha256(b"other").hexdigest()}, "bad_body_hash"),
        ({"payload_hash": None}, "bad_body_hash"),
        ({"payload_hash": 7}, "bad_body_hash"),
        ({"payload_hash": "é"}, "bad_body_hash"),
        ({"api_key": "somebody"}, "another_account"),
        ({"iat": None}, "bad_timestamp"),
        ({"iat": True}, "bad_timestamp"),
        ({"iat": "soon"}, "bad_timestamp"),
    ],
)
def test_what_the_token_says_is_held_to(claims: dict[str, Any], reason: str) -> None:
    assert PLUGIN.verify(connection(), token_webhook(message(), **claims)).reason == reason


def test_the_algorithm_is_not_the_tokens_to_choose() -> None:
    body = orjson.dumps(message())
    none = "eyJhbGciOiJub25lIn0." + token(body)["authorization"].split(".")[1] + "."
    for header in (token(body, algorithm="HS512"), {"authorization": f"Bearer {none}"}, {"authorization": "Bearer "}):
        assert PLUGIN.verify(connection(), json_webhook(message(), header)).reason == "bad_signature"
