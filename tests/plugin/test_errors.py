"""What may be raised: each class says what to do next, and one sentence for people."""

from __future__ import annotations

import pickle

import pytest

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    ContactThrottled,
    MediaUnavailable,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
)

POLICY = {
    ChannelUnreachable: ("channel_unreachable", True, "message"),
    ChannelThrottled: ("channel_throttled", True, "channel"),
    ContactThrottled: ("contact_throttled", True, "contact"),
    SendUncertain: ("send_uncertain", False, "message"),
    SendRejected: ("send_rejected", False, "message"),
    OutsideReplyWindow: ("outside_reply_window", False, "message"),
    ContactStopped: ("contact_stopped", False, "contact"),
    ChannelMisconfigured: ("channel_misconfigured", False, "channel"),
}


def test_the_policy_covers_every_error() -> None:
    assert set(POLICY) == set(SendError.__subclasses__())


@pytest.mark.parametrize("error", POLICY)
def test_each_says_what_to_do_next(error: type[SendError]) -> None:
    raised = error()
    assert (raised.code, raised.retryable, raised.scope) == POLICY[error]
    assert raised.text == str(raised) == (error.__doc__ or "").splitlines()[0]
    assert raised.text.endswith(".")


def test_a_better_sentence_and_limits_may_be_given() -> None:
    raised = ChannelThrottled("Slow down.", provider_code="429", retry_after=2.0, max_attempts=3)
    assert (str(raised), raised.provider_code, raised.retry_after, raised.max_attempts) == ("Slow down.", "429", 2.0, 3)


def test_media_may_come_later() -> None:
    assert MediaUnavailable().text == "The attachment could not be fetched from the provider."
    assert MediaUnavailable("Not yet.", retryable=True).retryable


@pytest.mark.parametrize("error", [*POLICY, MediaUnavailable])
def test_an_error_can_cross_a_process(error: type[Exception]) -> None:
    again = pickle.loads(pickle.dumps(error("A sentence.")))
    assert type(again) is error
    assert str(again) == "A sentence."
