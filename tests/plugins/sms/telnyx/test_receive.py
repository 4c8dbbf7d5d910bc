"""What cannot be said in the conformance table: time, our own ids, several recipients, and Telnyx' own library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from casella.plugin import MediaRef, MediaUnavailable, MessageReceived, MessageStatusChanged
from casella.plugin.testing import Provider
from tests.plugins.sms.builders import PLUGIN
from tests.plugins.sms.telnyx.builders import (
    NOON,
    OURS,
    PUBLIC_KEY,
    THEIRS,
    channel,
    connection,
    inbound,
    signed_headers,
    status,
    webhook,
)


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(0, "authentic"), (-299, "authentic"), (301, "refused"), (-301, "refused")]
)
def test_a_signature_is_good_for_five_minutes(seconds: int, outcome: str) -> None:
    verdict = PLUGIN.verify(connection(), webhook(inbound(), NOON + timedelta(seconds=seconds)))
    assert verdict.outcome == outcome
    assert verdict.reason == ("" if outcome == "authentic" else "stale_signature")


def test_telnyx_own_library_agrees_about_signatures() -> None:
    body = orjson.dumps(inbound(text="è 😀"))
    headers = signed_headers(body, datetime.now(UTC))
    from telnyx import Telnyx  # here: loading its types takes two seconds of every process that collects tests

    client = Telnyx(api_key="x", public_key=PUBLIC_KEY)
    event = client.webhooks.unwrap(body.decode(), headers=headers)
    assert event.to_dict()["data"] is not None
    with pytest.raises(ValueError, match="Signature verification failed"):
        client.webhooks.unwrap(body.decode() + " ", headers=headers)


def test_a_receipt_names_our_own_message() -> None:
    found = PLUGIN.translate(connection(), webhook(status("delivered"), query="message_id=m-77"))
    assert [event.message_id for event in found if isinstance(event, MessageStatusChanged)] == ["m-77"]


def test_of_several_recipients_the_one_the_webhook_is_about_is_ours() -> None:
    to = [{"phone_number": "+13105550100", "status": "queued"}, {"phone_number": OURS, "status": "webhook_delivered"}]
    [event] = PLUGIN.translate(connection(), webhook(inbound(to=to)))
    assert event.channel_address == OURS


def test_one_broken_recipient_drops_no_neighbour() -> None:
    to = [None, {"phone_number": 7}, {"phone_number": THEIRS, "status": "delivered"}, {"status": "delivered"}]
    [event] = PLUGIN.translate(connection(), webhook(status("delivered", to=to)))
    assert event.contact_address == THEIRS


def test_opt_outs_hold_for_the_whole_profile() -> None:
    profile = "16fd2706-8baf-433b-82eb-8c7fada847da"
    first, _ = PLUGIN.translate(connection(messaging_profile_id=profile), webhook(inbound(text="stop")))
    assert (first.kind, first.pool if first.kind == "consent" else "") == ("consent", profile)
    assert PLUGIN.consent_pool(channel(messaging_profile_id=profile)) == profile


def test_a_short_code_is_not_answered() -> None:
    short_code: dict[str, Any] = {"from": {"phone_number": "72404"}}
    [event] = PLUGIN.translate(connection(), webhook(inbound(**short_code)))
    assert isinstance(event, MessageReceived)
    assert not event.replyable


def test_media_are_fetched_without_any_secret() -> None:
    with Provider(()).client() as http:
        request = PLUGIN.locate_media(channel(), MediaRef(ref="https://media.telnyx.com/x.png"), http)
        assert not request.headers
        with pytest.raises(MediaUnavailable):
            PLUGIN.locate_media(channel(), MediaRef(ref="http://media.telnyx.com/x.png"), http)


def test_a_text_may_have_ten_parts_in_either_encoding() -> None:
    for text, fits in (("a" * 1530, True), ("a" * 1531, False), ("ç" * 670, True), ("ç" * 671, False)):
        assert PLUGIN.measure(channel(), text).fits == fits
