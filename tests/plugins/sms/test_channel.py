"""What the channel type says about itself, and how the host finds it."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

import casella_sms
from casella.plugin import ChannelPlugin
from casella_sms.channel import SmsChannel
from casella_sms.twilio_channels.channel import TwilioRcsChannel, TwilioWhatsAppChannel
from tests.plugins.sms.builders import PLUGIN, channel

POOL = "MG00112233445566778899aabbccddeeff"


def test_it_registers_itself() -> None:
    found: list[ChannelPlugin] = []
    casella_sms.register_channels(found.append)  # type: ignore[arg-type]  # a list takes any channel
    assert [type(plugin) for plugin in found] == [SmsChannel, TwilioWhatsAppChannel, TwilioRcsChannel]


def test_it_is_found_by_its_entry_point() -> None:
    (entry,) = entry_points(group="casella", name="sms")
    assert entry.load() is casella_sms


def test_its_capabilities_are_those_of_the_table() -> None:
    can = PLUGIN.capabilities
    assert (can.text_limit, can.text_unit, can.attachments.count, can.address_kind) == (1600, "characters", 10, "phone")
    assert can.receipts == {"sent", "delivered"}
    assert (can.business_may_start, can.reply_window, can.consent_required) == (True, None, True)
    assert not any((can.quoted_replies, can.reactions, can.typing, can.voice_notes, can.buttons))


@pytest.mark.parametrize(
    ("text", "units", "parts", "encoding", "fits"),
    [
        ("", 0, 1, "gsm7", True),
        ("a" * 1600, 1600, 11, "gsm7", True),
        ("a" * 1601, 1601, 11, "gsm7", False),
        ("€" * 1600, 1600, 22, "gsm7", True),
        ("😀" * 800, 1600, 25, "ucs2", True),
        ("😀" * 801, 1602, 25, "ucs2", False),
        ("Grüße, ç", 8, 1, "ucs2", True),
    ],
)
def test_a_text_is_measured(text: str, units: int, parts: int, encoding: str, fits: bool) -> None:
    found = PLUGIN.measure(channel(), text)
    assert (found.units, found.parts, found.encoding, found.fits) == (units, parts, encoding, fits)


def test_opt_outs_hold_for_the_whole_pool() -> None:
    assert PLUGIN.consent_pool(channel()) == ""
    assert PLUGIN.consent_pool(channel(messaging_service_sid=POOL)) == POOL
