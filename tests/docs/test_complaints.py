"""Every complaint that a rule engine can answer is on the page, and every test that the page names is there."""

import re

from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "complaints.md").read_text()
PEERS = [ROOT / "tests" / room / f"test_peers{part}.py" for room in ("rules", "inbox") for part in ("", "_assignment")]
NAMED = [ROOT / file for file in re.findall(r"`(tests/[\w/]+\.py)", PAGE)]
TESTS = set(re.findall(r"def (test_\w+)", "".join(file.read_text() for file in {*PEERS, *NAMED})))


def numbers(names: str) -> set[str]:
    """The complaints in tests' names: `test_36_37_38_what_comes_back` is about three."""
    return {
        number for found in re.findall(r"test_((?:[0-9]+[ab]?_?)+)", names) for number in found.strip("_").split("_")
    }


def test_every_complaint_about_rules_and_assignment_is_answered_by_a_test_of_its_number() -> None:
    answered = numbers(" ".join(TESTS))
    assert {str(number) for number in range(29, 79)} <= answered
    assert {"2a", "2b"} <= answered


def test_the_page_has_the_numbers_that_the_tests_have() -> None:
    listed = {number for row in re.findall(r"(?m)^\| ([0-9ab, -]+?) \|", PAGE) for number in re.findall(r"[0-9]+", row)}
    assert listed == {str(number) for number in range(29, 79)}


def test_the_tests_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`(?:tests/[\w/]+\.py::)?(test_\w+)`", PAGE))
    assert len(named) > 30
    for test in named:
        assert any(there == test or there.startswith(f"{test}_") for there in TESTS), test


def test_every_case_from_the_field_that_a_test_names_is_on_the_page() -> None:
    tested = {
        number for test in TESTS for number in re.findall(r"(?<=[a-z]_)([0-9]{2})(?=_)", test) if "test_field_" in test
    }
    listed = set(re.findall(r"F([0-9]{2})", PAGE.partition("## What managers met")[2]))
    assert tested
    assert tested <= listed
