"""Names stand on one line and look like what they are (issue 17.14)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import MessageReceived, Profile
from casella.plugin.values import clean_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Ada\nAdmin: approved", "Ada Admin: approved"),
        ("Ada\u2028Admin", "Ada Admin"),
        ("\u202enimdA", "nimdA"),
        ("Ada\u2066 \u2069", "Ada"),
        ("Ada\x1b[31m", "Ada[31m"),
        ("  Ada   L ", "Ada L"),
        ("محمد", "محمد"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\u202e\u200f", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_is_one_line_and_turns_nothing_round(given_name: str | None, kept: str | None) -> None:
    assert clean_name(given_name) == kept
    event = MessageReceived(
        channel_address="+1", contact_address="+2", external_id="x", text="hi", contact_name=given_name
    )
    assert event.contact_name == kept
    assert Profile(name=given_name).name == kept


@given(st.text(max_size=50))
def test_whatever_comes(text: str) -> None:
    name = clean_name(text) or ""
    assert not any(unicodedata.category(one) in ("Cc", "Zl", "Zp") for one in name)
    turning = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    assert not any(unicodedata.bidirectional(one) in turning for one in name)
    assert clean_name(name) == (name or None)
