"""WhatsApp and RCS through the simulated Twilio, over real sockets: what one signs the other verifies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from casella.plugin import (
    Channel,
    Connection,
    Event,
    LocationContent,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    OutgoingMessage,
    SendRejected,
    TemplateContent,
    Webhook,
)
from casella_simulator import Simulator, TwilioContent
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.twilio_channels.channel import TwilioChannel, TwilioRcsChannel, TwilioWhatsAppChannel
from tests import loopback
from tests.simulator.desk import PHONE, SID, TOKEN, Desk, Heard, account, number, send, until

NUMBER, AGENT = "+12025550142", "acme_agent"
SENDER, RCS = f"whatsapp:{NUMBER}", f"rcs:{AGENT}"
CONTENT = TwilioContent(sid="HX" + "a" * 32, friendly_name="order_ready", body="Hello {{1}}, order {{2}} is ready")
PENDING = TwilioContent(sid="HX" + "b" * 32, friendly_name="later", language="it", status="pending")
WHATSAPP = TwilioWhatsAppChannel()


@pytest.fixture
def sim(running: Simulator, desk: Desk) -> Iterator[Simulator]:
    running.reset()
    numbers = (number(desk, number=SENDER), number(desk, number=RCS))
    running.configure(account(desk, numbers=numbers, contents=(CONTENT, PENDING)))
    yield running
    running.wait_until_quiet()
    running.reset()


def channel(sim: Simulator, desk: Desk, address: str = NUMBER) -> Channel[TwilioSettings]:
    settings = TwilioSettings.model_validate({"account_sid": SID, "auth_token": TOKEN, "base_url": sim.url})
    return Channel("channel-1", address, Connection("twilio", settings, f"{desk.url}/webhooks/sms"))


def message(desk: Desk, text: str = "Hello", **more: object) -> OutgoingMessage:
    status = f"{desk.url}/webhooks/sms?message_id=m-1"
    return OutgoingMessage(id="m-1", to=PHONE, text=text, status_url=status, **more)  # type: ignore[arg-type]  # any field


def events_of(sim: Simulator, heard: Heard, desk: Desk, plugin: TwilioChannel = WHATSAPP) -> list[Event]:
    webhook = Webhook(
        "POST", desk.url + heard.path, heard.path.partition("?")[2], heard.headers, heard.body, datetime.now(UTC)
    )
    assert plugin.verify(channel(sim, desk).connection, webhook).outcome == "authentic"
    return plugin.translate(channel(sim, desk).connection, webhook)


def states(sim: Simulator, desk: Desk, plugin: TwilioChannel = WHATSAPP) -> list[str]:
    sim.wait_until_quiet()
    found = [event for heard in desk.heard for event in events_of(sim, heard, desk, plugin)]
    return [event.status for event in found if isinstance(event, MessageStatusChanged)]


def test_a_customer_writes_and_is_answered_within_the_day(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    assert sim.text_from(PHONE, "Ciao 😀", to=SENDER).status == 204
    (event,) = events_of(sim, desk.heard[0], desk)
    assert isinstance(event, MessageReceived)
    assert (event.text, event.contact_address, event.channel_address) == ("Ciao 😀", PHONE, NUMBER)
    assert event.contact_name == "Sam"
    desk.heard.clear()
    WHATSAPP.send(channel(sim, desk), message(desk, "Eccomi"), http)
    assert states(sim, desk) == ["sent", "delivered", "read"]
    assert sim.phone(PHONE).texts == ["Eccomi"]


def test_free_text_behind_the_window_comes_back(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    WHATSAPP.send(channel(sim, desk), message(desk), http)
    sim.wait_until_quiet()
    last = [event for event in events_of(sim, desk.heard[-1], desk) if isinstance(event, MessageStatusChanged)]
    assert last[0].status in ("failed", "undelivered")
    assert last[0].problem is not None
    assert (last[0].problem.code, last[0].problem.outside_window) == ("63016", True)
    assert sim.phone(PHONE).texts == []


@pytest.mark.parametrize("name", [CONTENT.sid, "order_ready"])
def test_a_template_is_sent_at_any_time(sim: Simulator, desk: Desk, http: httpx.Client, name: str) -> None:
    content = TemplateContent(name=name, language="en", body=("Sam", "7"))
    WHATSAPP.send(channel(sim, desk), message(desk, "", content=content), http)
    sim.wait_until_quiet()
    assert sim.phone(PHONE).texts == ["Hello Sam, order 7 is ready"]
    missing = TemplateContent(name="no_such", language="en")
    with pytest.raises(SendRejected):
        WHATSAPP.send(channel(sim, desk), message(desk, "", content=missing), http)


def test_templates_are_listed_with_their_approval(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    found = WHATSAPP.templates(channel(sim, desk), http)
    assert [(one.name, one.language, one.state, one.variables) for one in found] == [
        ("order_ready", "en", "approved", 2),
        ("later", "it", "pending", 1),
    ]
    wrong = loopback.get(f"{sim.url}/v1/ContentAndApprovals", auth=(SID, "not this one"))
    assert wrong.status_code == 401


def test_buttons_places_and_files_arrive(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    sim.text_from(PHONE, "Yes", to=SENDER, more={"ButtonText": "Yes", "ButtonPayload": "Y", "MessageType": "button"})
    sim.text_from(PHONE, "", to=SENDER, more={"Latitude": "41.9", "Longitude": "12.5", "MessageType": "location"})
    picture = sim.file(b"\x89PNG\r\n\x1a\n" + b"0" * 20, "image/png", "a.png")
    sim.text_from(PHONE, "look", to=SENDER, media=[picture], more={"MessageType": "image"})
    found = [events_of(sim, heard, desk)[-1] for heard in desk.heard]
    assert [one.message_kind for one in found if isinstance(one, MessageReceived)] == ["button", "location", "image"]
    desk.heard.clear()
    place = LocationContent(latitude=41.9, longitude=12.5, name="Here")
    WHATSAPP.send(channel(sim, desk), message(desk, "", content=place), http)
    file = OutgoingAttachment(url=f"{desk.url}/file.pdf", name="a.pdf", mime="application/pdf", size=4, kind="document")
    WHATSAPP.send(channel(sim, desk), message(desk, "see", attachments=(file,)), http)
    sim.wait_until_quiet()
    assert len(sim.accepted()) == 2


def test_rcs_has_no_window(sim: Simulator, desk: Desk, http: httpx.Client) -> None:
    plugin = TwilioRcsChannel()
    plugin.send(channel(sim, desk, AGENT), message(desk, "Hello by RCS"), http)
    assert states(sim, desk, plugin) == ["sent", "delivered", "read"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"From": SENDER}, 21910),
        ({"To": f"whatsapp:{PHONE}", "From": "whatsapp:+12025550199"}, 63007),
        ({"To": f"whatsapp:{PHONE}", "From": SENDER, "ContentSid": "HX" + "f" * 32, "Body": None}, 21655),
        ({"To": f"whatsapp:{PHONE}", "From": SENDER, "ContentSid": CONTENT.sid, "ContentVariables": "[1]"}, 21656),
        ({"To": "whatsapp:nobody", "From": SENDER}, 21211),
    ],
)
def test_what_twilio_refuses_is_refused(sim: Simulator, parameters: dict[str, object], code: int) -> None:
    answer = send(sim, **parameters)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_window_is_of_one_customer(sim: Simulator, desk: Desk) -> None:
    sim.text_from("+12025550777", "hello", to=SENDER)
    send(sim, To=f"whatsapp:{PHONE}", From=SENDER)
    until(lambda: sim.accepted()[-1].error_code == 63016)
