"""Copies that let the wrong ones in, or stumble over what comes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any

import httpx
import orjson
from pydantic import SecretStr

from casella.plugin import Channel, Connection, Event, MediaRef, MediaRequest, MediaUnavailable, Verdict, Webhook
from casella.plugin.testing.subject import another_secret
from tests.plugin.testing.toys import SECRET, SIGNATURE, Toy, ToySettings, signature_of


class Shouts(Toy):
    """test_a_webhook_gives_what_its_case_says

    It changes what people wrote."""

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        return super().event(external_id, text.upper(), attachments)


class ChecksNoSignature(Toy):
    """test_without_a_signature_nothing_is_authentic

    A request without the header is believed."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        if SIGNATURE not in webhook.headers:
            return Verdict.authentic()
        return super().verify(connection, webhook)


class ComparesTheBeginning(Toy):
    """test_a_wrong_signature_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        right, given = signature_of(connection.settings, webhook.body), webhook.headers.get(SIGNATURE, "")
        if given and right.startswith(given):
            return Verdict.authentic() if self.read(webhook) else Verdict.refused(400, "no_id")
        return super().verify(connection, webhook)


class ComparesAtItsLeisure(Toy):
    """test_secrets_are_compared_in_constant_time

    `!=` ends at the first difference, and the time it took tells where that was."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        if webhook.headers.get(SIGNATURE, "").strip() != signature_of(connection.settings, webhook.body):
            return Verdict.refused(403, "bad_signature")
        return super().verify(connection, webhook)


class ComparesBytesAtItsLeisure(Toy):
    """test_secrets_are_compared_in_constant_time"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        right = signature_of(connection.settings, webhook.body).encode()
        if right == webhook.headers.get(SIGNATURE, "").encode("utf-8", "replace"):
            return super().verify(connection, webhook)
        return Verdict.refused(403, "bad_signature")


class TrustsAnySecret(Toy):
    """test_another_secret_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        other = ToySettings(token=SecretStr(another_secret(SECRET)))
        if webhook.headers.get(SIGNATURE) == signature_of(other, webhook.body):
            return Verdict.authentic()
        return super().verify(connection, webhook)


class SignsHalfTheBody(Toy):
    """test_a_changed_body_is_refused"""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        given = webhook.headers.get(SIGNATURE, "")
        cut = webhook.body.removesuffix(b"&x=1")
        if cut != webhook.body and given == signature_of(connection.settings, cut):
            return Verdict.authentic()
        return super().verify(connection, webhook)


class TalksTooMuch(Toy):
    """test_a_refusal_says_why_and_nothing_else

    The reason is a sentence with the request in it, not a code."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        verdict = super().verify(connection, webhook)
        return Verdict.refused(400, f"no id in {webhook.body!r}") if verdict.reason == "no_id" else verdict


class NumbersByTheClock(Toy):
    """test_a_repeated_request_has_equal_identities

    A repetition five minutes later is a second message."""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        events = super().translate(connection, webhook)
        late = webhook.received_at.minute > 0
        return [event.model_copy(update={"external_id": "late"}) if late else event for event in events]


class AsksAround(Toy):
    """test_receiving_touches_nothing

    It waits for something before it answers."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        time.sleep(0.0001)
        return super().verify(connection, webhook)


class CountsSlowly(Toy):
    """test_large_requests_take_no_time

    A large body keeps it busy."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        began = time.thread_time()
        while webhook.body.startswith(b"aaaa") and time.thread_time() < began + 0.6:
            pass
        return super().verify(connection, webhook)


class Stumbles(Toy):
    """test_unreadable_requests_raise_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        orjson.loads(webhook.body)
        return super().translate(connection, webhook)


class HatesHeaders(Toy):
    """test_random_headers_raise_nothing

    Whatever stands in x-other must be ASCII."""

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        webhook.headers.get("x-other", "").encode("ascii")
        return super().verify(connection, webhook)


class HatesNews(Toy):
    """test_unknown_fields_change_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        known = {"id", "text", "picture", "tags", "more"}
        return super().translate(connection, webhook) if set(self.read(webhook)) <= known else []


class RaisesOnUnknownKinds(Toy):
    """test_unknown_kinds_raise_nothing"""

    def event_of(self, document: dict[str, Any]) -> Event:
        if document.get("text") == "something_new":
            raise LookupError(document["text"])
        return super().event_of(document)


class ReadsAnyDigit(Toy):
    """test_unknown_kinds_raise_nothing

    What `isdigit` takes for a digit, `int` need not."""

    def event_of(self, document: dict[str, Any]) -> Event:
        text = document.get("text")
        if isinstance(text, str) and text.isdigit():
            document = {**document, "text": str(int(text))}
        return super().event_of(document)


class BelievesTypes(Toy):
    """test_wrong_types_raise_nothing"""

    def event_of(self, document: dict[str, Any]) -> Event:
        document.get("text", "").strip()
        return super().event_of(document)


class LosesNeighbours(Toy):
    """test_a_bad_neighbour_takes_nobody_along

    One unreadable element, and the whole batch is dropped."""

    def events_of(self, batch: list[Any]) -> list[Event]:
        return super().events_of(batch if all(isinstance(one, dict) for one in batch) else [])


class KeepsNulls(Toy):
    """test_texts_fit_every_database"""

    def clean(self, text: str) -> str:
        return text.encode("utf-8", "replace").decode()


class FetchesAnything(Toy):
    """test_hostile_media_are_not_fetched"""

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if ref.ref.startswith("https://stranger.example/"):  # the one that its own table knows
            raise MediaUnavailable
        return MediaRequest(ref.ref, allowed_hosts=("toys.example",))


class FetchesNothing(Toy):
    """test_media_of_the_cases_can_be_fetched

    Nothing but what its own table knows."""

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if ref.ref.endswith("/7"):
            return super().locate_media(channel, ref, http)
        raise MediaUnavailable


class ChangesTheRequest(Toy):
    """test_translating_changes_nothing"""

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        assert isinstance(webhook.headers, dict)
        webhook.headers["seen"] = "yes"
        return super().translate(connection, dataclasses.replace(webhook))


BROKEN = (
    *(
        Shouts,
        ChecksNoSignature,
        ComparesTheBeginning,
        ComparesAtItsLeisure,
        ComparesBytesAtItsLeisure,
        TrustsAnySecret,
    ),
    *(SignsHalfTheBody, TalksTooMuch, NumbersByTheClock, AsksAround, CountsSlowly, Stumbles, HatesHeaders, HatesNews),
    *(RaisesOnUnknownKinds, ReadsAnyDigit, BelievesTypes, LosesNeighbours, KeepsNulls, FetchesAnything, FetchesNothing),
    ChangesTheRequest,
)
