"""Checks of what no provider sends: cut, random, unknown, mistyped, oversized. The suite signs all of it, so that it
reaches `translate`; nothing may be raised, and whatever comes out must be events."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator

import httpx
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin.errors import MediaUnavailable
from casella.plugin.events import (
    EVENT_TYPES,
    MAX_TEXT,
    Event,
    MediaRef,
    MessageEchoed,
    MessageReceived,
    Unsupported,
    event_from_json,
)
from casella.plugin.testing import odd
from casella.plugin.testing.cases import FORM, JSON, WebhookCase
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import Subject
from casella.plugin.webhook import MediaRequest, Verdict, Webhook

MOST_SECONDS = 0.5
"""Of computing, for the largest request: a hundred times what a careful plugin takes, on a slow machine."""
HOSTILE_REFS = (
    *("", "http://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "https://evil.example/x"),
    *("https://[::1", "//evil.example/x", "https://user:pass@evil.example/x", "javascript:alert(1)", "\x00"),
)


class HostileChecks(Subject):
    """Nothing that arrives may stop the host."""

    def test_unreadable_requests_raise_nothing(self) -> None:
        """Cut anywhere, of random bytes, or as large as the host lets in and deeply nested."""
        for case in self.authentic:
            step = max(1, len(case.body) // 60)
            for end in range(0, len(case.body), step):
                self._taken(dataclasses.replace(case, body=case.body[:end]))
        for case in self.authentic[:1]:
            for body in self._oversized():
                self._taken(dataclasses.replace(case, body=body))
        types = sorted({case.content_type for case in self.webhooks} | {FORM, JSON, "", "text/plain"})

        @QUICK
        @given(st.binary(max_size=300), st.sampled_from(types), st.text(max_size=30), st.booleans())
        def taken(body: bytes, content_type: str, query: str, post: bool) -> None:
            self._taken(WebhookCase("random", body, content_type, "POST" if post else "GET", query))

        taken()

    def test_large_requests_take_no_time(self) -> None:
        """Everybody may post; whatever grows with the square of the size holds up all channels."""
        for case in self.authentic[:1]:
            for body in self._oversized():
                webhook = self.sign(self.connection(), self.unsigned(dataclasses.replace(case, body=body)))
                began = time.thread_time()
                if self.verdict(webhook).outcome == "authentic":
                    self.translated(webhook)
                took = time.thread_time() - began
                assert took < MOST_SECONDS, f"{took:.1f} s of computing for {len(body):,} bytes of {body[:8]!r}…"

    def test_random_headers_raise_nothing(self) -> None:
        names = st.sampled_from(["content-type", *self.signature_headers, "x-other"])

        @QUICK
        @given(st.dictionaries(names, st.text(max_size=60)), st.sampled_from(self.authentic))
        def taken(headers: dict[str, str], case: WebhookCase) -> None:
            webhook = self.unsigned(case)
            self._sound(dataclasses.replace(webhook, headers={**webhook.headers, **headers}), case)

        taken()

    def test_unknown_fields_change_nothing(self) -> None:
        for case in self.authentic:
            before = _known(self.translated(self.request(case)))
            for body in odd.with_unknown_fields(case):
                got = self._taken(dataclasses.replace(case, body=body))
                assert _known(got) == before, f"{case.label}: a new field of the provider breaks it"

    def test_unknown_kinds_raise_nothing(self) -> None:
        """Kinds, states and ids that nobody has heard of yet."""
        for case in self.authentic:
            for body in odd.with_unknown_texts(case):
                self._taken(dataclasses.replace(case, body=body))

    def test_wrong_types_raise_nothing(self) -> None:
        for case in self.authentic:
            for body in odd.with_wrong_types(case):
                self._taken(dataclasses.replace(case, body=body))

    def test_a_bad_neighbour_takes_nobody_along(self) -> None:
        """One unreadable element of a batch must not cost the others."""
        for case in self.authentic:
            wanted = {(event.kind, event.identity) for event in case.events}
            for body in odd.with_bad_neighbours(case):
                got = {(event.kind, event.identity) for event in self._taken(dataclasses.replace(case, body=body))}
                assert wanted <= got, f"{case.label}: lost in {body[:120]!r}"

    def test_texts_fit_every_database(self) -> None:
        """No U+0000, which PostgreSQL refuses, and no more than MAX_TEXT: `clean_text` sees to both."""
        most = self.channel_plugin.capabilities.max_webhook_bytes
        for case in self.authentic:
            room = min(MAX_TEXT + 1, most - len(case.body))
            for body in odd.with_unknown_texts(case, ("x\x00y", "x" * room)):
                for event in self._taken(dataclasses.replace(case, body=body)):
                    assert "\\u0000" not in event.model_dump_json(), f"{case.label}: U+0000 in {event.kind}"
                    long = [text for text in vars(event).values() if isinstance(text, str) and len(text) > MAX_TEXT]
                    assert not long, f"{case.label}: more than {MAX_TEXT} characters in {event.kind}"

    def test_hostile_media_are_not_fetched(self) -> None:
        for ref in HOSTILE_REFS:
            request = self._located(MediaRef(ref=ref))
            if request is not None:
                _assert_guarded(request, ref)

    def test_media_of_the_cases_can_be_fetched(self) -> None:
        for case in self.authentic:
            for event in case.events:
                for ref in (ref for ref in getattr(event, "attachments", ()) if ref.upload is None):
                    request = self._located(ref)
                    assert request is not None, f"{case.label}: {ref.ref}"
                    _assert_guarded(request, ref.ref)

    def _located(self, ref: MediaRef) -> MediaRequest | None:
        with Provider(self.media_answers).client() as http:
            try:
                return self.channel_plugin.locate_media(self.channel(), ref, http)
            except MediaUnavailable:
                return None

    def _oversized(self) -> Iterator[bytes]:
        size = self.channel_plugin.capabilities.max_webhook_bytes
        for filling in (b"a", b"&", b"%", b"=&", b"[", b'{"a":', b'{"a":1,', b"\xff", b" "):
            yield (filling * size)[:size]

    def _taken(self, case: WebhookCase) -> list[Event]:
        return self._sound(self.sign(self.connection(), self.unsigned(case)), case)

    def _sound(self, webhook: Webhook, case: WebhookCase) -> list[Event]:
        verdict = self.verdict(webhook)
        assert isinstance(verdict, Verdict), case.label
        events = self.translated(webhook)
        for event in events:
            assert isinstance(event, EVENT_TYPES), f"{case.label}: {event!r}"
            if event not in case.events:  # those have a check of their own
                assert event_from_json(event.model_dump_json()) == event, case.label
            assert event.identity, case.label
        return events


def _known(events: list[Event]) -> list[Event]:
    """Without what is only kept. A message that cannot be shown may tell whatever it holds, new fields too."""
    return [_without_guesses(event) for event in events if not isinstance(event, Unsupported)]


def _without_guesses(event: Event) -> Event:
    if isinstance(event, MessageReceived | MessageEchoed) and event.message_kind == "unsupported":
        return event.model_copy(update={"text": "", "metadata": {}})
    return event


def _assert_guarded(request: MediaRequest, ref: str) -> None:
    host = _host(request.url)
    assert host, f"{ref!r}: {request.url!r} has no host"
    assert any(_matches(host, pattern) for pattern in request.allowed_hosts), f"{ref!r}: {host} is not allowed"
    if request.headers:
        assert request.credential_hosts, f"{ref!r}: headers without credential_hosts go nowhere, or anywhere"


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host
    except httpx.InvalidURL:
        return ""


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
