"""What an ID token has to prove, and every way not to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from casella.inbox.sign_on import EmailUnverified, Identity, ProviderMistaken
from tests.inbox.sign_on.crooked import CLIENT, KEY, Crooked, as_json, crooked

NOW = int(time.time())
OTHER = RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture
def provider() -> Iterator[Crooked]:
    with crooked() as started:
        yield started


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def half_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def test_a_true_token_says_who_it_is(provider: Crooked) -> None:
    provider.claims = {"amr": ["pwd", "otp", 7], "at_hash": half_hash("an access token")}
    assert provider.sign_in() == Identity("ann@casella.test", frozenset({"pwd", "otp"}))


def _named(value: object) -> str:
    """In a test's name: a moment by its distance from now, so that each process that runs tests calls it the same."""
    near = isinstance(value, int) and abs(value - NOW) < 1_000_000
    return f"now{value - NOW:+}" if near and isinstance(value, int) else str(value)[:20]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": []},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"azp": None},
        {"nonce": "another"},
        {"nonce": ""},
        {"nonce": None},
        {"nonce": 7},
        {"sub": ""},
        {"sub": None},
        {"exp": NOW - 120},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": True},
        {"exp": "tomorrow"},
        {"exp": 10**400},
        {"iat": NOW + 3600},
        {"iat": NOW - 3600},
        {"nbf": NOW + 3600},
        {"nbf": "x"},
        {"at_hash": half_hash("of another")},
        {"at_hash": 7},
    ],
    ids=lambda claims: ",".join(f"{name}={_named(value)}" for name, value in claims.items()),
)
def test_one_that_is_not_of_this_sign_in_is_refused(provider: Crooked, claims: dict[str, object]) -> None:
    provider.claims = claims
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "nonce", "iat", "exp"])
def test_nothing_that_counts_may_be_missing(provider: Crooked, name: str) -> None:
    provider.without = (name,)
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


def none(header: dict[str, object]) -> Callable[[str], str]:
    def forged(made: str) -> str:
        return ".".join([part(header), made.split(".")[1], ""])

    return forged


def hashed(secret: bytes) -> Callable[[str], str]:
    """HS256 by hand: no library takes such a secret."""

    def forged(made: str) -> str:
        signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{made.split('.')[1]}"
        signature = hmac.digest(secret, signed.encode(), "sha256")
        return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    return forged


def changed(made: str) -> str:
    head, claims, signature = made.split(".")
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return ".".join([head, part({**told, "email": "dora@casella.test"}), signature])


@pytest.mark.parametrize(
    "forged",
    [
        none({"alg": "none"}),
        none({"alg": "None", "kid": "one"}),
        none({"alg": "nOnE"}),
        none({}),
        none({"alg": 7}),
        hashed(KEY.as_pem(private=False)),
        hashed(b"a secret: of & signs"),
        changed,
        lambda made: made[:-6] + "AAAAAA",
        lambda made: made.rsplit(".", 1)[0] + ".",
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "é" * 50,
        lambda made: made + "." + made,
        lambda made: ".".join([part({"alg": "RS256", "kid": "one", "crit": ["x"], "x": 1}), *made.split(".")[1:]]),
    ],
)
def test_a_forged_one_is_refused(provider: Crooked, forged: Callable[[str], str]) -> None:
    provider.token = forged
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


def test_a_key_in_the_token_itself_counts_for_nothing(provider: Crooked) -> None:
    provider.signing = OTHER
    provider.header = {"alg": "RS256", "kid": "one", "jwk": OTHER.as_dict(private=False)}
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


def test_a_key_for_something_else_counts_for_nothing(provider: Crooked) -> None:
    for meant in ({"use": "enc"}, {"use": "sig", "alg": "RS512"}, {"kid": "another"}):
        provider.keys = [{**KEY.as_dict(private=False), **meant}]
        with pytest.raises(ProviderMistaken):
            provider.sign_in()


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_key_counts_for_nothing(provider: Crooked) -> None:
    provider.signing = RSAKey.generate_key(1024, {"kid": "one"})
    provider.keys = [provider.signing.as_dict(private=False)]
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("PS256", KEY),
        ("RS512", KEY),
        ("ES256", ECKey.generate_key("P-256", {"kid": "one"})),
        ("ES384", ECKey.generate_key("P-384", {"kid": "one"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "one"})),
    ],
)
def test_every_algorithm_of_two_keys_will_do(provider: Crooked, algorithm: str, key: RSAKey | ECKey | OKPKey) -> None:
    provider.signing, provider.header = key, {"alg": algorithm, "kid": "one"}
    provider.keys = [{"kty": "AKP", "alg": "ML-DSA-44"}, {"kty": 7}, {}, key.as_dict(private=False)]
    assert provider.sign_in().email == "ann@casella.test"


def test_without_a_name_every_key_is_tried_and_a_new_one_is_asked_for(provider: Crooked) -> None:
    provider.header = {"alg": "RS256"}
    other: dict[str, Any] = OTHER.as_dict(private=False)
    provider.keys = [other, {**KEY.as_dict(private=False), "use": "sig"}]
    sign_on = provider.sign_on()
    assert provider.sign_in(sign_on).email == "ann@casella.test"
    provider.signing = RSAKey.generate_key(2048, {"kid": "two"})
    provider.header = {"alg": "RS256", "kid": "two"}
    provider.keys = [provider.signing.as_dict(private=False)]
    with pytest.raises(ProviderMistaken):
        provider.sign_in(sign_on)  # asked a moment ago: nobody makes us ask for keys again and again
    assert provider.asked.count("/keys") == 1


@pytest.mark.parametrize("verified", [False, None, 1, "yes", "false", "True", ["true"], "missing"])
def test_an_address_that_nobody_vouches_for_is_none(provider: Crooked, verified: object) -> None:
    provider.claims = {"email_verified": verified}
    provider.without = ("email_verified",) if verified == "missing" else ()
    with pytest.raises(EmailUnverified):
        provider.sign_in()


@pytest.mark.parametrize("verified", [True, "true"])
def test_the_truth_may_be_a_word(provider: Crooked, verified: object) -> None:
    provider.claims = {"email_verified": verified}
    assert provider.sign_in().email == "ann@casella.test"


def test_the_door_beside_must_speak_of_the_same_person(provider: Crooked) -> None:
    provider.without = ("email", "email_verified")
    assert provider.sign_in().email == "ann@casella.test"
    provider.answers["/me"] = lambda: as_json({"sub": "bob", "email": "bob@casella.test", "email_verified": True})
    with pytest.raises(ProviderMistaken):
        provider.sign_in()
    provider.answers["/me"] = lambda: as_json({"sub": "ann"})
    with pytest.raises(EmailUnverified):
        provider.sign_in()
