"""Any bytes are read within bounds, and what is wrong is a problem with a place, never a traceback."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules.yaml.source import MAX_BYTES, Mapping, Scalar, Sequence, plain_value, read_yaml
from tests.budget import tries


def problem(source: bytes | str) -> str:
    tree, problems = read_yaml(source if isinstance(source, bytes) else source.encode(), "f.yaml")
    assert tree is None
    (only,) = problems
    return str(only).removeprefix("f.yaml:")


def value(source: str) -> object:
    tree, problems = read_yaml(source.encode(), "f.yaml")
    assert tree is not None, problems
    return plain_value(tree)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("y", "y"),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("010", 10), ("22:30", "22:30"), ("0x1f", "0x1f"), ("1_000", "1_000"), ("1.5", 1.5), ("-3", -3), ("1e3", "1e3"),
        ("2.5e1", 25.0), ("+39", 39), ("'+39'", "+39"), ('"12"', "12"), ("2026-12-24", "2026-12-24"),
        (".inf", ".inf"), (".nan", ".nan"), ("1" * 40, "1" * 40), ("=", "="), ("<<", "<<"),
    ],
)  # fmt: skip
def test_scalars_mean_what_people_wrote(written: str, meant: object) -> None:
    assert value(f"a: {written}") == {"a": meant}


def test_every_node_knows_its_place() -> None:
    tree, _ = read_yaml("è: [a, 'b']\nc:\n  - d: e\n".encode(), "f.yaml")
    assert isinstance(tree, Mapping)
    items = tree.get("è")
    assert isinstance(items, Sequence)
    assert [(item.line, item.column) for item in items.items] == [(1, 5), (1, 8)]
    inner = tree.get("c")
    assert isinstance(inner, Sequence)
    assert (inner.items[0].line, inner.items[0].column) == (3, 5)
    assert tree.key("c") == Scalar(2, 1, "c", plain=True)


def test_aliases_stand_for_their_value() -> None:
    assert value("a: &x [1, 2]\nb: *x\nc: {d: *x}") == {"a": [1, 2], "b": [1, 2], "c": {"d": [1, 2]}}


def test_json_is_yaml() -> None:
    assert value('{"a":[1,true,null,"x"]}') == {"a": [1, True, None, "x"]}


def test_a_byte_order_mark_is_no_text() -> None:
    assert value("\ufeffa: b") == {"a": "b"}


def test_an_empty_file_is_an_empty_value() -> None:
    assert value("") is None
    assert value("# nothing\n") is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"a: \xff", "1:4: this is not UTF-8 text. Save the file with the encoding UTF-8"),
        ("a: b\nè: \ud800".encode("utf-8", "surrogatepass"),
         "2:4: this is not UTF-8 text. Save the file with the encoding UTF-8"),
        (b"a: b\x00", "1:5: the invisible character U+0000 is not allowed. Remove it"),
        ("a: b".encode("utf-16"), "1:1: this is not UTF-8 text. Save the file with the encoding UTF-8"),
        (b"\ta: b", "1:1: a tab is used for indentation. Use spaces"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_said(source: bytes, said: str) -> None:
    assert problem(source) == said


BOMBS = {
    "two megabytes": b"a: b\n" * (MAX_BYTES // 5),
    "open lists": b"[" * (MAX_BYTES - 1),
    "open mappings": b"{" * (MAX_BYTES - 1),
    "open keys": b"{a: " * 400_000,
    "dashes": b"- " * 900_000,
    "questions": b"? " * 900_000,
    "colons": b"a: " * 600_000,
    "anchors": b"&a " * 600_000,
    "one huge word": b"x" * (MAX_BYTES - 1),
    "one huge quoted word": b'"' + b"x" * (MAX_BYTES - 3) + b'"',
    "many values": b"[" + b"x," * 900_000 + b"]",
    "laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(98, 110)),
    "laughs of one long word": b"a: &a " + b"x" * 90_000 + b"\nb: [" + b"*a ," * 300_000 + b"]",
    "laughs of lists of long words": b"a: &a [" + b"x" * 90_000 + b"]\nb: [" + b"*a ," * 100_000 + b"]",
    "laughs of long keys": b"a: &a {" + b"x" * 90_000 + b": 1}\nb: [" + b"*a ," * 100_000 + b"]",
    "deep aliases": b"a0: &a0 [x]\n" + b"".join(b"a%d: &a%d [*a%d]\n" % (i, i, i - 1) for i in range(1, 2000)),
}


@pytest.mark.timeout(60)  # a bomb that goes off takes minutes, or all memory
@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_do_not_go_off(name: str) -> None:
    tree, problems = read_yaml(BOMBS[name], "f.yaml")
    if tree is not None:
        plain_value(tree)
    assert tree is None or name == "deep aliases"
    assert len(problems) == (tree is None)


def test_an_alias_of_what_is_not_long_may_be_used_as_often_as_anybody_likes() -> None:
    assert value("a: &a " + "x" * 1_000 + "\nb: [" + "*a ," * 3_000 + "]")


@pytest.mark.parametrize("escape", [r"\0", r"\a", r"\b", r"\e", r"\r", r"\x7f", r"\x9b", r"\N", r"\ufffe", r"\uffff"])
def test_an_invisible_character_is_found_behind_its_escape(escape: str) -> None:
    _, problems = read_yaml(f'a: [b, "c{escape}"]'.encode(), "f.yaml")
    assert [(one.line, one.column) for one in problems] == [(1, 8)]
    assert "not even as an escape" in problems[0].message
    assert value(f"a: 'c{escape}'") == {"a": f"c{escape}"}


def test_visible_escapes_and_line_breaks_are_text() -> None:
    assert value(r'"\t\n\u00e8\L\U0001f600"') == "\t\nè\u2028\U0001f600"


def test_a_message_never_quotes_a_huge_value() -> None:
    assert len(problem("a: !" + "x" * 100_000 + " b")) < 300


@given(st.binary(max_size=400))
def test_any_bytes_give_a_tree_or_one_problem(source: bytes) -> None:
    tree, problems = read_yaml(source, "f.yaml")
    assert tree is not None or len(problems) == 1


YAML_PARTS = ["a", ":", " ", "\n", "- ", "[", "]", "{", "}", ",", "&x", "*x", "'", '"', "|", ">", "#", "!", "?", "\t"]
YAML_PARTS += ["  ", "---", "%", "è", "\\"]


@given(st.lists(st.sampled_from(YAML_PARTS), max_size=60).map("".join))
@settings(max_examples=tries(300))
def test_any_soup_of_yaml_gives_a_tree_or_one_problem(source: str) -> None:
    tree, problems = read_yaml(source.encode(), "f.yaml")
    assert tree is not None or len(problems) == 1
    for found in problems:
        assert 1 <= found.line <= source.count("\n") + 2
        assert found.column >= 1
    if tree is not None:
        plain_value(tree)


PRINTABLE = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn"], exclude_characters="\ufeff\u2028\u2029"), max_size=8
)
Tree = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=12,
)


@given(Tree)
def test_json_comes_back_as_it_was(tree: object) -> None:
    source = json.dumps(tree, ensure_ascii=False)
    read, problems = read_yaml(source.encode(), "f.yaml")
    assert read is not None, problems
    assert plain_value(read) == tree


@pytest.mark.parametrize(
    ("source", "said", "meant"),
    [
        ("te\u200bxt: x", "1:3: there is an invisible character here (U+200B, zero width space). Delete it",
         {"text": "x"}),
        ("tag: vip\u00a0", "1:9: there is an invisible character here (U+00A0, no-break space). Delete it and type an "
         "ordinary space", {"tag": "vip"}),
        ("a: two words\u00a0\nb: c", "1:13: there is an invisible character here (U+00A0, no-break space). Delete it "
         "and type an ordinary space", {"a": "two words", "b": "c"}),
        ("\u00a0tag: vip", "1:1: there is an invisible character here (U+00A0, no-break space). Delete it and type an "
         "ordinary space", {"tag": "vip"}),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_named_and_read_as_it_was_meant(source: str, said: str, meant: object) -> None:
    tree, (only,) = read_yaml(source.encode(), "f.yaml")
    assert str(only) == f"f.yaml:{said}"
    assert tree is not None
    assert plain_value(tree) == meant


@pytest.mark.parametrize(
    "text", ["Bonjour\u00a0! Comment", "'a\u00a0'", "\U0001f469\u200d\U0001f4bb", "a | b\u200bc d"]
)
def test_invisible_characters_within_texts_are_left_alone(text: str) -> None:
    assert value(f"a: {text}") == {"a": text.strip("'")}


def test_a_space_of_another_kind_in_front_of_a_line_is_named_where_it_breaks_the_file() -> None:
    said = problem("rules:\n  - name: A\n\u00a0\u00a0\u00a0 when: x\n    if: always\n")
    assert said.startswith("3:1: there is an invisible character here (U+00A0, no-break space)")
