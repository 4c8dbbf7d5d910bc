"""Which senders may not write to whom (S-01)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.sms.builders import OURS, PLUGIN, THEIRS, channel

CANADA, PUERTO_RICO, GUAM, JAMAICA, ITALY = (
    "+14165550123",
    "+17875550123",
    "+16715550123",
    "+18765550123",
    "+393331234567",
)
VIRGIN_ISLANDS, SAMOA = "+13405550123", "+16845550123"
REPOSITORY = Path(__file__).parents[3]
TOLL_FREE = "+18885550100"


def refused(sender: str, to: str, state: str = "") -> str | None:
    found = PLUGIN.refusal(channel(sender, {"registration": state} if state else {"other": "x"}), to)
    return found.code if found else None


@pytest.mark.parametrize("state", ["", "pending", "Registered", "verified"])
@pytest.mark.parametrize("to", [THEIRS, PUERTO_RICO, VIRGIN_ISLANDS, GUAM, SAMOA, "+15555550100"])
def test_an_unregistered_long_code_may_not_write_to_the_united_states(to: str, state: str) -> None:
    assert refused(OURS, to, state) == "number_not_registered"
    assert refused(CANADA, to, state) == "number_not_registered"


@pytest.mark.parametrize("to", [THEIRS, PUERTO_RICO, CANADA, ITALY])
def test_a_registered_one_may(to: str) -> None:
    assert refused(OURS, to, "registered") is None


@pytest.mark.parametrize("to", [CANADA, ITALY, JAMAICA])
def test_other_countries_ask_for_no_registration(to: str) -> None:
    assert refused(OURS, to) is None


@pytest.mark.parametrize("sender", [JAMAICA, ITALY, "72404", "729000"])
def test_short_codes_and_foreign_numbers_are_vetted_elsewhere(sender: str) -> None:
    assert refused(sender, THEIRS) is None


@pytest.mark.parametrize(
    ("to", "state", "code"),
    [
        (THEIRS, "", "toll_free_not_verified"),
        (CANADA, "pending", "toll_free_not_verified"),
        (THEIRS, "verified", None),
        (THEIRS, "registered", None),
        (ITALY, "", None),
        (JAMAICA, "", None),
    ],
)
def test_toll_free_numbers_need_verification(to: str, state: str, code: str | None) -> None:
    assert refused(TOLL_FREE, to, state) == code


@pytest.mark.parametrize(
    ("to", "code"), [(THEIRS, "sender_name_not_allowed"), (CANADA, "sender_name_not_allowed"), (ITALY, None)]
)
def test_a_name_cannot_write_to_north_america(to: str, code: str | None) -> None:
    assert refused("ACME", to) == code


@pytest.mark.parametrize("to", ["72404", "BANKINFO", "", "12025550143", "+0"])
def test_what_is_no_number_cannot_be_written_to(to: str) -> None:
    assert refused(OURS, to, "registered") == "address_not_replyable"


@pytest.mark.parametrize(("sender", "to"), [(OURS, f"whatsapp:{THEIRS}"), (f"whatsapp:{OURS}", THEIRS)])
def test_whatsapp_through_an_sms_provider_is_refused_by_name(sender: str, to: str) -> None:
    found = PLUGIN.refusal(channel(sender, {"registration": "registered"}), to)
    assert found is not None
    assert (found.code, "Connect WhatsApp itself" in found.text) == ("not_sms", True)


@pytest.mark.parametrize(
    ("sender", "options", "state", "blocks"),
    [
        (OURS, "registered", "registered", False),
        (OURS, "pending", "pending", True),
        (OURS, "", "unregistered", True),
        (TOLL_FREE, "verified", "verified", False),
        (TOLL_FREE, "pending", "unverified", True),
        (ITALY, "", "not_needed", False),
        ("ACME", "", "not_needed", False),
        ("72404", "", "not_needed", False),
    ],
)
def test_where_a_sender_stands_is_told(sender: str, options: str, state: str, blocks: bool) -> None:
    found = PLUGIN.registration(channel(sender, {"registration": options}))
    assert (found.state, found.blocks) == (state, blocks)
    assert (
        blocks == (PLUGIN.refusal(channel(sender, {"registration": options}), THEIRS) is not None) or sender == "ACME"
    )


def test_a_refusal_is_a_sentence() -> None:
    found = PLUGIN.refusal(channel(options={"registration": "none"}), THEIRS)
    assert found is not None
    assert "not registered" in found.text
    assert found.text.endswith(".")


def test_numbering_plans_are_loaded_only_when_a_rule_asks() -> None:
    program = """
import sys
from tests.plugins.sms.builders import PLUGIN, channel, OURS, THEIRS
PLUGIN.refusal(channel(options={"registration": "registered"}), THEIRS)
PLUGIN.refusal(channel(options={"registration": ""}), "+393331234567")
assert "phonenumbers" not in sys.modules
PLUGIN.refusal(channel(options={"registration": ""}), THEIRS)
assert "phonenumbers" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=REPOSITORY)
