"""Every number on the page of complaints is answered by a test of that name, and every such test is on the page."""

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "complaints.md").read_text()
SOURCES = "".join((ROOT / "tests" / "rules" / f"test_peers{part}.py").read_text() for part in ("", "_assignment"))


def numbers(text: str, pattern: str) -> set[str]:
    return {number for found in re.findall(pattern, text) for number in re.findall(r"[0-9]+[ab]?", found)}


def test_the_page_and_the_tests_have_the_same_numbers() -> None:
    tested = numbers(SOURCES, r"def test_((?:[0-9]+[ab]?_)+)")
    assert numbers(PAGE, r"`test_([0-9ab_]+)`") == tested
    listed = numbers(PAGE.partition("The tests are")[0], r"(?m)^\| ([0-9, ]+) \|")
    assert listed == tested - {"2a", "2b"}


def test_the_tests_that_are_named_with_their_files_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) > 3
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(), test
