"""Passwords of a desk: salted hashes, which are what they were found to be."""

from __future__ import annotations

import pytest

from casella.desk.applying.passwords import hashed, verifies


def test_a_hash_is_its_passwords_and_nobody_elses_however_often_one_asks() -> None:
    made, again = hashed("a long password"), hashed("a long password")
    assert made != again
    for _ in range(2):
        assert verifies(made, "a long password")
        assert verifies(again, "a long password")
        assert not verifies(made, "another password")
        assert not verifies("no hash at all", "a long password")


@pytest.mark.parametrize(
    ("known", "wanted", "same"), [(None, None, True), ("hash", None, False), (None, "word", False)]
)
def test_no_password_is_only_no_password(known: str | None, wanted: str | None, same: bool) -> None:
    assert verifies(known, wanted) is same
