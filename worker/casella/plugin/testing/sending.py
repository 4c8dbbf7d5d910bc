"""Checks of what goes out: the cases, and everything that can happen to a connection."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import timedelta

import httpx
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin.channel import LookupResult, Refusal, SendAttempt, Sent
from casella.plugin.errors import ChannelThrottled, ChannelUnreachable, SendError, SendRejected, SendUncertain
from casella.plugin.events import EVENT_TYPES
from casella.plugin.testing.cases import Answer, SendCase
from casella.plugin.testing.plain import QUICK
from casella.plugin.testing.provider import Provider, difference, kept_log
from casella.plugin.testing.subject import NOON, Subject, by_provider

NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
CUT_SHORT = (
    *(httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError),
    *(httpx.RemoteProtocolError, httpx.DecodingError),
)
GARBAGE = (b"", b"OK", b"<html></html>", b"null", b"[]", b"{}", b'"text"', b"1", b"\xff\xfe", b'{"sid":', b"[" * 3000)
REQUIRED = (ChannelThrottled, SendRejected)
STATUSES = (
    200,
    201,
    202,
    204,
    301,
    302,
    304,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    410,
    413,
    415,
    422,
    429,
    451,
    500,
)
MOVED = (301, 302, 304)
FINAL = (400, 403, 404, 410, 413, 415, 422)
MAX_REQUESTS = 20
"""More requests for one message than any provider needs: a plugin that tries again by itself."""


class SendingChecks(Subject):
    """`send`, `lookup` and `health` against a provider that does not behave."""

    def test_a_send_gives_what_its_case_says(self, send_case: SendCase) -> None:
        provider = Provider(send_case.answers)
        outcome = self.sent(send_case, provider)
        if send_case.error is None:
            assert outcome == send_case.sent, f"{send_case.label}: {outcome!r}"
        else:
            assert isinstance(outcome, SendError), f"{send_case.label}: {outcome!r}"
            _assert_error(outcome, send_case)
        if send_case.requests is not None:
            made, wanted = provider.requests, send_case.requests
            assert len(made) == len(wanted), f"{send_case.label}: {len(made)} requests"
            different = [difference(request, expected) for request, expected in zip(made, wanted, strict=True)]
            assert not any(different), f"{send_case.label}: {different}"

    @by_provider
    def test_the_cases_tell_success_throttling_and_refusal(self) -> None:
        assert any(case.sent is not None for case in self.sends), "the table needs a case that is sent"
        for error in REQUIRED:
            assert any(case.error is error for case in self.sends), f"the table needs a case of {error.__name__}"

    @by_provider
    def test_an_unreachable_provider_is_tried_again(self) -> None:
        for error in NOT_REACHED:
            outcome = self._first(Answer.broken(error))
            assert isinstance(outcome, ChannelUnreachable), f"{error.__name__}: {outcome!r}"

    @by_provider
    def test_a_send_cut_short_is_uncertain(self) -> None:
        for error in CUT_SHORT:
            outcome = self._first(Answer.broken(error))
            assert isinstance(outcome, SendUncertain), f"{error.__name__}: {outcome!r}"

    def test_an_unreadable_success_is_uncertain(self) -> None:
        """The provider took it, whatever it wrote."""
        for body in GARBAGE:
            outcome = self._first(Answer(200, body))
            assert isinstance(outcome, SendUncertain | Sent), f"{body[:20]!r}: {outcome!r}"

    def test_it_does_not_try_again_by_itself(self) -> None:
        """Once is the host's promise: it could not keep it."""
        for answer in (Answer.broken(httpx.ConnectError), Answer.broken(httpx.ReadTimeout), Answer(500), Answer(429)):
            provider = Provider((answer,))
            self.sent(self.any_send, provider)
            assert len(provider.requests) <= 1, f"{len(provider.requests)} requests after {answer!r}"

    @by_provider
    def test_a_server_error_is_no_success_and_no_refusal(self) -> None:
        for status in (500, 502, 503, 504, 599):
            outcome = self._first(Answer(status, b"<html>busy</html>"))
            assert isinstance(outcome, SendError), f"{status}: {outcome!r}"
            assert outcome.retryable or isinstance(outcome, SendUncertain), f"{status}: {outcome!r}"

    @by_provider
    def test_a_refused_request_is_no_success(self) -> None:
        for status in (*MOVED, *FINAL, 401, 429):
            outcome = self._first(Answer(status, b"{}"))
            assert isinstance(outcome, SendError), f"{status}: {outcome!r}"

    def test_a_refused_request_is_not_tried_again(self) -> None:
        """The same request gets the same answer: only what the provider says is temporary may be repeated."""
        for status in FINAL:
            outcome = self._first(Answer(status, b"{}"))
            assert not (isinstance(outcome, SendError) and outcome.retryable), f"{status}: {outcome!r}"

    def test_any_answer_gives_an_outcome(self) -> None:
        def answered(status: int, body: bytes) -> None:
            provider = Provider((Answer(status, body, {"retry-after": "soon"}),))
            assert isinstance(self.sent(self.any_send, provider), Sent | SendError), f"{status}: {body[:40]!r}"
            assert len(provider.requests) <= MAX_REQUESTS

        for status in STATUSES:
            answered(status, b"")
        QUICK(given(st.sampled_from(STATUSES), _bodies())(answered))()

    def test_errors_hold_no_secrets(self) -> None:
        answers = [answer for case in self.sends for answer in case.answers]
        echo = " ".join(sorted(self.secrets)).encode()
        for answer in (*answers, Answer(400, echo), Answer(401, echo), *map(Answer.broken, CUT_SHORT)):
            outcome = self._first(answer)
            if isinstance(outcome, SendError):
                shown = (outcome.text, str(outcome), repr(outcome), str(outcome.provider_code))
                assert not self.leaked(*shown, *_chain(outcome)), f"{answer.status} {answer.raises}: in the error"

    def test_logs_hold_no_secrets(self) -> None:
        with kept_log() as lines:
            for case in self.sends:
                self.sent(case, Provider(case.answers))
            self._first(Answer.broken(httpx.ReadTimeout))
            for webhook_case in self.webhooks:
                self.verdict(self.request(webhook_case))
                self.translated(self.request(webhook_case))
        assert not self.leaked(*lines), "in the log (httpx writes the URL of every request there)"

    def test_a_lookup_guesses_nothing(self) -> None:
        """`not_taken` lets the host send again: it needs a proof, and an error or garbage is none."""
        attempt = SendAttempt(self.message(self.any_send), NOON - timedelta(days=1), 1)
        broken = [Answer.broken(error) for error in (*NOT_REACHED, *CUT_SHORT)]
        for answer in (*broken, Answer(500), Answer(404), *(Answer(200, body) for body in GARBAGE)):
            with Provider((answer,)).client() as http:
                try:
                    result = self.channel_plugin.lookup(self.channel(), attempt, http)
                except SendError:
                    continue
            assert isinstance(result, LookupResult)
            assert result.outcome == "unknown", f"{answer!r}: {result!r}"

    def test_health_answers_or_raises_a_send_error(self) -> None:
        for answer in (Answer(200, b"{}"), Answer(401), Answer(500), Answer.broken(httpx.ConnectError)):
            with Provider((answer,)).client() as http:
                try:
                    assert isinstance(self.channel_plugin.health(self.channel(), http), Refusal | None)
                except SendError:
                    continue

    def test_what_was_missed_is_events_or_a_send_error(self) -> None:
        for answer in (Answer(200, b"{}"), *(Answer(200, body) for body in GARBAGE), Answer(401), Answer(500)):
            with Provider((answer,)).client() as http:
                try:
                    found = self.channel_plugin.missed(self.channel(), NOON - timedelta(hours=1), http)
                except SendError:
                    continue
            assert all(isinstance(event, EVENT_TYPES) for event in found), f"{answer!r}: {found!r}"

    def _first(self, answer: Answer) -> Sent | SendError:
        return self.sent(self.any_send, Provider((answer,)))


def _assert_error(outcome: SendError, case: SendCase) -> None:
    assert type(outcome) is case.error, f"{case.label}: {outcome!r}"
    assert case.provider_code in (None, outcome.provider_code), f"{case.label}: {outcome.provider_code}"
    assert case.retry_after in (None, outcome.retry_after), f"{case.label}: {outcome.retry_after}"
    assert case.max_attempts in (None, outcome.max_attempts), f"{case.label}: {outcome.max_attempts}"


def _bodies() -> st.SearchStrategy[bytes]:
    return st.one_of(st.sampled_from(GARBAGE), st.binary(max_size=100))


def _chain(error: BaseException) -> Sequence[str]:
    """The error as a traceback shows it, with its causes."""
    return traceback.format_exception(error)
