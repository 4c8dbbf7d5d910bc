"""A model's answer, in either form, whole and still growing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from casella_assistant.errors import ProviderBroke
from casella_assistant.formats import Labels, Written, growing, newly, read_labels, read_replies

ROWS = [{"text": "First “one”\nhere", "sources": ["S2"]}, {"text": "Second", "sources": []}]
JSON = to_json({"replies": ROWS}).decode()
PLAIN = "First one\nhere\nSources: S2\n---\nSecond\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JSON, [Written("First “one”\nhere", ("S2",)), Written("Second")]),
        (f"```json\n{JSON}\n```", [Written("First “one”\nhere", ("S2",)), Written("Second")]),
        (PLAIN, [Written("First one\nhere", ("S2",)), Written("Second")]),
        ("Reply 1:\nHello\n-----\nReply 2: Bye\nSource: S1, S3", [Written("Hello"), Written("Bye", ("S1", "S3"))]),
        ("Just one", [Written("Just one")]),
        ("\n---\nHello\n---\n", [Written("Hello")]),
    ],
)
def test_replies_are_read(text: str, expected: list[Written]) -> None:
    assert read_replies(text, "suggest") == expected


def test_a_single_text_may_have_a_line_of_hyphens() -> None:
    assert read_replies("One\n---\nTwo", "generate") == [Written("One\n---\nTwo")]


@pytest.mark.parametrize("text", ["", "  \n", "---", '{"replies": [', '{"replies": []}', '{"a": 1}', "{nonsense", "{}"])
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ProviderBroke):
        read_replies(text, "suggest")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"tags": ["vip", "refund"], "canned": "S2"}', Labels(("vip", "refund"), "S2")),
        ('{"tags": [], "canned": null}', Labels()),
        ("Tags: vip, refund\nCanned: S2", Labels(("vip", "refund"), "S2")),
        ("tags:\ncanned: none", Labels()),
    ],
)
def test_labels_are_read(text: str, expected: Labels) -> None:
    assert read_labels(text) == expected


@pytest.mark.parametrize("text", ["I think vip fits", '["vip"]', "{"])
def test_labels_in_no_known_form_are_refused(text: str) -> None:
    with pytest.raises(ProviderBroke):
        read_labels(text)


def gathered(text: str, cuts: list[int]) -> list[str]:
    """What somebody has seen who was shown every addition."""
    shown: list[str] = []
    for end in [*sorted(cut % (len(text) + 1) for cut in cuts), len(text)]:
        after = growing(text[:end])
        for index, more in newly(shown, after):
            while len(shown) <= index:
                shown.append("")
            shown[index] += more
    return shown


LINES = st.sampled_from(["Hello there", "Second line", "a - b", "So", "S", "-", "Re", "Sourdough", ""])


@given(
    replies=st.lists(st.lists(LINES, min_size=1, max_size=4).map("\n".join).filter(str.strip), min_size=1, max_size=3),
    cuts=st.lists(st.integers(0, 500), max_size=25),
    structured=st.booleans(),
)
def test_what_is_shown_while_it_grows_is_the_beginning_of_what_it_becomes(
    replies: list[str], cuts: list[int], structured: bool
) -> None:
    rows = [{"text": reply, "sources": ["S1"]} for reply in replies]
    text = to_json({"replies": rows}).decode() if structured else "\nSources: S1\n---\n".join(replies)
    final = [written.text for written in read_replies(text, "suggest")]
    shown = gathered(text, cuts)
    assert all(whole.startswith(part) for part, whole in zip(shown, final, strict=False))
    assert not structured or shown == final
