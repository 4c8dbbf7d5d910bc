"""Checks of what no provider sends: cut, random, unknown, mistyped, oversized. The suite signs all of it, so that it
reaches `translate`; nothing may be raised, and whatever comes out must be events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import cast
from urllib.parse import parse_qsl, urlencode

import httpx
import orjson
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin.errors import MediaUnavailable
from casella.plugin.events import EVENT_TYPES, Event, MediaRef, Unsupported, event_from_json
from casella.plugin.testing.cases import FORM, JSON, WebhookCase
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.provider import Provider
from casella.plugin.testing.subject import Subject
from casella.plugin.webhook import MediaRequest, Verdict, Webhook

ODD_VALUES: tuple[object, ...] = (None, True, 0, -1, 1.5, 10**15, "", "\x00", "x" * 300, [], [[]], {}, {"id": None})
ODD_TEXTS = ("", "0", "-1", "99999999999999999999", "null", "\x00", "é😀", "%", " ", "x" * 300)
HOSTILE_REFS = (
    *("", "http://127.0.0.1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "https://evil.example/x"),
    *("https://[::1", "//evil.example/x", "https://user:pass@evil.example/x", "javascript:alert(1)", "\x00"),
)


class HostileChecks(Subject):
    """Nothing that arrives may stop the host."""

    def test_cut_requests_raise_nothing(self) -> None:
        for case in self.authentic:
            step = max(1, len(case.body) // 60)
            for end in range(0, len(case.body), step):
                self._taken(dataclasses.replace(case, body=case.body[:end]))

    def test_random_bytes_raise_nothing(self) -> None:
        types = sorted({case.content_type for case in self.webhooks} | {FORM, JSON, "", "text/plain"})

        @QUICK
        @given(st.binary(max_size=300), st.sampled_from(types), st.text(max_size=30), st.booleans())
        def taken(body: bytes, content_type: str, query: str, post: bool) -> None:
            self._taken(WebhookCase("random", body, content_type, "POST" if post else "GET", query))

        taken()

    def test_random_headers_raise_nothing(self) -> None:
        names = st.sampled_from(["content-type", *self.signature_headers, "x-other"])

        @QUICK
        @given(st.dictionaries(names, st.text(max_size=60)), st.sampled_from(self.authentic))
        def taken(headers: dict[str, str], case: WebhookCase) -> None:
            webhook = self.unsigned(case)
            self._sound(dataclasses.replace(webhook, headers={**webhook.headers, **headers}), case.label)

        taken()

    def test_unknown_fields_change_nothing(self) -> None:
        for case in self.authentic:
            for body in _with_unknown_fields(case):
                got = self._taken(dataclasses.replace(case, body=body))
                assert _known(got) == _known(list(case.events)), f"{case.label}: a new field of the provider breaks it"

    def test_wrong_types_raise_nothing(self) -> None:
        for case in self.authentic:
            for body in _mistyped(case):
                self._taken(dataclasses.replace(case, body=body))

    def test_oversized_requests_raise_nothing(self) -> None:
        size = self.channel_plugin.capabilities.max_webhook_bytes
        for case in self.authentic[:1]:
            for filling in (b"a", b"&", b"%", b"[", b'{"a":', b"\xff", b"=&"):
                self._taken(dataclasses.replace(case, body=(filling * size)[:size]))

    def test_hostile_media_are_not_fetched(self) -> None:
        for ref in HOSTILE_REFS:
            request = self._located(MediaRef(ref=ref))
            if request is not None:
                _assert_guarded(request, ref)

    def test_media_of_the_cases_can_be_fetched(self) -> None:
        for case in self.authentic:
            for event in case.events:
                for ref in getattr(event, "attachments", ()):
                    request = self._located(ref)
                    assert request is not None, f"{case.label}: {ref.ref}"
                    _assert_guarded(request, ref.ref)

    def _located(self, ref: MediaRef) -> MediaRequest | None:
        with Provider(()).client() as http:
            try:
                return self.channel_plugin.locate_media(self.channel(), ref, http)
            except MediaUnavailable:
                return None

    def _taken(self, case: WebhookCase) -> list[Event]:
        return self._sound(self.sign(self.connection(), self.unsigned(case)), case.label)

    def _sound(self, webhook: Webhook, label: str) -> list[Event]:
        verdict = self.channel_plugin.verify(self.connection(), webhook)
        assert isinstance(verdict, Verdict), label
        events = self.translated(webhook)
        for event in events:
            assert isinstance(event, EVENT_TYPES), f"{label}: {event!r}"
            assert event_from_json(event.model_dump_json()) == event, label
            assert event.identity, label
        return events


def _known(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Unsupported)]


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


def _with_unknown_fields(case: WebhookCase) -> Iterator[bytes]:
    if case.content_type.startswith(FORM):
        yield case.body + b"&NewField=new&new_field="
        yield b"ANewField=%F0%9F%98%80&" + case.body
    elif case.content_type.startswith(JSON):
        yield orjson.dumps(_extended(orjson.loads(case.body)))


def _extended(value: object) -> object:
    if isinstance(value, dict):
        return {**{name: _extended(inner) for name, inner in value.items()}, "new_field": {"new": [1, None]}}
    return [_extended(inner) for inner in value] if isinstance(value, list) else value


def _mistyped(case: WebhookCase) -> Iterator[bytes]:
    if case.content_type.startswith(FORM):
        yield from _mistyped_form(case.body)
    elif case.content_type.startswith(JSON):
        document = orjson.loads(case.body)
        yield from (orjson.dumps(odd) for odd in ODD_VALUES)
        yield from (orjson.dumps(odd) for odd in _mistyped_json(document))


def _mistyped_form(body: bytes) -> Iterator[bytes]:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    for index, (name, _) in enumerate(pairs):
        before, after = pairs[:index], pairs[index + 1 :]
        yield urlencode([*before, *after]).encode()
        yield urlencode([*pairs, (name, "second")]).encode()
        for odd in ODD_TEXTS:
            yield urlencode([*before, (name, odd), *after]).encode()


def _mistyped_json(value: object) -> Iterator[object]:
    """The document with one place exchanged for something odd, or left out, for every place."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            yield {key: kept for key, kept in value.items() if key != name}
            for odd in (*ODD_VALUES, *_mistyped_json(inner)):
                yield {**value, name: odd}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for odd in (*ODD_VALUES, *_mistyped_json(inner)):
                yield [*value[:index], odd, *value[index + 1 :]]
