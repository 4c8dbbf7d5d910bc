"""Set aside by degrees, for a time that grows, and let in again by a probe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.host.breakers import FIRST_PAUSE, LONGEST_PAUSE, SEVERAL, Breakers, aside_text


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 10_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def breakers(hands: Hands) -> Breakers:
    return Breakers(hands)


def break_it(breakers: Breakers, method: str = "send") -> None:
    for number in range(SEVERAL):
        breakers.failed("acme", method, "raised KeyError", f"{number}")


def test_several_different_failures_in_a_row_set_one_method_aside(breakers: Breakers) -> None:
    break_it(breakers)

    assert not breakers.admits("acme", "send")
    assert breakers.admits("acme", "translate")
    [aside] = breakers.now_aside()
    assert aside_text(aside) == "set aside: send raised KeyError; tried again in 15 s"


def test_one_poisonous_message_tried_again_and_again_sets_nobody_aside(breakers: Breakers) -> None:
    for _ in range(50):
        breakers.failed("acme", "translate", "raised KeyError", "the same")

    assert breakers.admits("acme", "translate")


def test_what_works_in_between_begins_the_row_anew(breakers: Breakers) -> None:
    for number in range(20):
        breakers.failed("acme", "send", "raised KeyError", f"{number}")
        breakers.worked("acme", "send")

    assert breakers.admits("acme", "send")


def test_one_probe_is_let_through_when_the_pause_is_over(breakers: Breakers, hands: Hands) -> None:
    break_it(breakers)
    hands.at += FIRST_PAUSE - 0.1
    assert not breakers.admits("acme", "send")
    hands.at += 0.2

    assert [breakers.admits("acme", "send") for _ in range(3)] == [True, False, False]
    breakers.worked("acme", "send")
    assert breakers.admits("acme", "send")
    assert breakers.now_aside() == []


def test_a_probe_that_fails_doubles_the_pause_up_to_the_longest(breakers: Breakers, hands: Hands) -> None:
    break_it(breakers)
    pauses = []
    for _ in range(9):
        [aside] = breakers.now_aside()
        pauses.append(aside.seconds)
        hands.at += aside.seconds
        assert breakers.admits("acme", "send")
        breakers.failed("acme", "send", "raised KeyError", "0")

    assert pauses[:4] == [15.0, 30.0, 60.0, 120.0]
    assert pauses[-1] == LONGEST_PAUSE


def test_calls_that_were_under_way_neither_lengthen_the_pause_nor_keep_it_out(breakers: Breakers) -> None:
    break_it(breakers)
    breakers.failed("acme", "send", "raised KeyError", "late")
    assert breakers.now_aside()[0].times == 1
    breakers.worked("acme", "send")
    assert breakers.admits("acme", "send")


def test_what_one_process_sets_aside_or_lets_in_the_others_do_too(hands: Hands) -> None:
    here, there = Breakers(hands), Breakers(hands)
    break_it(here)
    news = {key: aside for key, aside in here.take_news().items() if aside is not None}
    there.adopt(news)
    here.adopt(news)
    assert not there.admits("acme", "send")

    hands.at += FIRST_PAUSE
    assert there.admits("acme", "send")
    there.worked("acme", "send")
    assert there.take_news() == {("acme", "send"): None}
    assert here.adopt({})
    assert here.admits("acme", "send")


def test_what_changed_here_is_not_taken_back_before_the_others_have_heard_it(breakers: Breakers) -> None:
    break_it(breakers)
    assert not breakers.adopt({})
    assert not breakers.admits("acme", "send")
    news = breakers.take_news()
    breakers.give_back(news)
    assert breakers.take_news() == news


@given(st.lists(st.sampled_from(["fail", "work", "ask", "wait"]), max_size=60))
def test_it_always_comes_back(steps: list[str]) -> None:
    hands = Hands()
    breakers = Breakers(hands)
    for number, step in enumerate(steps):
        match step:
            case "fail":
                breakers.failed("acme", "send", "raised", f"{number}")
            case "work":
                breakers.worked("acme", "send")
            case "ask":
                breakers.admits("acme", "send")
            case _:
                hands.at += 7
    hands.at += LONGEST_PAUSE + 120
    assert breakers.admits("acme", "send")
    breakers.worked("acme", "send")
    assert breakers.now_aside() == []
