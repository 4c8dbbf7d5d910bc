"""Which requests are authentic, and which answer the others get (the pitfalls of channels.md §1.3)."""

from __future__ import annotations

import dataclasses
import hashlib

import pytest

from casella.plugin import Unsupported, Webhook
from casella.plugin.testing import with_body, with_headers, without_headers
from casella_sms.twilio.signature import SETTINGS_HEADER, SIGNATURE_HEADER
from tests.plugins.sms.builders import (
    INBOUND,
    NOON,
    OURS,
    PLUGIN,
    SID,
    STATUS,
    THEIRS,
    TOKEN,
    URL,
    connection,
    form_webhook,
    get_webhook,
    signature_of,
)

SHARED = {"shared_keys": {"key-1": "shared secret"}}


def answer(webhook: Webhook, **settings: object) -> tuple[int, str]:
    """Status and reason of the verdict; (200, "") for an authentic request."""
    verdict = PLUGIN.verify(connection(**settings), webhook)
    return (verdict.answer.status, verdict.reason) if verdict.answer else (200, "")


def json_webhook(body: bytes, hashed: bytes | None = None, content_type: str = "application/json") -> Webhook:
    query = f"bodySHA256={hashlib.sha256(body if hashed is None else hashed).hexdigest()}"
    url = f"{URL}?{query}"
    headers = {"content-type": content_type, SIGNATURE_HEADER: signature_of(url, [])}
    return Webhook("POST", url, query, headers, body, NOON)


def shared_key_webhook(key: str = "key-1", algorithm: str = "HMAC_SHA256", secret: str = "shared secret") -> Webhook:
    signature = signature_of(URL, list(INBOUND.items()), secret, "HMAC_SHA256")
    headers = {SIGNATURE_HEADER: signature, SETTINGS_HEADER: f"key={key},algorithm={algorithm}"}
    return with_headers(form_webhook(INBOUND), headers)


@pytest.mark.parametrize(
    "fields",
    [
        INBOUND,
        {**INBOUND, "Body": ""},
        {**INBOUND, "Body": "  trailing  \n"},
        {**INBOUND, "Body": "Grüße 😀 & = % +"},
        {**INBOUND, "aLower": "z", "MediaUrl10": "b", "MediaUrl2": "a"},
        [*INBOUND.items(), ("Extra", "2"), ("Extra", "1"), ("Extra", "2")],
        STATUS,
    ],
    ids=["text", "blank body", "whitespace", "not ASCII", "order", "repeated", "status"],
)
def test_what_twilio_signed_is_authentic(fields: dict[str, str]) -> None:
    assert answer(form_webhook(fields)) == (200, "")


@pytest.mark.parametrize(
    ("url", "signed_url"),
    [
        (URL, URL.replace("example/", "example:443/")),
        (URL.replace("example/", "example:8443/"), URL),
        (URL.replace("example/", "example:8443/"), URL.replace("example/", "example:8443/")),
        (f"{URL}?tenant=blue&x=%20a", f"{URL}?tenant=blue&x=%20a"),
    ],
)
def test_the_port_may_be_there_or_not(url: str, signed_url: str) -> None:
    assert answer(form_webhook(INBOUND, url=url, signed_url=signed_url)) == (200, "")


@pytest.mark.parametrize(
    ("url", "signed_url"),
    [
        (URL, URL.replace("example/", "example:8443/")),
        (f"{URL}?x=%20a", f"{URL}?x= a"),
        (f"{URL}?x=%2f", f"{URL}?x=%2F"),
        (URL, URL.upper()),
        (URL, f"{URL}/"),
        (URL, URL.replace("https", "http")),
    ],
)
def test_everything_else_of_the_url_is_byte_for_byte(url: str, signed_url: str) -> None:
    assert answer(form_webhook(INBOUND, url=url, signed_url=signed_url)) == (403, "bad_signature")


