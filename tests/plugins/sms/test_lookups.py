"""What Vonage, Telnyx and Bandwidth can be asked about a send that was cut short. Calling a stranger's message ours
would lose ours: most of these tests try that."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from casella.plugin import Channel, ChannelUnreachable, Connection, LookupResult, OutgoingMessage, SendAttempt, Sent
from casella.plugin.testing import Answer, Provider
from casella_sms.settings import SmsSettings
from tests.plugins.sms.builders import NOON, OURS, PLUGIN, STATUS_URL, THEIRS
from tests.plugins.sms.test_further_providers import BANDWIDTH, PUBLIC_KEY, VONAGE

TAKEN, UNKNOWN = LookupResult("taken", Sent("theirs-1")), LookupResult("unknown")
MESSAGE = OutgoingMessage(id="m-1", to=THEIRS, text="Hello", status_url=STATUS_URL)
SETTINGS: dict[str, dict[str, object]] = {
    "telnyx": {"provider": "telnyx", "api_key": "KEY-1", "public_key": PUBLIC_KEY},
    "vonage": {"provider": "vonage", **VONAGE},
    "bandwidth": {"provider": "bandwidth", **BANDWIDTH},
}
RECORD = {"uuid": "theirs-1", "delivery_status_webhook_url": STATUS_URL, "created_at": NOON.isoformat()}
REPORT = {"client_ref": f"m-1|{OURS}", "message_id": "theirs-1"}
ITEM = {"messageId": "theirs-1", "messageLength": 5, "attachmentCount": 0, "receiveTime": "2026-11-22T12:00:01.000Z"}


def listing(provider: str, *rows: object) -> Answer:
    return Answer.of_json(200, {{"telnyx": "data", "vonage": "records", "bandwidth": "messages"}[provider]: list(rows)})


def looked_up(provider: str, *answers: Answer, known: frozenset[str] = frozenset()) -> tuple[LookupResult, Provider]:
    connection = Connection("sms", SmsSettings.model_validate(SETTINGS[provider]), "https://desk.example/webhooks/sms")
    asked = Provider(answers)
    with asked.client() as http:
        attempt = SendAttempt(MESSAGE, NOON, 1, known)
        return PLUGIN.lookup(Channel("c", OURS, connection), attempt, http), asked


@pytest.mark.parametrize(
    ("provider", "row"),
    [("telnyx", RECORD), ("vonage", REPORT), ("bandwidth", ITEM)],
)
def test_what_names_our_message_is_it(provider: str, row: dict[str, object]) -> None:
    found, asked = looked_up(provider, listing(provider, row))
    assert found == TAKEN
    [request] = asked.requests
    assert request.method == "GET"
    assert "authorization" in request.headers


@pytest.mark.parametrize(
    ("provider", "rows"),
    [
        ("telnyx", []),
        ("telnyx", [{**RECORD, "delivery_status_webhook_url": STATUS_URL.replace("m-1", "m-2")}]),
        ("telnyx", [{**RECORD, "uuid": None}, "nonsense", None]),
        ("vonage", []),
        ("vonage", [{**REPORT, "client_ref": f"m-2|{OURS}"}, {**REPORT, "message_id": 7}, 3]),
        ("bandwidth", []),
        ("bandwidth", [ITEM, {**ITEM, "messageId": "theirs-2"}]),
        ("bandwidth", [{**ITEM, "messageLength": 6}]),
        ("bandwidth", [{**ITEM, "attachmentCount": 1}]),
        ("bandwidth", [{**ITEM, "receiveTime": "2026-11-22T12:05:00.000Z"}]),
        ("bandwidth", [{**ITEM, "receiveTime": None}]),
    ],
)
def test_anything_else_stays_unknown(provider: str, rows: list[object]) -> None:
    assert looked_up(provider, listing(provider, *rows))[0] == UNKNOWN


def test_at_bandwidth_what_is_known_to_be_anothers_does_not_count() -> None:
    rows = (ITEM, {**ITEM, "messageId": "theirs-2"})
    assert looked_up("bandwidth", listing("bandwidth", *rows), known=frozenset({"theirs-2"}))[0] == TAKEN


def test_at_vonage_every_part_is_ours() -> None:
    rows = (REPORT, {**REPORT, "message_id": "theirs-2"})
    assert looked_up("vonage", listing("vonage", *rows))[0] == LookupResult("taken", Sent("theirs-1", ("theirs-2",)))


def test_at_telnyx_the_next_page_is_turned_while_it_may_hold_ours() -> None:
    recent = [{**RECORD, "delivery_status_webhook_url": "x"}] * 50
    assert looked_up("telnyx", listing("telnyx", *recent), listing("telnyx", RECORD))[0] == TAKEN
    old = [{**RECORD, "delivery_status_webhook_url": "x", "created_at": (NOON - timedelta(hours=1)).isoformat()}] * 50
    assert looked_up("telnyx", listing("telnyx", *old))[0] == UNKNOWN


@pytest.mark.parametrize("provider", SETTINGS)
def test_a_provider_that_cannot_be_asked_leaves_it_open(provider: str) -> None:
    for answer in (Answer(500), Answer(503), Answer.broken(httpx.ConnectError)):
        with pytest.raises(ChannelUnreachable):
            looked_up(provider, answer)
    assert looked_up(provider, Answer(200, b"no json"))[0] == UNKNOWN
