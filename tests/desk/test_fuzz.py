"""However a desk is damaged, checking it ends, with problems in its own files, and never with a traceback."""

import json
import re
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.desk import Catalogue, read_desk
from casella_sms.channel import SmsChannel
from tests.budget import LONG, tries
from tests.desk.desks import write_desk

EXAMPLE = Path(__file__).parents[2] / "examples" / "desk"
SOURCES = {name: (EXAMPLE / name).read_text() for name in ("desk.yaml", "rules.yaml", "canned.yaml", "tests.yaml")}
CATALOGUE = Catalogue.of({"sms": SmsChannel()})
SNIPPETS = [
    "", " ", "\n", "\t", ":", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!x ", "|", ">", "#", "%", "null",
    "true", "5", "1e9", "{}", "[]", "[[]]", "{a: b}", "- - -", "if:", "any:", "not: {text: x}", "${X}", "{{ x }}",
    "{% if %}", "è", "\u2028", "\x00", "x" * 5_000, "2026-12-24", "matches: '('", "then: [stop]", "when: x",
]  # fmt: skip
NAMES = st.sampled_from(sorted(SOURCES))


def problems_of(changed: dict[str, str | bytes]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        where = write_desk(Path(folder), {**SOURCES, **changed})
        desk, problems = read_desk(where, CATALOGUE)
        assert (desk is None) == bool(problems)
        for problem in problems:
            assert Path(problem.file).is_relative_to(where)
            assert problem.line >= 1
            assert problem.column >= 1
            assert len(str(problem)) < 1_200
            assert "\n" not in str(problem)
        return [str(problem) for problem in problems]


#: One channel type of the demo is not in this catalogue.
SAID_ANYWAY = {problem.rpartition("/desk/")[2] for problem in problems_of({})}


@given(NAMES, st.data())
@settings(max_examples=tries(150), deadline=None)
def test_pieces_put_anywhere(name: str, data: st.DataObject) -> None:
    source = SOURCES[name]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(source)))
        cut = data.draw(st.integers(0, 12))
        source = source[:at] + data.draw(st.sampled_from(SNIPPETS)) + source[at + cut :]
    problems_of({name: source})


@given(NAMES, st.sampled_from([":", "[", "]", "{", "}", '"', " ", "\t", "\u00a0"]), st.data())
@settings(max_examples=tries(150), deadline=None)
def test_a_slip_makes_nothing_a_mistake_in_other_files(name: str, character: str, data: st.DataObject) -> None:
    source = SOURCES[name]
    if character in " \t\u00a0":
        line = data.draw(st.sampled_from([found.start() for found in re.finditer(r"^(?=[ -]*[a-z])", source, re.M)]))
        source = source[:line] + character + source[line:]
    else:
        at = data.draw(st.sampled_from([found.start() for found in re.finditer(re.escape(character), source)] or [0]))
        source = source[:at] + source[at + 1 :]
    elsewhere = {
        problem.rpartition("/desk/")[2] for problem in problems_of({name: source}) if f"/{name}:" not in problem
    }
    assert elsewhere <= SAID_ANYWAY


@given(NAMES, st.floats(0, 1))
@settings(max_examples=tries(60), deadline=None)
def test_files_cut_off_anywhere(name: str, share: float) -> None:
    problems_of({name: SOURCES[name][: int(len(SOURCES[name]) * share)]})


@given(NAMES, st.data())
@settings(max_examples=tries(150), deadline=None)
def test_any_value_of_any_type_behind_any_key(name: str, data: st.DataObject) -> None:
    keys = [match.end() for match in re.finditer(r"^[ -]*[a-z._-]+:", SOURCES[name], re.MULTILINE)]
    at = data.draw(st.sampled_from(keys))
    end = SOURCES[name].find("\n", at)
    value = data.draw(st.sampled_from(SNIPPETS))
    problems_of({name: f"{SOURCES[name][:at]} {value}{SOURCES[name][end:]}"})


@given(NAMES, st.binary(max_size=200))
@settings(max_examples=tries(60), deadline=None)
def test_any_bytes_as_a_file(name: str, source: bytes) -> None:
    problems_of({name: source})


