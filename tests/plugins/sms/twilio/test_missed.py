"""Twilio's list of messages gives the events of lost webhooks: the same, with the same identities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from casella.plugin import ChannelMisconfigured, ChannelUnreachable, Event, MessageReceived
from casella.plugin.testing import Answer, Provider
from tests.plugins.sms.builders import ACCOUNT, INBOUND, NOON, OURS, PLUGIN, SID, STATUS, THEIRS, channel, form_webhook

SINCE = NOON - timedelta(minutes=10)
BASE = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}"


def row(**changes: object) -> dict[str, object]:
    return {
        "sid": SID,
        "from": THEIRS,
        "to": OURS,
        "body": "Hello",
        "direction": "inbound",
        "status": "received",
        "num_segments": "1",
        "num_media": "0",
        "date_created": "Sun, 22 Nov 2026 11:55:00 +0000",
        "date_updated": "Sun, 22 Nov 2026 11:55:00 +0000",
        "date_sent": "Sun, 22 Nov 2026 11:55:00 +0000",
        "error_code": None,
        **changes,
    }


def page(*rows: object, following: str | None = None) -> Answer:
    return Answer.of_json(200, {"messages": list(rows), "next_page_uri": following})


def missed(*answers: Answer) -> tuple[list[Event], list[httpx.Request]]:
    provider = Provider(answers)
    with provider.client() as http:
        return list(PLUGIN.missed(channel(), SINCE, http)), provider.requests


def identities(events: list[Event]) -> list[tuple[str, str, str]]:
    return [(event.channel_address, event.kind, event.identity) for event in events]


def test_a_lost_message_is_the_one_the_webhook_would_have_told() -> None:
    found, requests = missed(page(row()), page())
    told = PLUGIN.translate(channel().connection, form_webhook(INBOUND))
    assert identities(found) == identities(told)
    [message] = found
    assert isinstance(message, MessageReceived)
    assert (message.text, message.provider_time) == ("Hello", datetime(2026, 11, 22, 11, 55, tzinfo=UTC))
    asked = [(request.url.path, dict(request.url.params)) for request in requests]
    assert [query for _, query in asked] == [
        {"To": OURS, "DateSent>": "2026-11-22", "PageSize": "200"},
        {"From": OURS, "DateSent>": "2026-11-22", "PageSize": "200"},
    ]


def test_a_lost_stop_is_heard() -> None:
    found, _ = missed(page(row(body="STOP")), page())
    told = PLUGIN.translate(channel().connection, form_webhook({**INBOUND, "Body": "STOP"}))
    assert identities(found) == identities(told)


def test_a_lost_receipt_is_the_callbacks() -> None:
    ours = {"from": OURS, "to": THEIRS, "direction": "outbound-api", "status": "delivered"}
    found, _ = missed(page(), page(row(**ours)))
    assert identities(found) == identities(list(PLUGIN.translate(channel().connection, form_webhook(STATUS))))


def test_a_failure_has_its_reason() -> None:
    ours = {"from": OURS, "to": THEIRS, "direction": "outbound-api", "status": "undelivered", "error_code": 30005}
    [event], _ = missed(page(), page(row(**ours)))
    assert event.kind == "message_status"
    assert event.problem is not None
    assert event.problem.code == "30005"


def test_pictures_are_listed_by_themselves() -> None:
    media = {"media_list": [{"uri": "/2010-04-01/x/Media/ME1.json", "content_type": "image/png"}, 7]}
    found, requests = missed(page(row(num_media="1")), page(), Answer.of_json(200, media))
    [message] = [event for event in found if isinstance(event, MessageReceived)]
    assert [one.ref for one in message.attachments] == ["https://api.twilio.com/2010-04-01/x/Media/ME1"]
    assert message.message_kind == "image"
    assert len(requests) == 3


def test_old_rows_end_the_list_and_pages_are_followed() -> None:
    old = row(sid="SM" + "1" * 32, date_updated="Sun, 22 Nov 2026 09:00:00 +0000")
    second = row(sid="SM" + "2" * 32)
    found, requests = missed(
        page(row(), following="/2010-04-01/next?Page=1"), page(second, old, following="/more"), page()
    )
    assert [event.identity for event in found] == ["SM" + "2" * 32, SID]
    assert len(requests) == 3


def test_the_secret_is_not_sent_where_a_list_points() -> None:
    _, requests = missed(page(row(), following="https://evil.example/x"), page())
    assert {request.url.host for request in requests} == {"api.twilio.com"}


def test_the_oldest_comes_first() -> None:
    later = row(sid="SM" + "2" * 32, date_created="Sun, 22 Nov 2026 11:58:00 +0000")
    found, _ = missed(page(later, row()), page())
    assert [event.identity for event in found] == [SID, "SM" + "2" * 32]


def test_of_one_second_the_lists_own_order_counts() -> None:
    """The newest first, as Twilio lists them; dates have whole seconds."""
    found, _ = missed(page(row(sid="SM" + "2" * 32), row()), page())
    assert [event.identity for event in found] == [SID, "SM" + "2" * 32]


@pytest.mark.parametrize(
    "strange",
    [
        None,
        {},
        row(sid=None),
        row(body=7),
        row(**{"from": f"whatsapp:{THEIRS}"}),
        row(to="+19999999999"),
        row(direction="outbound-api", status="queued"),
        row(direction="outbound-api", status="delivered"),
    ],
)
def test_what_is_nobodys_gives_nothing_and_drops_no_neighbour(strange: object) -> None:
    found, _ = missed(page(strange, row(sid="SM" + "3" * 32)), page())
    assert [event.identity for event in found if event.identity != SID] == ["SM" + "3" * 32]


@pytest.mark.parametrize(("answer", "error"), [(Answer(401), ChannelMisconfigured), (Answer(500), ChannelUnreachable)])
def test_a_provider_that_cannot_be_asked_is_told(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        missed(answer)
