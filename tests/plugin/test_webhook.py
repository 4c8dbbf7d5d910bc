"""Requests and verdicts."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import Verdict, Webhook, WebhookAnswer


def test_a_request_is_parsed_once() -> None:
    calls: list[bytes] = []

    def parse(webhook: Webhook) -> bytes:
        calls.append(webhook.body)
        return webhook.body[::-1]

    first = dataclasses.replace(webhook(None), body=b"abc")
    other = dataclasses.replace(first, body=b"xyz")
    assert [first.once(parse), first.once(parse), other.once(parse)] == [b"cba", b"cba", b"zyx"]
    assert calls == [b"abc", b"xyz"], "another request is another matter"
    assert first == dataclasses.replace(first), "what was parsed is no part of the request"


def test_a_failed_parse_is_not_kept() -> None:
    def parse(webhook: Webhook) -> int:
        raise ValueError("malformed")

    request = webhook(None)
    for _ in range(2):
        with pytest.raises(ValueError, match="malformed"):
            request.once(parse)


def webhook(content_type: str | None) -> Webhook:
    headers = {} if content_type is None else {"content-type": content_type}
    return Webhook("POST", "https://desk.example/webhooks/x", "", headers, b"", datetime.now(UTC))


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        (None, ""),
        ("", ""),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" text/xml ;x", "text/xml"),
        (";", ""),
    ],
)
def test_the_media_type_stands_alone(header: str | None, media_type: str) -> None:
    assert webhook(header).content_type == media_type


@given(st.text())
def test_any_header_gives_a_media_type(header: str) -> None:
    assert ";" not in webhook(header).content_type


def test_a_webhook_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        webhook("x").body = b"y"  # type: ignore[misc]  # the point of the test


def test_an_authentic_verdict_has_no_answer_of_its_own() -> None:
    verdict = Verdict.authentic()
    assert (verdict.outcome, verdict.answer, verdict.reason) == ("authentic", None, "")


def test_an_authentic_request_may_be_acknowledged_in_its_own_way() -> None:
    answer = WebhookAnswer(200, b"{}", "application/json")
    verdict = Verdict.authentic(answer)
    assert (verdict.outcome, verdict.answer) == ("authentic", answer)


def test_a_refusal_answers_with_an_empty_body() -> None:
    verdict = Verdict.refused(403, "bad_signature")
    assert (verdict.outcome, verdict.answer, verdict.reason) == ("refused", WebhookAnswer(403, b""), "bad_signature")


def test_a_handshake_is_answered_with_exactly_this() -> None:
    answer = WebhookAnswer(200, b"challenge", "text/plain")
    assert Verdict.answered(answer).answer is answer