def test_a_dropped_blank_value_breaks_the_signature() -> None:
    webhook = form_webhook({**INBOUND, "Body": ""})
    assert answer(with_body(webhook, webhook.body.replace(b"Body=&", b"Body&"))) == (200, "")
    assert answer(with_body(webhook, webhook.body.replace(b"Body=&", b""))) == (403, "bad_signature")


def test_the_secondary_token_counts_during_rotation_only() -> None:
    webhook = form_webhook(INBOUND, secret="the old token")
    assert answer(webhook, secondary_auth_token="the old token") == (200, "")
    assert answer(form_webhook(INBOUND), secondary_auth_token="the old token") == (200, "")
    assert answer(webhook) == (403, "bad_signature")


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=x", "text/plain", "", "application/xml"])
def test_other_content_types_are_refused_even_when_the_url_is_signed(content_type: str) -> None:
    webhook = form_webhook({}, content_type=content_type)
    assert answer(with_body(webhook, b"MessageSid=SM1")) == (415, "unsupported_content_type")


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded ; q=1"]
)
def test_a_form_is_known_by_its_media_type(content_type: str) -> None:
    assert answer(form_webhook(INBOUND, content_type=content_type)) == (200, "")


@pytest.mark.parametrize("signature", ["", "x", "é", "\udc80", TOKEN, "A" * 100_000])
def test_wrong_signatures_are_refused_whatever_they_hold(signature: str) -> None:
    reason = "bad_signature" if signature else "missing_signature"
    assert answer(with_headers(form_webhook(INBOUND), {SIGNATURE_HEADER: signature})) == (403, reason)


def test_a_missing_signature_is_refused() -> None:
    assert answer(without_headers(form_webhook(INBOUND), SIGNATURE_HEADER)) == (403, "missing_signature")


class TestGet:
    def test_the_url_alone_is_signed(self) -> None:
        webhook = get_webhook(INBOUND)
        assert answer(webhook) == (200, "")
        assert [event.kind for event in PLUGIN.translate(connection(), webhook)] == ["message_received"]

    def test_a_body_is_not_read(self) -> None:
        webhook = with_body(get_webhook(INBOUND), b"MessageSid=SM2&Body=forged")
        assert PLUGIN.translate(connection(), webhook) == PLUGIN.translate(connection(), get_webhook(INBOUND))

    def test_a_changed_query_is_refused(self) -> None:
        webhook = get_webhook(INBOUND)
        changed = dataclasses.replace(webhook, url=webhook.url + "&x=1", query=webhook.query + "&x=1")
        assert answer(changed) == (403, "bad_signature")


class TestJson:
    BODY = b'{"MessageSid":"SM1","From":"+12025550143","To":"+14155550178","Body":"Hi","NumMedia":0,"x":{"y":[1]}}'

    def test_the_hash_of_the_raw_body_stands_in_the_signed_url(self) -> None:
        webhook = json_webhook(self.BODY)
        assert answer(webhook) == (200, "")
        (event,) = PLUGIN.translate(connection(), webhook)
        assert (event.kind, event.contact_address) == ("message_received", "+12025550143")

    def test_another_body_is_refused(self) -> None:
        assert answer(json_webhook(self.BODY, hashed=self.BODY + b" ")) == (403, "bad_body_hash")

    def test_a_body_without_a_hash_is_refused(self) -> None:
        webhook = json_webhook(self.BODY)
        bare = dataclasses.replace(with_headers(webhook, {SIGNATURE_HEADER: signature_of(URL, [])}), url=URL, query="")
        assert answer(bare) == (403, "bad_body_hash")

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 5000, b"null", b'"x"', b"\xff", b'{"a":"\\ud800"}'])
    def test_malformed_json_is_a_bad_request(self, body: bytes) -> None:
        assert answer(json_webhook(body)) == (400, "malformed_request")
        assert PLUGIN.translate(connection(), json_webhook(body)) == []

    def test_a_document_that_is_no_message_is_a_bad_request(self) -> None:
        assert answer(json_webhook(b'{"MessageSid": 5}')) == (400, "no_message_id")


