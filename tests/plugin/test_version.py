"""Which plugins fit which contract."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import CONTRACT_VERSION, ChannelPlugin
from casella.plugin.version import FIRST_VERSION, contract_problem

numbers = st.integers(0, 9999)


def test_what_is_installed_fits_itself_and_whoever_says_nothing_is_of_the_first() -> None:
    assert contract_problem(CONTRACT_VERSION) == ""
    assert ChannelPlugin.contract_version == FIRST_VERSION == "1.0"


@given(numbers, numbers, numbers, numbers)
def test_a_plugin_fits_its_own_major_version_from_its_minor_version_on(a: int, b: int, c: int, d: int) -> None:
    fits = a == c and b <= d
    assert (contract_problem(f"{a}.{b}", f"{c}.{d}") == "") is fits


def test_the_sentence_says_which_of_the_two_to_renew() -> None:
    assert contract_problem("1.4", "2.0").endswith("install a newer version of the plugin")
    assert contract_problem("2.0", "1.4").endswith("install a newer Casella")
    assert contract_problem("1.5", "1.4").endswith("install a newer Casella")


@pytest.mark.parametrize("version", [None, 1, 1.0, "", "1", "1.", "one.two", "1.0.0", " 1.0", "1.0\n", "٣.١", b"1.0"])
def test_what_is_no_version_is_said_to_be_none(version: object) -> None:
    assert "must be text" in contract_problem(version)
