"""What the tables do not say: whose number is whose, parts, other channels of the account."""

from __future__ import annotations

import pytest

from casella.plugin import MessageReceived, MessageStatusChanged, Unsupported
from casella_sms.vonage.numbers import international
from tests.plugins.sms.builders import PLUGIN
from tests.plugins.sms.vonage.builders import (
    OURS,
    THEIRS,
    channel,
    connection,
    form_webhook,
    inbound,
    message,
    receipt,
    token_webhook,
)


def test_a_receipt_with_the_numbers_exchanged_is_put_right_by_our_reference() -> None:
    fields = receipt("out-1", "delivered", msisdn=OURS[1:], to=THEIRS[1:], **{"client-ref": f"m-1|{OURS}"})
    [event] = PLUGIN.translate(connection(), form_webhook(fields))
    assert isinstance(event, MessageStatusChanged)
    assert (event.channel_address, event.contact_address, event.message_id) == (OURS, THEIRS, "m-1")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("12025550143", "+12025550143"),
        ("393331234567", "+393331234567"),
        ("72404", "72404"),
        ("12345678", "12345678"),
        ("BANKINFO", "BANKINFO"),
        ("+12025550143", "+12025550143"),
        ("0039333123456", "0039333123456"),
        ("x" * 65, ""),
    ],
)
def test_numbers_get_their_plus_sign(written: str, address: str) -> None:
    assert international(written) == address


@pytest.mark.parametrize(
    "fields",
    [
        {"concat": "false"},
        {"concat": "true", "concat-ref": "1", "concat-total": "1", "concat-part": "1"},
        {"concat": "true", "concat-ref": "1", "concat-total": "2", "concat-part": "3"},
        {"concat": "true", "concat-ref": "1", "concat-total": "x", "concat-part": "1"},
        {"concat": "true", "concat-total": "256", "concat-part": "1"},
    ],
)
def test_what_is_no_part_is_a_message(fields: dict[str, str]) -> None:
    [event] = PLUGIN.translate(connection(), form_webhook(inbound(**fields)))
    assert isinstance(event, MessageReceived)
    assert event.part is None


def test_a_part_is_no_keyword() -> None:
    part = {"concat": "true", "concat-ref": "1", "concat-total": "2", "concat-part": "2"}
    [event] = PLUGIN.translate(connection(), form_webhook(inbound(text="stop", **part)))
    assert event.kind == "message_received"


def test_whatsapp_of_the_same_account_is_not_taken() -> None:
    [event] = PLUGIN.translate(connection(), token_webhook(message(channel="whatsapp")))
    assert isinstance(event, Unsupported)
    assert "SMS and MMS only" in event.what


def test_pictures_go_by_the_messages_api_only() -> None:
    assert PLUGIN.capabilities_of(channel()).attachments.count == 0
    assert PLUGIN.capabilities_of(channel(api="messages")).attachments.count == 1
