"""Secrets at rest: readable with their key only, and keys may be rotated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.errors import ConfigurationError, SecretsUnreadable
from casella.store.sealing import Sealer, derive

OLD, NEW = "an old key of sixteen and more", "a new key of sixteen and more"
SEALER = Sealer([OLD])


@given(st.text())
def test_what_is_sealed_opens_again_and_says_nothing(text: str) -> None:
    sealed = SEALER.seal(text)

    assert SEALER.open(sealed) == text
    assert len(text) < 4 or text not in sealed


def test_sealing_twice_gives_two_texts() -> None:
    assert SEALER.seal("same") != SEALER.seal("same")


def test_after_a_rotation_old_and_new_texts_open_and_new_ones_need_the_new_key() -> None:
    rotated = Sealer([NEW, OLD])

    assert rotated.open(SEALER.seal("old")) == "old"
    assert Sealer([NEW]).open(rotated.seal("new")) == "new"
    with pytest.raises(SecretsUnreadable):
        Sealer([OLD]).open(rotated.seal("new"))


@pytest.mark.parametrize("how", ["cut", "changed", "", "nonsense", "é"])
def test_what_was_tampered_with_does_not_open(how: str) -> None:
    whole = SEALER.seal("x")
    sealed = {"cut": whole[:-4], "changed": whole[:-4] + "AAAA"}.get(how, how)
    with pytest.raises(SecretsUnreadable) as caught:
        SEALER.open(sealed)
    assert "CASELLA_SECRET_KEY" in caught.value.text


@pytest.mark.parametrize("keys", [[], ["short"], [NEW, "short"], [""]])
def test_short_keys_are_refused_with_advice(keys: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="16 characters"):
        Sealer(keys)


def test_keys_of_different_purposes_tell_nothing_about_each_other() -> None:
    assert len(derive(OLD, "seal")) == 32
    assert len({derive(OLD, "seal"), derive(OLD, "links"), derive(NEW, "seal")}) == 3
    assert derive(OLD, "seal") == derive(OLD, "seal")
