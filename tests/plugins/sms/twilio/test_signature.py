"""X-Twilio-Signature, against the published vectors and against Twilio's own library."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from casella.plugin import Webhook
from casella_sms.form import parse_form
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.twilio.signature import body_hash_matches, sign, signature_problem, url_variants
from tests.plugins.sms import builders
from tests.plugins.sms.builders import ACCOUNT, TOKEN, MultiValued, signature_of

VECTOR_URL = "https://hooks.inbox.test/webhooks/twilio/sms-1/inbound?tenant=blue&x=%20a"
VECTOR = {
    "MessageSid": "MM0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "AccountSid": ACCOUNT,
    "From": "+12025550143",
    "To": "+12025550178",
    "Body": "",
    "NumMedia": "1",
    "MediaUrl0": "https://api.twilio.com/m/1",
    "MediaContentType0": "image/jpeg",
    "aLower": "z",
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
pairs = st.lists(st.tuples(texts.filter(bool), texts), max_size=12)
hosts = st.sampled_from(["desk.example", "Desk.Example", "127.0.0.1", "a-b.example"])
ports = st.sampled_from(["", ":443", ":80", ":8443"])
paths = st.sampled_from(["", "/", "/webhooks/sms", "/we%20b", "/w:8443/x", "/x?tenant=blue&x=%20a", "/x?a=b:443"])
urls = st.builds("{}://{}{}{}".format, st.sampled_from(["http", "https"]), hosts, ports, paths)


def signed(url: str, fields: dict[str, str], algorithm: str = "sha1") -> str:
    return sign(TOKEN.encode(), url, parse_form(urlencode(fields).encode()), algorithm).decode()


def test_the_published_vectors() -> None:
    assert signed(VECTOR_URL, VECTOR) == "/z3cijt4tJgmhG9CEy1fC2/iKks="
    assert signed(VECTOR_URL, VECTOR, "sha256") == "BMl4amJb6p9yKAKQ9sJmOzA4pohe+kDqJB6MKnwm7cg="


def test_the_published_vector_of_json() -> None:
    digest = hashlib.sha256(b'{"a":1}').hexdigest()
    url = f"https://hooks.inbox.test/webhooks/twilio/json?bodySHA256={digest}"
    assert signed(url, {}) == "1qOEtwo1uwcZRqt6Il4OgBO1OGk="


@given(urls, pairs, st.sampled_from([("sha1", "HMAC_SHA1"), ("sha256", "HMAC_SHA256")]))
def test_every_signature_is_the_one_twilios_library_computes(
    url: str, params: list[tuple[str, str]], algorithms: tuple[str, str]
) -> None:
    ours, theirs = algorithms
    body = urlencode(params).encode()
    # What the library is given is what any framework would decode from the same body.
    decoded = parse_qsl(body.decode(), keep_blank_values=True)
    assert sign(TOKEN.encode(), url, parse_form(body), ours).decode() == signature_of(url, decoded, TOKEN, theirs)


@given(urls, pairs)
def test_every_url_variant_of_twilios_library_is_accepted_and_no_other(url: str, params: list[tuple[str, str]]) -> None:
    """The library says yes to a signature exactly when one of our variants has it."""
    assume("?" not in url or url.partition("?")[2])
    fields = parse_form(urlencode(params).encode())
    values = MultiValued()
    for name, value in params:
        values.setdefault(name, []).append(value)
    validator = RequestValidator(TOKEN)
    for candidate in {url, *url_variants(url), url.replace(":8443", ""), url + "x"}:
        signature = sign(TOKEN.encode(), candidate, fields).decode()
        ours = signature in {sign(TOKEN.encode(), variant, fields).decode() for variant in url_variants(url)}
        assert ours == validator.validate(url, values, signature), candidate


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://desk.example/x", "https://desk.example:443/x"),
        ("http://desk.example/x", "http://desk.example:80/x"),
        ("https://desk.example:8443/x?a=%20b", "https://desk.example/x?a=%20b"),
        ("https://Desk.Example", "https://Desk.Example:443"),
        ("https://desk.example?a=b:1", "https://desk.example:443?a=b:1"),
        ("https://[::1]/x", "https://[::1]:443/x"),
        ("https://[::1]:8443/x", "https://[::1]/x"),
    ],
)
def test_the_other_form_of_a_url(url: str, other: str) -> None:
    assert list(url_variants(url)) == [url, other]


@given(st.text())
def test_url_variants_take_any_text(url: str) -> None:
    assert next(iter(url_variants(url))) == url
    assert len(list(url_variants(url))) == 2


def test_the_body_hash_must_stand_once_and_match() -> None:
    digest = hashlib.sha256(b"body").hexdigest().encode()
    assert body_hash_matches([(b"bodySHA256", digest)], b"body")
    assert not body_hash_matches([(b"bodySHA256", digest)], b"Body")
    assert not body_hash_matches([(b"bodySHA256", digest.upper())], b"body")
    assert not body_hash_matches([(b"bodySHA256", digest), (b"bodySHA256", b"x")], b"body")
    assert not body_hash_matches([], b"body")


@pytest.mark.parametrize("name", [b"Bo=dy", b"Body&From", b"="])
def test_names_that_can_be_read_as_two_parameters_are_refused_though_signed(name: bytes) -> None:
    """issue 17.14: names and values are joined without anything between them."""
    fields = [(name, b"x"), (b"To", b"+1")]
    signature = sign(builders.TOKEN.encode(), builders.URL, fields)
    webhook = Webhook("POST", builders.URL, "", {"x-twilio-signature": signature.decode()}, b"", builders.NOON)
    assert (
        signature_problem(TwilioSettings.model_validate(builders.SETTINGS), webhook, fields) == "ambiguous_parameters"
    )
