"""A database's address that is none ends in a sentence (issue 17.13)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.errors import ConfigurationError
from casella.store import Store
from tests.budget import tries


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "mysql://x", "sqlite://", "sqlite:///", "sqlite://host/x", "postgresql+psycopg://u:p@h:notaport/db",
        "postgresql+nothing://x", "://", "sqlite+nothing:///x", "postgresql+psycopg://u:p@h:99999999/db",
    ],
)  # fmt: skip
def test_what_is_no_address_is_told(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="CASELLA_DATABASE_URL"):
        Store(url).close()
    assert list(tmp_path.iterdir()) == [], "and nothing is made there"


@settings(max_examples=tries(200))
@given(scheme=st.sampled_from(["mysql", "postgres", "sqlit", "oracle", "", "http"]), rest=st.text(max_size=40))
def test_any_other_scheme_is_told(scheme: str, rest: str) -> None:
    with pytest.raises(ConfigurationError):
        Store(f"{scheme}://{rest}").close()
