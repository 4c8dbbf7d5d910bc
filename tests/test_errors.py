"""One tree of errors: each says what to do, and carries a code that programs may rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casella import errors
from casella.errors import AssignmentLost, CasellaError, SendRefused, StoreUnavailable


def tree(root: type[CasellaError]) -> Iterator[type[CasellaError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


@pytest.mark.parametrize("kind", list(tree(CasellaError)), ids=lambda kind: kind.__name__)
def test_every_error_has_a_sentence_a_code_and_a_status(kind: type[CasellaError]) -> None:
    error = kind()

    assert error.text.endswith(".")
    assert "\n" not in error.text
    assert str(error) == error.text
    assert error.reason == kind.code
    assert 400 <= kind.status <= 599
    assert kind.__name__ in (errors.__doc__ or "") or kind is CasellaError


def test_codes_are_all_different() -> None:
    codes = [kind.code for kind in tree(CasellaError)]
    assert len(set(codes)) == len(codes)


def test_a_given_text_code_and_extras_win() -> None:
    error = AssignmentLost("Bob took it first.", assignee_id="b")
    assert (error.text, error.reason, dict(error.extra)) == (
        "Bob took it first.",
        "assignment_lost",
        {"assignee_id": "b"},
    )
    assert SendRefused(code="contact_stopped").reason == "contact_stopped"
    assert StoreUnavailable().status == 503