KEYS = [
    "desk",
    "inboxes",
    "connections",
    "channels",
    "teams",
    "agents",
    "hours",
    "tags",
    "locales",
    "name",
    "type",
    "settings",
    "text",
    "phrase",
    "rules",
    "canned",
    "when",
    "if",
    "then",
    "all",
    "any",
    "not",
    "assign",
    "reply",
    "week",
    "support",
    "monday",
    "email",
    "else",
    "team",
    "is",
    "contains",
]
VALUES = [None, True, 5, "x", "${X}", "support", "09:00-18:00", "IT", "en", "sms", "message_received", "always"]
PARTS = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@given(NAMES, PARTS)
@settings(max_examples=tries(150), deadline=None)
def test_any_tree_of_known_words(name: str, tree: object) -> None:
    wrapped = {name: {name.partition(".")[0]: tree} for name in ("rules.yaml", "canned.yaml", "tests.yaml")}
    top = {"desk.yaml": tree, **wrapped}[name]
    problems_of({name: json.dumps(top)})


MANY = 100_000 if LONG else 25_000  # counted allocation by allocation, which takes most of the time
HOSTILE: dict[str, bytes] = {
    "a billion laughs": b"a: &a [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 9)) for n in range(ord("b"), ord("k"))),
    "a list that contains itself": b"rules: &a [*a]\n",
    "ten thousand brackets": b"rules: " + b"[" * 10_000,
    "ten thousand braces": b"rules: " + b"{a: " * 10_000,
    "ten thousand dashes": b"rules:\n" + b"- " * 10_000 + b"x\n",
    "ten thousand levels of indentation": b"".join(b" " * n + b"a:\n" for n in range(2_000)),
    "a scalar of a megabyte": b"rules: '" + b"x" * 1_000_000 + b"'\n",
    "a key of a megabyte": b"? '" + b"x" * 1_000_000 + b"'\n: 1\n",
    "ten thousand keys": b"".join(b"k%d: 1\n" % n for n in range(10_000)),
    "two megabytes": b"#" + b"x" * 2_000_000,
    "very many keys that are almost right": b"".join(b"inboxe%d: 1\n" % n for n in range(MANY)),
    "tabs": b"rules:\n\t- name: A\n",
    "not UTF-8": b"rules: \xff\xfe\n",
    "half a character": b"rules: \xc3",
    "UTF-16": "rules: []".encode("utf-16"),
    "a null byte": b"rules: \x00\n",
    "a key twice": b"rules: []\nrules: []\n",
    "a tag of Python": b"rules: !!python/object/apply:os.system [echo]\n",
    "a regular expression that explodes": b"rules:\n  - {name: A, when: message_received, if: {text: {matches: '"
    + b"(" * 200 + b"a*" + b")*" * 200 + b"'}}, then: [stop]}\n",
    "a list of ten thousand values": b"rules:\n  - {name: A, when: message_received, if: {text: ["
    + b",".join(b"w%d" % n for n in range(10_000)) + b"]}, then: [stop]}\n",
    "many fields that are almost right": b"rules:\n  - name: A\n    when: message_received\n    if:\n"
    + b"".join(b"      conversasion.%d: 1\n" % n for n in range(MANY // 5)) + b"    then: [stop]\n",
    "a long cron": b"rules:\n  - {name: A, when: {schedule: '"
    + b"1," * 4_000 + b" * * * *'}, if: always, then: [stop]}\n",
}  # fmt: skip


@pytest.mark.parametrize(("what", "name"), list(zip(HOSTILE, [*SOURCES, *["rules.yaml"] * len(HOSTILE)], strict=False)))
def test_what_is_made_to_break_loaders_is_refused_in_bounded_memory(what: str, name: str) -> None:
    tracemalloc.start()
    try:
        said = problems_of({name: HOSTILE[what]})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert said
    assert most < 400_000_000


@given(st.binary(max_size=60), st.sampled_from([0, 5, 30]))
@settings(max_examples=tries(40), deadline=None)
def test_any_bytes_in_the_middle_of_tests(source: bytes, line: int) -> None:
    whole = SOURCES["tests.yaml"].encode().splitlines(keepends=True)
    problems_of({"tests.yaml": b"".join([*whole[:line], source, b"\n", *whole[line:]])})
