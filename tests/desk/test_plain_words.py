"""Nothing that managers read speaks of what only authors of parsers know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.desk.canned.template_check import check_text
from casella_rules import read_rules
from tests.desk.desks import corpus
from tests.rules.reading import VOCABULARY

ROOT = Path(__file__).resolve().parents[2]
JARGON = re.compile(
    r"\b(?:a|the|this|block|flow) (?:mapping|sequence|scalar|node|token|alias|anchor)s?\b|block end|expected token|"
    r"\bwhile (?:parsing|scanning)\b|<[a-z ]+ ?(?:start|end|entry)>|\bValidationError\b"
    r"|\bvalid (?:dictionary|list|string)|Input should|\bNoneType\b|(?-i:\bdict\b)|\bparser\b",
    re.I,
)  # fmt: skip
#: What libyaml says, to be put into other words.
HEARD = {"messages.py", "slips.py"}


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module that is no docstring."""
    tree = ast.parse(path.read_text())
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet:
            yield node.lineno, node.value


@pytest.mark.parametrize("package", ["rules/casella_rules", "worker/casella/desk"])
def test_no_message_speaks_of_parsers(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name not in HEARD
        for line, text in sentences(path)
        if JARGON.search(text)
    ]
    assert not found, "\n".join(found)


def test_no_line_of_the_corpus_does() -> None:
    assert not [line for broken in corpus() for line in broken.expected if JARGON.search(line)]


SOUND = (
    "rules:\n  - name: A\n    when: message_received\n    if: {text: {contains: [a, 'b']}}\n    then:\n      - tag: x\n"
)


SIGNS = [*"-:{}[]'\"#&*!|>%@`,?\t =", "- ", ": ", "\n", ""]


@given(st.integers(0, len(SOUND)), st.integers(0, 3), st.sampled_from(SIGNS))
def test_no_slip_makes_it_do_so(at: int, taken: int, written: str) -> None:
    """Some letters are taken out of a sound file, or written into it, anywhere."""
    text = SOUND[:at] + written + SOUND[at + taken :]
    for problem in read_rules([("r.yaml", text.encode())], VOCABULARY)[1]:
        assert not JARGON.search(f"{problem.message} {problem.hint}"), (text, str(problem))


JINJA = re.compile(r"print statement|end of statement|got '|unknown tag|expected token", re.I)
PIECES = ["{", "}", "{{", "}}", "{%", "%}", "first name", "contact.name", "1", "|", ":", "=", "if", "endif", "for", "'",
          '"', "(", ")", "[", "]", ",", "~", "%", "name", " ", "\n", "!", "set x"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_no_text_to_fill_in_makes_it_speak_of_templates(text: str) -> None:
    for problem in check_text(text):
        told = f"{problem.message} {problem.hint}"
        assert not JARGON.search(told), (text, told)
        assert not JINJA.search(told.replace(text, "")), (text, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hi {{first name}}", "'{{first name}}' cannot be filled. Write {{ contact.first_name }}"),
        ("Hi {{{first_name}}}", "'{{{first_name}}}' cannot be filled. Write {{ contact.first_name }}"),
        ("Hi {%name%}", "'{%name%}' cannot be filled. Write {{ contact.name }}"),
        ("Hi {{ contact.first_name|fallback: 'you' }}",
         "'{{ contact.first_name|fallback: 'you' }}' cannot be filled. Write {{ contact.first_name }}"),
        ("{{ order number }}", "'{{ order number }}' cannot be filled. What can be filled in: contact.name, "
         "contact.first_name, contact.phone, agent.name, agent.first_name, conversation.id, inbox.name"),
        ("{% if contact.name = 'Ada' %}x{% endif %}",
         "'{% if contact.name = 'Ada' %}' cannot be read. Write for example {% if contact.name %}"),
        ("Hi {{ contact.name", "a {{ or {% is never closed. Write {{ contact.name }}, and {% endif %} behind what "
         "belongs to {% if %}"),
    ],
)  # fmt: skip
def test_what_cannot_be_filled_is_told_with_its_own_words(text: str, told: str) -> None:
    assert [f"{one.message}. {one.hint}" for one in check_text(text)] == [told]
