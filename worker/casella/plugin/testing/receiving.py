"""Checks of what comes in: the cases themselves, authenticity, repetition, and the form of events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from datetime import timedelta

from casella.plugin.events import (
    EVENT_TYPES,
    DeliveredSeen,
    Event,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    event_from_json,
)
from casella.plugin.testing.cases import WebhookCase, with_body, with_headers, without_headers
from casella.plugin.testing.subject import Subject
from casella.plugin.testing.watch import WatchedText, touched
from casella.plugin.webhook import Verdict, Webhook

NOT_AUTHENTIC = (400, 401, 403)


class ReceivingChecks(Subject):
    """`verify` and `translate` on requests a provider might send, or somebody in its place."""

    def test_a_webhook_gives_what_its_case_says(self, webhook_case: WebhookCase) -> None:
        webhook = self.request(webhook_case)
        verdict = self.verdict(webhook)
        assert verdict.outcome == webhook_case.outcome, f"{webhook_case.label}: {verdict.reason}"
        answer = verdict.answer or self.channel_plugin.acknowledgement
        assert webhook_case.status in (None, answer.status), f"{webhook_case.label}: {verdict.reason}"
        assert webhook_case.answer in (None, answer.body), webhook_case.label
        if verdict.outcome == "authentic":
            assert self.translated(webhook) == list(webhook_case.events), webhook_case.label

    def test_the_cases_tell_a_message_and_a_refusal(self) -> None:
        assert any(isinstance(event, MessageReceived) for case in self.authentic for event in case.events), (
            "the table needs an authentic case that gives a MessageReceived"
        )
        assert any(case.outcome == "refused" for case in self.webhooks), "the table needs a refused case"

    def test_a_refusal_says_why_and_nothing_else(self) -> None:
        for case in self.webhooks:
            verdict = self.verdict(self.request(case))
            if verdict.outcome == "refused":
                assert verdict.reason.replace("_", "").isalnum(), f"{case.label}: reason is a stable code"
                assert verdict.answer is not None, case.label
                assert 400 <= verdict.answer.status < 500, f"{case.label}: 5xx means: send it again"
                assert not self.leaked(verdict.reason, verdict.answer.body.decode("utf-8", "replace")), case.label

    def test_without_a_signature_nothing_is_authentic(self) -> None:
        for case in self._signed():
            for header in self.signature_headers:
                self._refused(without_headers(self.request(case), header), f"{case.label} without {header}")

    def test_a_wrong_signature_is_refused(self) -> None:
        for case in self._signed():
            webhook = self.request(case)
            for header in self.signature_headers:
                for wrong in _wrong(webhook.headers.get(header, "")):
                    self._refused(with_headers(webhook, {header: wrong}), f"{case.label} with {header}: {wrong!r}")

    def test_another_secret_is_refused(self) -> None:
        """Signed as it should be, by somebody who does not know the secret."""
        for case in self._signed():
            self._refused(self.sign(self.other_connection(), self.unsigned(case)), case.label)

    def test_a_changed_body_is_refused(self) -> None:
        if self.signs_body:
            for case in self._signed():
                webhook = self.request(case)
                if webhook.method == "GET":
                    continue  # nobody reads a body there
                for body in _changed(webhook.body):
                    self._refused(with_body(webhook, body), f"{case.label}, body {body[:40]!r}…")

    def test_secrets_are_compared_in_constant_time(self) -> None:
        """`==` stops at the first difference, which tells how much of a guess was right: use hmac.compare_digest."""
        for case in self._signed():
            webhook = self.request(case)
            for header in self.signature_headers:
                right, notes = webhook.headers.get(header, ""), list[str | bytes]()
                guess = WatchedText.of(right[::-1], notes)
                self.verdict(dataclasses.replace(webhook, headers={**webhook.headers, header: guess}))
                compared = [note if isinstance(note, str) else note.decode("utf-8", "replace") for note in notes]
                found = [text for text in compared if len(text) >= 8 and text in right]
                assert not found, f"{case.label}: {header} is compared by == or !="

    def test_a_repeated_request_has_equal_identities(self) -> None:
        for case in self.authentic:
            webhook = self.request(case)
            later = dataclasses.replace(webhook, received_at=webhook.received_at + timedelta(minutes=5))
            first, again = _identities(self.translated(webhook)), _identities(self.translated(later))
            assert first == again, f"{case.label}: a repetition would be a second message"
            assert len(set(first)) == len(first), f"{case.label}: two events of one request have one identity"

    def test_different_messages_have_different_identities(self) -> None:
        seen: dict[tuple[str, str, str], Event] = {}
        for event in (event for case in self.authentic for event in self.translated(self.request(case))):
            other = seen.setdefault((event.channel_address, event.kind, event.identity), event)
            assert other == event, f"one identity for two events: {other!r} and {event!r}"

    def test_translating_changes_nothing(self) -> None:
        """Neither the request nor its own next answer."""
        for case in self.authentic:
            webhook = self.request(case)
            before = dataclasses.replace(webhook, headers=dict(webhook.headers))
            first = self.translated(webhook)
            assert self.translated(webhook) == first, case.label
            assert webhook == before, case.label

    def test_receiving_touches_nothing(self) -> None:
        """No network, no files, no programs, no sleep: whoever waits here holds up every other channel's webhooks."""
        for case in self.webhooks:
            webhook, connection = self.request(case), self.connection()
            for _ in range(2):  # the first time Python may still load something
                with touched() as found:
                    verdict = self.verdict(webhook, connection)
                    if verdict.outcome == "authentic":
                        self.translated(webhook, connection)
            assert not found, f"{case.label}: {sorted(set(found))}"

    def test_its_cases_agree_with_its_capabilities(self) -> None:
        can = self._able
        for case in self.authentic:
            for event in case.events:
                if isinstance(event, MessageStatusChanged) and event.status != "failed":
                    assert event.status in can.receipts, f"{case.label}: {event.status} is not among the receipts"
                if isinstance(event, ReadSeen):
                    assert "read" in can.receipts, f"{case.label}: read is not among the receipts"
                if isinstance(event, DeliveredSeen):
                    assert "delivered" in can.receipts, f"{case.label}: delivered is not among the receipts"
                if isinstance(event, ReactionChanged):
                    assert can.reactions, f"{case.label}: reactions are not among the capabilities"

    def test_events_survive_json(self) -> None:
        for case in self.authentic:
            for event in self.translated(self.request(case)):
                assert isinstance(event, EVENT_TYPES), f"{case.label}: {event!r}"
                assert event_from_json(event.model_dump_json()) == event, case.label

    def test_events_hold_no_secrets(self) -> None:
        for case in self.authentic:
            for event in self.translated(self.request(case)):
                assert not self.leaked(event.model_dump_json()), case.label

    def _signed(self) -> list[WebhookCase]:
        return [case for case in self.authentic if case.signed]

    def _refused(self, webhook: Webhook, what: str) -> None:
        verdict = self.verdict(webhook)
        assert isinstance(verdict, Verdict), what
        assert verdict.outcome == "refused", f"{what}: {verdict.outcome}"
        assert verdict.answer is not None, what
        assert verdict.answer.status in NOT_AUTHENTIC, f"{what}: {verdict.answer.status}"


def _identities(events: Sequence[Event]) -> list[tuple[str, str, str]]:
    return [(event.channel_address, event.kind, event.identity) for event in events]


def _wrong(signature: str) -> Iterator[str]:
    """Signatures that are not this one: empty, cut, longer, of equal length, of other letters, not ASCII."""
    yield ""
    yield signature[:-1]
    yield signature + "A"
    yield signature[::-1] if signature[::-1] != signature else signature + "="
    if signature.swapcase() != signature and not _is_hexadecimal(signature):
        yield signature.swapcase()
    yield "é" * max(1, len(signature))


def _is_hexadecimal(signature: str) -> bool:
    """Hexadecimal digits mean the same in both cases."""
    return all(character in "0123456789abcdefABCDEF" for character in signature.rpartition("=")[2])


def _changed(body: bytes) -> Iterator[bytes]:
    """Bodies that differ from this one in what they say."""
    yield body + b"&x=1"
    if body:
        yield body[:-1]
        yield body[: len(body) // 2]
        yield b""
