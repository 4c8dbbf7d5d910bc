"""Addresses and options of channels are judged by their plugins when a desk is checked, with their places."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from casella.desk import Catalogue, check_desk, load_desk, reread_desk
from casella.desk.checks.hints import hints
from casella.host import find_plugins
from tests.desk.desks import SOUND, write_desk

INSTALLED = Catalogue.of_host(find_plugins())
SMS = (
    'connections:\n  line:\n    type: sms\n    settings: {provider: twilio, account_sid: "${A}", auth_token: "${T}"}\n'
)
DESK = SOUND["desk.yaml"].replace('  tw: {type: sms, settings: {account: "1", token: "${TEST_TOKEN}"}}\n', "")
DESK = DESK.replace("connections:\n", SMS).replace("connection: tw", "connection: line") + (
    "  evenings:\n    week: {monday: 18:00-20:00}\n"
)
DESK = DESK.replace(
    "channels:\n",
    "  web:\n    type: webchat\n    settings: {secret: '${S}', identity_secret: '${I}', origins: ['https://a.example']}\n"
    "channels:\n  shop:\n    connection: web\n    inbox: support\n    address: shop\n    options: OPTIONS\n",
)
GOOD = "{hours: evenings, title: Hello, title.it: Ciao, pre_chat: 'name*, email', sends_per_second: '2.5'}"


def problems(folder: Path, desk: str) -> list[str]:
    written = write_desk(folder, {"desk.yaml": desk})
    return [str(one).partition("desk/desk.yaml:")[2] for one in check_desk(written, INSTALLED)]


def test_what_fits_is_fine_and_office_hours_of_an_option_are_used(tmp_path: Path) -> None:
    assert problems(tmp_path, DESK.replace("OPTIONS", GOOD)) == []
    told = [one.message for one in hints(load_desk(tmp_path / "desk", INSTALLED), date(2026, 11, 28))]
    assert "nothing uses the office hours 'evenings'" not in told


def test_every_mistaken_option_is_named_with_its_place(tmp_path: Path) -> None:
    options = "{hours: suport, tittle: Hi, title.italian: Ciao, pre_chat: name email, sends_per_second: fast}"
    said = problems(tmp_path, DESK.replace("OPTIONS", options).replace('178"', '178", options: {registration: yes}'))
    assert said == [
        "20:22: office hours 'suport' are not in desk.yaml. Office hours: evenings, support",
        "20:30: unknown option 'tittle' of this channel. Did you mean 'title'?",
        "20:42: unknown option 'title.italian' of this channel. Write the language as in 'title.it'",
        "20:73: 'name email' is not possible here. Write for example 'name*, email'",
        "20:103: 'fast' is no number above 0. Write for example '10'",
        "21:100: 'yes' is not possible here. "
        "Write registered, pending, verified, unregistered, unverified or not_needed",
    ]


@pytest.mark.parametrize("address", ["hello", "(202) 555-0178", "12025550178", "+1 202 555 0178", "+0123456", "1"])
def test_an_address_that_is_none_is_named(address: str, tmp_path: Path) -> None:
    [said] = problems(tmp_path, DESK.replace("OPTIONS", GOOD).replace("+12025550178", address))
    assert said.startswith(f"21:60: '{address}' is no number that customers can write to: write it with its country")
    assert said.endswith('such as "+12025550178", or a short code as "12345"')


@pytest.mark.parametrize("address", ["+12025550178", "12345", "ACME", "Shop 24"])
def test_numbers_short_codes_and_names_are_addresses(address: str, tmp_path: Path) -> None:
    assert problems(tmp_path, DESK.replace("OPTIONS", GOOD).replace("+12025550178", address)) == []


@pytest.mark.parametrize(
    ("channel_type", "good", "bad"),
    [("whatsapp", "+12025550142", "12025550142"), ("messenger", "314500", "our-page"), ("instagram", "178400", "@us")],
)
def test_metas_channels_know_their_addresses(channel_type: str, good: str, bad: str) -> None:
    assert INSTALLED.address_problem(channel_type, good) == ""
    assert "write it" in INSTALLED.address_problem(channel_type, bad)


def test_a_desk_in_use_is_not_judged_again(tmp_path: Path) -> None:
    desk = load_desk(write_desk(tmp_path, {"desk.yaml": DESK.replace("OPTIONS", GOOD)}), INSTALLED)
    kept = {
        name: text.replace("+12025550178", "hello").replace("title: Hello", "x: y") for name, text in desk.files.items()
    }
    again, told = reread_desk(kept, INSTALLED)
    assert again is not None, told
