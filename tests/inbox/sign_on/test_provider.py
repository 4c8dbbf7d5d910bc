"""A provider that is away, slow, or not what it says it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from joserfc.jwk import RSAKey

from casella.inbox.sign_on import (
    Attempt,
    ProviderAway,
    ProviderMistaken,
    SignInRefused,
    SignInStale,
    attempt_for,
)
from casella.settings import Settings
from tests.inbox.sign_on.crooked import Answer, Crooked, as_json, crooked

ATTEMPT = Attempt.of("a key of the tests", "a seed")
DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def provider() -> Iterator[Crooked]:
    with crooked() as started:
        yield started


def begin(provider: Crooked, at: datetime | None = None) -> str:
    return provider.sign_on().address(ATTEMPT, at or datetime.now(UTC))


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "https://other.example"},
        {"issuer": None},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "//evil.example"},
        {"authorization_endpoint": "https://user:password@evil.example"},
        {"token_endpoint": "http://169.254.169.254/latest"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": "http://10.0.0.1/keys"},
        {"jwks_uri": "https://["},
        {"userinfo_endpoint": "http://127.0.0.1:1/me"},
    ],
    ids=str,
)
def test_one_that_names_itself_otherwise_or_leads_elsewhere_is_not_trusted(
    provider: Crooked, told: dict[str, object]
) -> None:
    provider.told = told
    with pytest.raises(ProviderMistaken):
        begin(provider)


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"{"),
        (200, {}, b"[]"),
        (200, {}, b"\xff"),
        (200, {}, b"[" * 100_000),
        (200, {}, b" " * 600_000),
        (302, {"location": "http://127.0.0.1:1/"}, b""),
        (404, {}, b"{}"),
        (200, {"content-encoding": "gzip"}, b"\x1f\x8b not really"),
    ],
    ids=lambda answer: f"{answer[0]} {answer[2][:12]!r}",
)
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_what_cannot_be_read_is_not_trusted(provider: Crooked, path: str, answer: Answer) -> None:
    provider.answers[path] = lambda: answer
    with pytest.raises(ProviderMistaken):
        provider.sign_in()


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_one_that_is_away_is_said_to_be(provider: Crooked, path: str, status: int) -> None:
    provider.answers[path] = lambda: as_json({}, status)
    with pytest.raises(ProviderAway):
        provider.sign_in()


def test_one_that_nobody_hears_is_away_and_left_alone_for_some_seconds(provider: Crooked) -> None:
    sign_on, now = provider.sign_on(), datetime.now(UTC)
    provider.answers[DISCOVERY] = lambda: as_json({}, 503)
    for _ in range(5):
        with pytest.raises(ProviderAway):
            sign_on.address(ATTEMPT, now)
    assert provider.asked.count(DISCOVERY) == 1
    del provider.answers[DISCOVERY]
    assert sign_on.address(ATTEMPT, now + timedelta(seconds=6))
    for _ in range(5):
        sign_on.address(ATTEMPT, now + timedelta(minutes=20))
    assert provider.asked.count(DISCOVERY) == 2
    sign_on.address(ATTEMPT, now + timedelta(minutes=40))
    assert provider.asked.count(DISCOVERY) == 3


def test_one_that_is_slow_is_left(provider: Crooked) -> None:
    stop = threading.Event()

    def slow() -> Answer:
        stop.wait(3)
        return as_json({})

    provider.answers[DISCOVERY] = slow
    began = time.monotonic()
    with pytest.raises(ProviderAway):
        provider.sign_on(0.3).address(ATTEMPT, datetime.now(UTC))
    stop.set()
    assert time.monotonic() - began < 2


def test_without_https_only_where_the_operator_lists_it(provider: Crooked) -> None:
    with pytest.raises(ProviderMistaken):
        provider.sign_on(private_hosts="").address(ATTEMPT, datetime.now(UTC))
    assert provider.asked == []


def test_a_code_is_redeemed_with_its_verifier_and_the_secret_in_the_head(provider: Crooked) -> None:
    provider.sign_in()
    form = parse_qs(provider.forms[0])
    assert form["grant_type"] == ["authorization_code"]
    assert form["code"] == ["a code"]
    assert len(form["code_verifier"][0]) == 43
    assert "client_secret" not in form


@pytest.mark.parametrize(
    ("error", "status", "raised"),
    [
        ("invalid_grant", 400, SignInStale),
        ("invalid_client", 401, ProviderMistaken),
        ("invalid_request", 400, ProviderMistaken),
        (None, 400, ProviderMistaken),
        ({"a": 1}, 400, ProviderMistaken),
    ],
)
def test_who_has_to_do_something_about_a_refusal_is_told(
    provider: Crooked, error: object, status: int, raised: type[Exception]
) -> None:
    provider.answers["/token"] = lambda: as_json({"error": error}, status)
    with pytest.raises(raised):
        provider.sign_in()


@pytest.mark.parametrize("error", ["access_denied", "login_required", "server_error", "", "x" * 500])
def test_a_refusal_at_the_provider_is_one(provider: Crooked, error: str) -> None:
    with pytest.raises(SignInRefused):
        provider.sign_in(error=error)
    assert provider.forms == []


def test_no_code_is_no_answer_and_another_providers_is_never_given_away(provider: Crooked) -> None:
    with pytest.raises(SignInStale):
        provider.sign_in(code="")
    with pytest.raises(SignInStale):
        provider.sign_in(iss="https://other.example")
    provider.told = {"authorization_response_iss_parameter_supported": True}
    with pytest.raises(SignInStale):
        provider.sign_in()
    assert provider.forms == []


def test_an_address_with_a_query_keeps_it(provider: Crooked) -> None:
    provider.told = {"authorization_endpoint": f"{provider.issuer}/authorize?tenant=a"}
    assert begin(provider).startswith(f"{provider.issuer}/authorize?tenant=a&response_type=code&")


def test_a_key_that_the_provider_changed_is_found_after_a_while(provider: Crooked) -> None:
    sign_on = provider.sign_on()
    provider.sign_in(sign_on)
    provider.signing = RSAKey.generate_key(2048, {"kid": "two"})
    provider.header = {"alg": "RS256", "kid": "two"}
    provider.keys = [provider.signing.as_dict(private=False)]
    attempt = Attempt.of("a key of the tests", "another")
    provider.nonce = attempt.nonce
    found = sign_on.identify(attempt, {"code": "c"}, datetime.now(UTC) + timedelta(seconds=30))
    assert found.email == "ann@casella.test"


def test_an_attempt_is_found_by_its_state_under_every_key() -> None:
    """Keys may be rotated between the way there and the way back."""
    first, second = Attempt.of("old key of the house", "one"), Attempt.of("old key of the house", "two")
    assert len({first.state, first.nonce, first.verifier, first.digest, second.state, second.digest}) == 6
    keys = ["new key of the house", "old key of the house"]
    assert attempt_for(keys, ["one", "two"], second.state) == ("two", second)
    assert attempt_for(keys[:1], ["one", "two"], second.state) is None
    assert attempt_for(keys, ["one"], second.state) is None
    assert attempt_for(keys, ["one", "two"], "\ud800") is None


@pytest.mark.parametrize(
    "issuer", ["accounts.example", "ftp://a.example", "https://", "https://a@b.example", "https://a.example?x=1"]
)
def test_an_issuer_that_can_be_none_is_said_at_the_start(issuer: str) -> None:
    with pytest.raises(ValueError, match="must be https"):
        Settings(oidc_issuer=issuer)


def test_what_is_asked_for_contains_the_address() -> None:
    with pytest.raises(ValueError, match="must contain openid and email"):
        Settings(oidc_scopes="openid profile")
