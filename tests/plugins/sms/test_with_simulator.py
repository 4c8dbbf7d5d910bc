"""The plugin and the simulated Twilio over real sockets. Neither knows the other's code: what one signs the other
verifies, what one sends the other accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from casella.plugin import (
    Channel,
    ChannelUnreachable,
    Connection,
    ConsentChanged,
    ContactStopped,
    Event,
    MediaRef,
    MessageReceived,
    MessageStatusChanged,
    OutgoingMessage,
    SendAttempt,
    SendRejected,
    SendUncertain,
    Webhook,
)
from casella_simulator import Faults, Simulator
from casella_sms.settings import SmsSettings
from tests.plugins.sms.builders import PLUGIN
from tests.simulator.desk import LINE, PHONE, SECOND_TOKEN, SID, TOKEN, Desk, Heard, account, until

UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def sim(running: Simulator, desk: Desk) -> Iterator[Simulator]:
    running.reset()
    running.configure(account(desk))
    yield running
    running.reset()


def channel(base_url: str, desk: Desk, **settings: object) -> Channel[SmsSettings]:
    values = {"account_sid": SID, "auth_token": TOKEN, "base_url": base_url, **settings}
    connection = Connection("sms", SmsSettings.model_validate(values), f"{desk.url}/webhooks/sms")
    return Channel("channel-1", LINE, connection)


def message(desk: Desk, text: str = "Hello") -> OutgoingMessage:
    return OutgoingMessage(id="m-1", to=PHONE, text=text, status_url=f"{desk.url}/webhooks/sms?message_id=m-1")


def events_of(heard: Heard, desk: Desk, **settings: object) -> list[Event]:
    """What the plugin makes of a request that really came in; it must be authentic."""
    connection = channel(UNREACHABLE, desk, **settings).connection
    webhook = Webhook(
        "GET" if heard.method == "GET" else "POST",
        *(desk.url + heard.path, heard.path.partition("?")[2], heard.headers, heard.body, datetime.now(UTC)),
    )
    assert PLUGIN.verify(connection, webhook).outcome == "authentic"
    return PLUGIN.translate(connection, webhook)


def test_a_customers_text_arrives(sim: Simulator, desk: Desk) -> None:
    sim.text_from(PHONE, "Grüße 😀 & mehr")
    until(lambda: desk.heard)
    (event,) = events_of(desk.heard[0], desk)
    assert isinstance(event, MessageReceived)
    assert (event.text, event.contact_address, event.channel_address) == ("Grüße 😀 & mehr", PHONE, LINE)


def test_a_token_that_has_been_rotated_away_is_refused(sim: Simulator, desk: Desk) -> None:
    sim.text_from(PHONE, "Hi")
    until(lambda: desk.heard)
    assert events_of(desk.heard[0], desk, auth_token=SECOND_TOKEN, secondary_auth_token=TOKEN)
    with pytest.raises(AssertionError):
        events_of(desk.heard[0], desk, auth_token=SECOND_TOKEN)


def test_an_answer_goes_out_and_its_receipts_come_back(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    sent = PLUGIN.send(channel(sim.url, desk), message(desk, "Ciao 👋"), http)
    until(lambda: "delivered" in desk.statuses)
    events = [event for heard in desk.heard for event in events_of(heard, desk)]
    assert {event.status for event in events if isinstance(event, MessageStatusChanged)} == {"sent", "delivered"}
    for event in events:
        assert isinstance(event, MessageStatusChanged)
        assert (event.external_id, event.message_id) == (sent.external_id, "m-1")
        assert (event.channel_address, event.contact_address) == (LINE, PHONE)


def test_after_a_stop_nothing_more_goes_out(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    sim.text_from(PHONE, "STOP")
    until(lambda: desk.heard)
    consent, received = events_of(desk.heard[0], desk)
    assert isinstance(consent, ConsentChanged)
    assert isinstance(received, MessageReceived)
    assert (consent.state, received.provider_replies) == ("opted_out", True)
    with pytest.raises(ContactStopped) as raised:
        PLUGIN.send(channel(sim.url, desk), message(desk), http)
    assert raised.value.provider_code == "21610"


def test_a_lost_answer_is_uncertain_and_found_again(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    started = datetime.now(UTC)
    known = PLUGIN.send(channel(sim.url, desk), message(desk), http).external_id
    sim.set_faults(Faults(cut_after=1.0))
    with pytest.raises(SendUncertain):
        PLUGIN.send(channel(sim.url, desk), message(desk), http)
    sim.set_faults()
    attempt = SendAttempt(message(desk), started, 1, frozenset({known}))
    found = PLUGIN.lookup(channel(sim.url, desk), attempt, http)
    assert found.outcome == "taken"
    assert found.sent is not None
    assert {known, found.sent.external_id} == {entry.sid for entry in sim.accepted()}


def test_what_never_arrived_is_not_believed_lost_too_soon(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    attempt = SendAttempt(message(desk), datetime.now(UTC), 1)
    assert PLUGIN.lookup(channel(sim.url, desk), attempt, http).outcome == "unknown"


def test_what_never_arrived_is_known_in_the_end(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    assert PLUGIN.lookup(channel(sim.url, desk), SendAttempt(message(desk), long_ago, 1), http).outcome == "not_taken"


def test_errors_of_the_provider(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    with pytest.raises(SendRejected):
        PLUGIN.send(channel(sim.url, desk), message(desk, "x" * 1601), http)
    with pytest.raises(ChannelUnreachable):
        PLUGIN.send(channel(UNREACHABLE, desk), message(desk), http)
    assert PLUGIN.health(channel(sim.url, desk, auth_token="wrong"), http) is not None


def test_a_picture_is_fetched_with_credentials_that_the_redirect_never_sees(
    sim: Simulator, desk: Desk, http: httpx.Client
) -> None:
    picture = sim.file(b"\x89PNG\r\n\x1a\n" + b"0" * 64, "image/png")
    sim.text_from(PHONE, "", media=[picture])
    until(lambda: desk.heard)
    (event,) = events_of(desk.heard[0], desk)
    assert isinstance(event, MessageReceived)
    assert event.message_kind == "image"
    request = PLUGIN.locate_media(channel(sim.url, desk), MediaRef(ref=event.attachments[0].ref), http)
    assert http.get(request.url).status_code == 401
    redirect = http.get(request.url, headers=dict(request.headers))
    assert redirect.is_redirect
    fetched = http.get(redirect.headers["location"])
    assert fetched.content.startswith(b"\x89PNG")
    assert http.get(redirect.headers["location"], headers=dict(request.headers)).status_code == 400
