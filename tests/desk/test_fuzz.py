"""However a desk is damaged, checking it ends, with problems in its own files, and never with a traceback."""

import json
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from casella.desk import Catalogue, read_desk
from casella_sms import SmsChannel
from tests.desk.desks import write_desk

EXAMPLE = Path(__file__).parents[2] / "examples" / "desk"
SOURCES = {name: (EXAMPLE / name).read_text() for name in ("desk.yaml", "rules.yaml", "canned.yaml")}
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


@given(NAMES, st.data())
@settings(max_examples=150, deadline=None)
def test_pieces_put_anywhere(name: str, data: st.DataObject) -> None:
    source = SOURCES[name]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(source)))
        cut = data.draw(st.integers(0, 12))
        source = source[:at] + data.draw(st.sampled_from(SNIPPETS)) + source[at + cut :]
    problems_of({name: source})


@given(NAMES, st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_files_cut_off_anywhere(name: str, share: float) -> None:
    problems_of({name: SOURCES[name][: int(len(SOURCES[name]) * share)]})


@given(NAMES, st.data())
@settings(max_examples=150, deadline=None)
def test_any_value_of_any_type_behind_any_key(name: str, data: st.DataObject) -> None:
    keys = [match.end() for match in re.finditer(r"^[ -]*[a-z._-]+:", SOURCES[name], re.MULTILINE)]
    at = data.draw(st.sampled_from(keys))
    end = SOURCES[name].find("\n", at)
    value = data.draw(st.sampled_from(SNIPPETS))
    problems_of({name: f"{SOURCES[name][:at]} {value}{SOURCES[name][end:]}"})


@given(NAMES, st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
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
@settings(max_examples=150, deadline=None)
def test_any_tree_of_known_words(name: str, tree: object) -> None:
    top = {"desk.yaml": tree, "rules.yaml": {"rules": tree}, "canned.yaml": {"canned": tree}}[name]
    problems_of({name: json.dumps(top)})