class TestSharedKeys:
    def test_a_known_key_is_accepted(self) -> None:
        assert answer(shared_key_webhook(), **SHARED) == (200, "")
        assert answer(shared_key_webhook(algorithm="hmac_sha256"), **SHARED) == (200, "")

    def test_an_unknown_key_is_refused(self) -> None:
        assert answer(shared_key_webhook(key="key-2"), **SHARED) == (403, "unknown_key")
        assert answer(shared_key_webhook(key=""), **SHARED) == (403, "unknown_key")

    def test_the_request_cannot_choose_another_algorithm(self) -> None:
        assert answer(shared_key_webhook(algorithm="HMAC_SHA1"), **SHARED) == (403, "unknown_algorithm")
        assert answer(shared_key_webhook(algorithm="none"), **SHARED) == (403, "unknown_algorithm")
        assert answer(with_headers(form_webhook(INBOUND), {SETTINGS_HEADER: "nonsense"}), **SHARED)[0] == 403

    def test_a_key_nobody_configured_is_refused(self) -> None:
        assert answer(shared_key_webhook(secret=TOKEN)) == (403, "unknown_key")

    def test_the_token_no_longer_signs_once_there_are_keys(self) -> None:
        assert answer(form_webhook(INBOUND), **SHARED) == (403, "shared_key_required")

    def test_both_sign_during_the_change(self) -> None:
        either = {**SHARED, "webhook_signature": "either"}
        assert answer(form_webhook(INBOUND), **either) == (200, "")
        assert answer(shared_key_webhook(), **either) == (200, "")

    def test_the_secret_of_the_key_counts(self) -> None:
        assert answer(shared_key_webhook(secret=TOKEN), **SHARED) == (403, "bad_signature")


class TestMalformed:
    @pytest.mark.parametrize("sid", ["", " ", "\x00", "S M", "é", "x" * 65, "<script>"])
    def test_without_a_message_id(self, sid: str) -> None:
        webhook = form_webhook({**INBOUND, "MessageSid": sid})
        assert answer(webhook) == (400, "no_message_id")
        assert PLUGIN.translate(connection(), webhook) == []

    def test_without_our_address(self) -> None:
        webhook = form_webhook({**INBOUND, "To": ""})
        assert answer(webhook) == (400, "no_address")
        assert PLUGIN.translate(connection(), webhook) == []

    def test_with_too_many_fields(self) -> None:
        webhook = with_body(form_webhook(INBOUND), b"a=b&" * 2_000)
        assert answer(webhook) == (400, "malformed_request")
        assert PLUGIN.translate(connection(), webhook) == []

    def test_the_first_of_repeated_values_counts(self) -> None:
        webhook = form_webhook([*INBOUND.items(), ("MessageSid", "SM2")])
        assert answer(webhook) == (200, "")
        (event,) = PLUGIN.translate(connection(), webhook)
        assert event.identity == SID


@pytest.mark.parametrize(
    ("ours", "theirs"), [("whatsapp:+1415", "whatsapp:+1202"), (OURS, "rcs:brand_1"), ("a:b", THEIRS)]
)
def test_what_twilio_carries_for_others_is_unsupported(ours: str, theirs: str) -> None:
    webhook = form_webhook({**INBOUND, "From": theirs, "To": ours})
    assert answer(webhook) == (200, "")
    (event,) = PLUGIN.translate(connection(), webhook)
    assert isinstance(event, Unsupported)
    assert "SMS and MMS only" in event.what
    assert (event.channel_address, event.contact_address) == (ours, theirs)
    assert event.raw == webhook.body.decode()


def test_the_answer_says_nothing_to_the_customer() -> None:
    answered = PLUGIN.acknowledgement
    assert (answered.status, answered.content_type) == (200, "text/xml")
    assert answered.body == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
