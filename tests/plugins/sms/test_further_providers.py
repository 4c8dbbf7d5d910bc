"""The plugin and the simulated Vonage, Telnyx and Bandwidth over real sockets. Neither knows the other's code: what one
signs the other verifies, what one sends the other accepts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from casella.plugin import (
    Channel,
    ChannelMisconfigured,
    ChannelThrottled,
    Connection,
    ConsentChanged,
    ContactStopped,
    Event,
    MessageReceived,
    MessageStatusChanged,
    OutgoingMessage,
    SendRejected,
    SendUncertain,
    Webhook,
)
from casella_simulator import Faults, Simulator
from casella_simulator.bandwidth.account import BandwidthAccount
from casella_simulator.telnyx.account import TelnyxAccount
from casella_simulator.texting.dialect import TextAccount
from casella_simulator.vonage.account import VonageAccount
from casella_sms.settings import SmsSettings
from tests import loopback
from tests.plugins.sms.builders import PLUGIN
from tests.simulator.desk import LINE, PHONE, Desk, Heard, serve_desk, until

PRIVATE_KEY = b64encode(bytes(range(32))).decode()


@dataclass(frozen=True)
class Account:
    """The same account as the simulator knows it and as the desk does."""

    name: str
    provider: str
    model: type[TextAccount]
    there: Mapping[str, object]
    here: Mapping[str, object]

    def at(self, desk: Desk) -> TextAccount:
        numbers = [{"number": LINE, "webhook_url": f"{desk.url}/webhooks/{self.provider}"}]
        return self.model.model_validate({"provider": self.provider, **self.there, "numbers": numbers})

    def channel(self, url: str, desk: Desk, **settings: object) -> Channel[SmsSettings]:
        values = {"provider": self.provider, **self.there_and_here(url), **settings}
        connection = Connection("sms", SmsSettings.model_validate(values), f"{desk.url}/webhooks/{self.provider}")
        return Channel("channel-1", LINE, connection, {"registration": "registered"})

    def there_and_here(self, url: str) -> dict[str, object]:
        shared = {name: value for name, value in self.there.items() if name not in ("private_key", "webhooks")}
        return {**shared, **self.here, "base_url": url, **({"messages_url": url} if self.provider == "vonage" else {})}


TELNYX = {"api_key": "KEY-telnyx-1", "private_key": PRIVATE_KEY}
PUBLIC_KEY = TelnyxAccount.model_validate({"provider": "telnyx", **TELNYX}).public_key
VONAGE = {"api_key": "a1b2c3d4", "api_secret": "api-secret-1", "signature_secret": "signature-secret-1"}
BANDWIDTH = {
    "account_id": "9900000",
    "username": "user",
    "password": "password-1",
    "application_id": "app-1",
    "webhook_username": "casella",
    "webhook_password": "webhook-password-1",
}
ACCOUNTS = [
    Account("telnyx", "telnyx", TelnyxAccount, TELNYX, {"public_key": PUBLIC_KEY}),
    Account("bandwidth", "bandwidth", BandwidthAccount, BANDWIDTH, {}),
    Account("vonage-sms", "vonage", VonageAccount, VONAGE, {}),
    Account("vonage-messages", "vonage", VonageAccount, {**VONAGE, "webhooks": "messages"}, {"api": "messages"}),
]


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def desk() -> Iterator[Desk]:
    with serve_desk() as serving:
        yield serving


@pytest.fixture(params=ACCOUNTS, ids=[account.name for account in ACCOUNTS])
def account(request: pytest.FixtureRequest) -> Account:
    found: Account = request.param
    return found


@pytest.fixture
def sim(running: Simulator, desk: Desk, account: Account) -> Iterator[Simulator]:
    running.reset()
    running.configure(account.at(desk))  # type: ignore[arg-type]  # one of the union
    yield running
    running.reset()


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with loopback.Client(timeout=20) as client:
        yield client


def message(desk: Desk, text: str = "Hello") -> OutgoingMessage:
    return OutgoingMessage(id="m-1", to=PHONE, text=text, status_url=f"{desk.url}/webhooks/sms?message_id=m-1")


def send_some(channel: Channel[SmsSettings], desk: Desk, http: httpx.Client) -> None:
    for number in range(3):
        PLUGIN.send(channel, message(desk, f"Hello {number}"), http)


def events_of(heard: Heard, desk: Desk, channel: Channel[SmsSettings]) -> list[Event]:
    """What the plugin makes of a request that really came in; it must be authentic."""
    webhook = Webhook(
        "GET" if heard.method == "GET" else "POST",
        *(desk.url + heard.path, heard.path.partition("?")[2], heard.headers, heard.body, datetime.now(UTC)),
    )
    verdict = PLUGIN.verify(channel.connection, webhook)
    assert verdict.outcome == "authentic", verdict.reason
    return PLUGIN.translate(channel.connection, webhook)


def test_a_customers_text_arrives(sim: Simulator, desk: Desk, account: Account) -> None:
    sim.text_from(PHONE, "Grüße 😀 & = mehr", provider=account.provider)
    until(lambda: desk.heard)
    [event] = events_of(desk.heard[0], desk, account.channel(sim.url, desk))
    assert isinstance(event, MessageReceived)
    assert (event.text, event.contact_address, event.channel_address) == ("Grüße 😀 & = mehr", PHONE, LINE)


def test_a_long_text_arrives_whole_or_in_its_parts(sim: Simulator, desk: Desk, account: Account) -> None:
    text = "Liebe Leute, " * 20
    sim.text_from(PHONE, text, provider=account.provider)
    channel = account.channel(sim.url, desk)
    found = [event for heard in list(desk.heard) for event in events_of(heard, desk, channel)]
    messages = [event for event in found if isinstance(event, MessageReceived)]
    assert "".join(event.text for event in messages) == text
    assert {event.part is not None for event in messages} == {account.name == "vonage-sms"}


def test_an_answer_goes_out_and_its_receipts_come_back(
    sim: Simulator, desk: Desk, http: httpx.Client, account: Account
) -> None:
    channel = account.channel(sim.url, desk)
    sent = PLUGIN.send(channel, message(desk, "Ciao 👋"), http)

    def told() -> list[MessageStatusChanged]:
        events = [event for heard in list(desk.heard) for event in events_of(heard, desk, channel)]
        return [event for event in events if isinstance(event, MessageStatusChanged)]

    until(lambda: "delivered" in {event.status for event in told()})
    for event in told():
        assert (event.external_id, event.message_id) == (sent.external_id, "m-1")
        assert (event.channel_address, event.contact_address) == (LINE, PHONE)
    assert sim.phone(PHONE).texts == ["Ciao 👋"]


def test_a_webhook_signed_by_somebody_else_is_refused(sim: Simulator, desk: Desk, account: Account) -> None:
    sim.set_faults(Faults(bad_signature=1))
    sim.text_from(PHONE, "Hi", provider=account.provider)
    until(lambda: desk.heard)
    with pytest.raises(AssertionError, match="bad_"):
        events_of(desk.heard[0], desk, account.channel(sim.url, desk))


def test_what_the_provider_says_is_classed(sim: Simulator, desk: Desk, http: httpx.Client, account: Account) -> None:
    channel = account.channel(sim.url, desk)
    secret = {"telnyx": "api_key", "bandwidth": "password", "vonage": "api_secret"}[account.provider]
    with pytest.raises(ChannelMisconfigured):
        PLUGIN.send(account.channel(sim.url, desk, **{secret: "something else"}), message(desk), http)
    for faults, error in (
        (Faults(error_after=1), SendUncertain),
        (Faults(cut_after=1), SendUncertain),
        (Faults(throttle_per_second=0.001), ChannelThrottled),
    ):
        sim.set_faults(faults)
        with pytest.raises(error):
            send_some(channel, desk, http)


def test_after_a_stop_telnyx_takes_nothing_more(
    sim: Simulator, desk: Desk, http: httpx.Client, account: Account
) -> None:
    channel = account.channel(sim.url, desk)
    sim.text_from(PHONE, "STOP", provider=account.provider)
    until(lambda: desk.heard)
    consent, _ = events_of(desk.heard[0], desk, channel)
    assert isinstance(consent, ConsentChanged)
    assert consent.state == "opted_out"
    if account.provider == "telnyx":
        with pytest.raises(ContactStopped):
            PLUGIN.send(channel, message(desk), http)
    else:  # only our own ledger keeps it there
        PLUGIN.send(channel, message(desk), http)


def test_the_same_message_is_one_at_telnyx_however_often_it_is_sent(
    sim: Simulator, desk: Desk, http: httpx.Client, account: Account
) -> None:
    channel = account.channel(sim.url, desk)
    ids = {PLUGIN.send(channel, message(desk), http).external_id for _ in range(3)}
    assert len(ids) == (1 if account.provider == "telnyx" else 3)


def test_a_failure_comes_back_with_its_reason(sim: Simulator, desk: Desk, http: httpx.Client, account: Account) -> None:
    code = {"telnyx": 40003, "bandwidth": 4770, "vonage": 6}[account.provider]
    sim.set_faults(Faults(failed={code: 1}))
    channel = account.channel(sim.url, desk)
    PLUGIN.send(channel, message(desk), http)

    def problems() -> list[str]:
        events = [event for heard in list(desk.heard) for event in events_of(heard, desk, channel)]
        return [event.problem.code for event in events if isinstance(event, MessageStatusChanged) and event.problem]

    until(lambda: problems() == [str(code)])


def test_a_foreign_sender_is_refused(sim: Simulator, desk: Desk, http: httpx.Client, account: Account) -> None:
    channel = account.channel(sim.url, desk)
    foreign = Channel("channel-2", "+19995550100", channel.connection)
    with pytest.raises((SendRejected, ChannelMisconfigured, SendUncertain)):
        PLUGIN.send(foreign, message(desk), http)
