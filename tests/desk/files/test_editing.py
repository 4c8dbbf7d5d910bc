"""One value of a YAML file is changed, and every other character stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.desk.files.editing import CannotEdit, drop, drop_item, put, put_item
from casella_rules.yaml.source import Plain, composed, plain_value
from tests.budget import tries

DESK = """\
# the desk of the shop
desk: X
tags: [vip, refund]  # every tag
inboxes:
  support: {name: Support, teams: [front]}  # the first one
  sales:
    name: Sales # of all kinds
    # people go on where they were
    reopen: 7d   # a week

hours:
  support:
    week: {monday: "09:00-18:00"}
  shop: {week: {monday: "09:00-18:00"}, exceptions: {"2026-12-24": closed}}
"""
CANNED = """\
canned:
  # said first
  greeting:
    text:
      en: Hello   # short
      it: Ciao
    phrase: hello
  bye: {text: "Bye"}
"""


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """Lines that differ, of texts with as many lines."""
    assert len(before.splitlines()) == len(after.splitlines())
    return [(old, new) for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]


def added(before: str, after: str) -> list[str]:
    old = before.splitlines()
    new = after.splitlines()
    assert [line for line in new if line in old] == old
    return [line for line in new if line not in old]


def test_a_value_is_replaced_and_what_is_said_beside_it_stays() -> None:
    assert changed(DESK, put(DESK, ["inboxes", "sales", "reopen"], "always")) == [
        ("    reopen: 7d   # a week", "    reopen: always   # a week")
    ]


def test_a_missing_key_is_added_in_the_way_of_its_neighbours() -> None:
    assert changed(DESK, put(DESK, ["inboxes", "support", "reopen"], "7d")) == [
        (
            "  support: {name: Support, teams: [front]}  # the first one",
            "  support: {name: Support, teams: [front], reopen: 7d}  # the first one",
        )
    ]
    assert added(DESK, put(DESK, ["inboxes", "sales", "features"], ["assign"])) == ["    features: [assign]"]
    assert added(DESK, put(DESK, ["hours", "support", "exceptions", "2026-12-31"], "closed")) == [
        "    exceptions:",
        '      "2026-12-31": closed',
    ]


def test_words_of_a_list_come_and_go() -> None:
    more = put_item(DESK, ["tags"], "late")
    assert changed(DESK, more) == [("tags: [vip, refund]  # every tag", "tags: [vip, refund, late]  # every tag")]
    assert "tags: [refund, late]  # every tag" in drop_item(more, ["tags"], "vip")
    lines = "tags:\n  - vip  # who pays\n  # who does not\n  - late\n"
    assert drop_item(lines, ["tags"], "vip") == "tags:\n  # who does not\n  - late\n"
    assert put_item(lines, ["tags"], "new") == lines + "  - new\n"
    assert put_item("desk: X\n", ["tags"], "new") == "desk: X\ntags: [new]\n"
    assert drop_item("tags: [vip]", ["tags"], "vip") == "tags: []"


def test_an_entry_goes_with_its_line() -> None:
    assert "exceptions: {}" in drop(DESK, ["hours", "shop", "exceptions", "2026-12-24"])
    assert drop(CANNED, ["canned", "greeting", "phrase"]) == CANNED.replace("    phrase: hello\n", "")
    assert drop(drop(CANNED, ["canned", "greeting"]), ["canned", "bye"]).endswith("canned: {}\n")


def test_texts_of_several_lines_stay_readable() -> None:
    new = put(CANNED, ["canned", "greeting", "text", "it"], "Ciao\na tutti\n\nqui: # no")
    assert "      it: |-\n        Ciao\n        a tutti\n\n        qui: # no\n" in new
    assert "en: Hello   # short" in new


@pytest.mark.parametrize("empty", ["", "# nothing yet\n", "canned:\n", "canned: {}", "canned: {}\n"])
def test_a_file_without_anything_gets_its_first_entry(empty: str) -> None:
    new = put(empty, ["canned", "x"], {"text": "a"})
    assert f"{new.rstrip()}\n".endswith("canned:\n  x:\n    text: a\n")
    assert empty.startswith("#") == new.startswith("#")


@pytest.mark.parametrize(
    "tied",
    ["a: &x {b: 1}\nc: *x\n", "a: {b: &y 1, c: *y}\n"],
)
def test_what_others_point_at_is_left_alone(tied: str) -> None:
    with pytest.raises(CannotEdit):
        put(tied, ["a"], 2)


def test_lines_of_windows_stay_such() -> None:
    new = put("inboxes:\r\n  a:\r\n    name: A\r\nx: 1\r\n", ["inboxes", "a", "reopen"], "always")
    assert new.endswith("    name: A\r\n    reopen: always\r\nx: 1\r\n")


_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Co", "Cn"))
    | st.sampled_from("\n:#'\"{}[]&*- "),
    max_size=30,
)
_KEYS = st.sampled_from(["a", "b", "c", "no", "7", "2026-12-24"])
_VALUES: st.SearchStrategy[Plain] = st.recursive(
    st.booleans() | st.integers(0, 99) | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=tries(200))
@given(st.lists(st.tuples(st.lists(_KEYS, min_size=1, max_size=3), _VALUES), max_size=5))
def test_whatever_is_put_reads_as_it_was_put(puts: list[tuple[list[str], Plain]]) -> None:
    """`put` itself compares the whole file with what was meant; here, that it can nearly always do it."""
    text = DESK
    for path, value in puts:
        before = plain_value(composed(text, "").tree or pytest.fail("it reads"))
        try:
            text = put(text, path, value)
        except CannotEdit:  # a path that leads through a word
            for key in path[:-1]:
                before = before.get(key) if isinstance(before, dict) else before
            assert not isinstance(before, dict), (text, path, value)
        else:
            read = plain_value(composed(text, "").tree or pytest.fail("it reads"))
            for key in path:
                assert isinstance(read, dict)
                read = read[key]
            assert read == value
