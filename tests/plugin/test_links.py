"""Which links of plugins are taken in, and which addresses they may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import ConversationLink, LinkQuestion
from casella.plugin.links import SCHEMES, address_problem, link_problem


def nowhere(question: LinkQuestion) -> str | None:
    return None


def link(**changed: object) -> ConversationLink:
    given_: dict[str, object] = {"name": "toy.share", "kind": "co_browse", "label": {"en": "Share"}, "url": nowhere}
    return ConversationLink(**{**given_, **changed})  # type: ignore[arg-type]  # what each test makes wrong


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (object(), "registers object and no ConversationLink"),
        (link(name="share"), "write 'toy.' and a lower-case name"),
        (link(name="other.share"), "write 'toy.'"),
        (link(name="toy.Share"), "lower-case name"),
        (link(kind="video"), "there are call, meeting, co_browse, other"),
        (link(label={"it": "Condividi"}), "without an English label"),
        (link(label={"en": "  "}), "without an English label"),
        (link(url="https://x.example"), "whose url is no function"),
    ],
)
def test_what_cannot_be_taken_in_says_why(wrong: object, said: str) -> None:
    assert said in link_problem("toy", wrong)


def test_a_sound_one_has_no_problem() -> None:
    assert link_problem("toy", link()) == ""


@pytest.mark.parametrize(
    "address",
    ["https://x.example", "https://x.example/a?b=c&d=%20#e", "tel:+12025550123", "sip:ann@pbx.example", "sips:1@x"],
)
def test_addresses_that_agents_can_open(address: str) -> None:
    assert address_problem(address) == ""


@pytest.mark.parametrize(
    "address",
    ["", None, 5, "http://x.example", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://",
     "https://x.example/a b", "https://x.example/\n", "https://x.example/\u202e", "tel:", "tel:abc", "//x.example",
     " https://x.example", "https://x.example/<script>", "https://" + "a" * 3_000],
)  # fmt: skip
def test_addresses_that_nobody_opens(address: object) -> None:
    assert address_problem(address)


@given(st.text(max_size=80))
def test_whatever_is_let_through_begins_as_it_may_and_has_no_room_for_markup(text: str) -> None:
    if not address_problem(text):
        assert text.partition(":")[0] in SCHEMES
        assert text.isascii()
        assert not set(text) & set(' <>"`\\^{|}\n\r\t\0')
