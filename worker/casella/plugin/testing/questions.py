"""Checks of what a plugin is asked besides sending: look-ups, profiles, templates, marks, media, addresses; by tables
of cases, and with a provider that does not behave."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import httpx
import orjson
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin.channel import ChannelPlugin, Refusal, SendAttempt
from casella.plugin.content import MessageTemplate, Profile
from casella.plugin.errors import ChannelMisconfigured, ChannelSuspect, MediaUnavailable, SendError
from casella.plugin.events import clean_text
from casella.plugin.testing.cases import Answer, ExpectedRequest, ProfileCase
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.promises import ODD_ADDRESSES
from casella.plugin.testing.provider import Provider, difference
from casella.plugin.testing.sending import CUT_SHORT, GARBAGE, NOT_REACHED
from casella.plugin.testing.subject import NOON, Subject, by_provider
from casella.plugin.webhook import MediaRequest

MISBEHAVED = (
    *(Answer.broken(error) for error in (*NOT_REACHED, *CUT_SHORT)),
    *(Answer(status) for status in (204, 302, 400, 401, 403, 404, 429, 500)),
    *(Answer(200, body) for body in GARBAGE),
)
UNCLEAN = ("A\x00da", "A\ud800da", "Ada" * 500, "A\x1bd\x07a")
"""What people call themselves: no database takes the first two, and no line the third."""
NO_TEXT: tuple[object, ...] = (7, 1.5, True, None, [], {})
"""What a provider may say where a name is expected."""


class QuestionChecks(Subject):
    """`lookup`, `profile`, `templates`, `mark_read`, `show_typing`, `locate_media`, `address_problem`, `health`."""

    def test_a_lookup_gives_what_its_case_says(self) -> None:
        for case in self.lookups:
            message = dataclasses.replace(self.message(self.any_send), text=case.text)
            attempt = SendAttempt(message, NOON - timedelta(minutes=1), 1, case.known_ids)

            def ask(http: httpx.Client, attempt: SendAttempt = attempt) -> object:
                return self.channel_plugin.lookup(self.channel(), attempt, http)

            self._compare(case.label, ask, case.answers, case.requests, case.error or case.result)

    def test_a_profile_gives_what_its_case_says(self) -> None:
        for case in self.profiles:
            self._compare(case.label, self._profile(case), case.answers, case.requests, case.error or case.profile)

    def test_templates_are_what_their_case_says(self) -> None:
        def ask(http: httpx.Client) -> object:
            return tuple(self.channel_plugin.templates(self.channel(), http))

        for case in self.templates:
            self._compare(case.label, ask, case.answers, case.requests, case.error or tuple(case.templates))

    def test_marking_read_asks_what_its_case_says(self) -> None:
        for case in self.reads:

            def ask(http: httpx.Client, external_id: str = case.external_id) -> object:
                self.channel_plugin.mark_read(self.channel(), self.contact, external_id, http)
                return None

            self._compare(case.label, ask, case.answers, case.requests, case.error)

    def test_media_is_located_as_its_case_says(self) -> None:
        for case in self.media:
            provider = Provider(case.answers)
            with provider.client() as http:
                try:
                    found: object = self.channel_plugin.locate_media(self.channel(), case.ref, http)
                except MediaUnavailable as error:
                    found = f"unavailable, retryable={error.retryable}"
            wanted = case.request or f"unavailable, retryable={case.retryable}"
            assert found == wanted, f"{case.label}: {found!r}"
            _assert_requests(case.label, provider, case.requests)

    def test_media_that_cannot_be_located_is_unavailable(self) -> None:
        """Whatever the provider answers, or does not: an address, or MediaUnavailable, and nothing else. Nobody is told
        whether to wait for a file by an error of httpx."""
        found = (event for case in self.webhooks for event in case.events)
        refs = dict.fromkeys(ref for event in found for ref in getattr(event, "attachments", ()) if ref.upload is None)
        for ref in list(refs)[:3]:
            for answer in MISBEHAVED:
                with Provider((answer,)).client() as http:
                    try:
                        located: object = self.channel_plugin.locate_media(self.channel(), ref, http)
                    except MediaUnavailable:
                        continue
                assert isinstance(located, MediaRequest), f"after {answer!r}: {located!r}"

    def test_names_of_profiles_are_clean(self) -> None:
        """Fit for every database: `clean_text`, and 300 characters at most; and what is no name is none."""
        for case in self.profiles:
            for answers in _unclean(case):
                with Provider(answers).client() as http:
                    try:
                        found = self._profile(case)(http)
                    except SendError:
                        continue
                assert isinstance(found, Profile), f"{case.label}: {found!r}"
                assert found.name is None or found.name == clean_text(found.name), f"{case.label}: {found.name!r}"

    @by_provider
    def test_what_it_is_asked_besides_is_answered_or_a_send_error(self) -> None:
        """`profile`, `templates`, `show_typing` and `mark_read`, where the capabilities say that they may be called."""
        can, plugin, channel = self._able, self.channel_plugin, self.channel()
        asked: list[tuple[str, bool, Callable[[httpx.Client], object]]] = [
            ("profile", can.profiles, lambda http: plugin.profile(channel, self.contact, http)),
            ("templates", can.message_templates, lambda http: list(plugin.templates(channel, http))),
            ("show_typing", can.typing, lambda http: plugin.show_typing(channel, self.contact, self._quotable, http)),
            ("show_typing", can.typing, lambda http: plugin.show_typing(channel, self.contact, None, http)),
            ("mark_read", can.read_marks, lambda http: plugin.mark_read(channel, self.contact, "m-1", http)),
        ]
        for method, able, ask in asked:
            for answer in MISBEHAVED if able else ():
                with Provider((answer,)).client() as http:
                    try:
                        found = ask(http)
                    except SendError:
                        continue
                listed = isinstance(found, list) and all(isinstance(one, MessageTemplate) for one in found)
                sound = {"profile": isinstance(found, Profile), "templates": listed}.get(method, found is None)
                assert sound, f"{method} after {answer!r}: {found!r}"

    def test_its_address_problem_takes_any_address(self) -> None:
        for address in ODD_ADDRESSES:
            assert isinstance(self.channel_plugin.address_problem(address), str), f"{address!r}"

        @QUICK
        @given(st.one_of(st.text(max_size=40), st.from_regex(r"\+?[0-9]{1,16}", fullmatch=True)))
        def asked(address: str) -> None:
            first, again = (self.channel_plugin.address_problem(address) for _ in range(2))
            assert isinstance(first, str)
            assert first == again

        asked()
        assert not self.channel_plugin.address_problem(self.address), "the address of the cases"

    @by_provider
    def test_a_suspicion_can_be_looked_into(self) -> None:
        """After a ChannelSuspect the host asks `health`: it must be able to find something, and decide."""
        if not any(case.error is ChannelSuspect for case in self.sends):
            return
        assert type(self.channel_plugin).health is not ChannelPlugin.health, "ChannelSuspect needs `health`"
        with Provider((Answer(401, b"{}"),)).client() as http:
            try:
                found: object = self.channel_plugin.health(self.channel(), http)
            except SendError as error:
                found = error
        assert isinstance(found, Refusal | ChannelMisconfigured), f"401, and health says {found!r}"

    def _profile(self, case: ProfileCase) -> Callable[[httpx.Client], object]:
        return lambda http: self.channel_plugin.profile(self.channel(), case.address or self.contact, http)

    def _compare(
        self,
        label: str,
        ask: Callable[[httpx.Client], object],
        answers: Sequence[Answer],
        requests: Sequence[ExpectedRequest] | None,
        wanted: object,
    ) -> None:
        """`wanted`: the result, or the class of the error."""
        provider = Provider(answers)
        with provider.client() as http:
            try:
                found = ask(http)
            except SendError as error:
                found = error
        same = type(found) is wanted if isinstance(wanted, type) else found == wanted
        assert same, f"{label}: {found!r}"
        _assert_requests(label, provider, requests)


def _assert_requests(label: str, provider: Provider, wanted: Sequence[ExpectedRequest] | None) -> None:
    if wanted is not None:
        assert len(provider.requests) == len(wanted), f"{label}: {len(provider.requests)} requests"
        different = [difference(made, expected) for made, expected in zip(provider.requests, wanted, strict=True)]
        assert not any(different), f"{label}: {different}"


def _unclean(case: ProfileCase) -> Iterator[tuple[Answer, ...]]:
    """The case's answers with each of their texts made unclean, or something that is no text."""
    for at, answer in enumerate(case.answers):
        try:
            document = orjson.loads(answer.body)
        except ValueError:
            continue
        for text in sorted(set(_texts(document))):
            for instead in (*map(_json, UNCLEAN), *map(orjson.dumps, NO_TEXT)):
                body = answer.body.replace(orjson.dumps(text), instead)
                yield (*case.answers[:at], dataclasses.replace(answer, body=body), *case.answers[at + 1 :])


def _json(text: str) -> bytes:
    """As ASCII, in which JSON can say half a character."""
    return b'"' + "".join(f"\\u{ord(one):04x}" for one in text).encode() + b'"'


def _texts(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from _texts(inner)
