"""Customers' messages: genuine webhooks with every standard parameter, retried as Twilio retries."""

import re
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from casella_simulator import Faults, Signing, Simulator
from casella_simulator.network.provider import UnknownLine
from casella_simulator.twilio.receiving import replies
from tests.budget import tries
from tests.simulator.desk import (
    LINE,
    PHONE,
    SECOND_TOKEN,
    SERVICE,
    SID,
    TOKEN,
    Desk,
    Heard,
    Reply,
    account,
    number,
    send,
    until,
)

STANDARD = {
    "ToCountry", "ToState", "ToCity", "ToZip", "FromCountry", "FromState", "FromCity", "FromZip", "SmsMessageSid",
    "NumMedia", "SmsSid", "SmsStatus", "Body", "To", "NumSegments", "MessageSid", "AccountSid", "From", "ApiVersion",
}  # fmt: skip


def genuine(desk: Desk, heard: Heard, token: str = TOKEN) -> bool:
    url = desk.url + heard.path
    return bool(RequestValidator(token).validate(url, heard.form, heard.headers["x-twilio-signature"]))


def test_a_text_comes_with_every_standard_parameter_and_a_genuine_signature(sim: Simulator, desk: Desk) -> None:
    arrival = sim.text_from(PHONE, "Ciao 👋, aperti?")
    (heard,) = desk.heard
    assert arrival.status == 204
    assert heard.form.keys() == STANDARD
    assert heard.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert heard.path == "/webhooks/sms?tenant=blue&x=%20a"
    assert genuine(desk, heard)
    expected = {"From": PHONE, "To": LINE, "Body": "Ciao 👋, aperti?", "NumMedia": "0", "AccountSid": SID}
    assert heard.form | expected | {"SmsStatus": "received", "ApiVersion": "2010-04-01"} == heard.form
    assert re.fullmatch(r"SM[0-9a-f]{32}", arrival.sid)
    assert {heard.form[name] for name in ("MessageSid", "SmsSid", "SmsMessageSid")} == {arrival.sid}


def test_a_picture_alone_has_a_blank_body_that_is_signed(sim: Simulator, desk: Desk) -> None:
    files = [sim.file(b"\x89PNG", "image/png", "a.png"), sim.file(b"%PDF", "application/pdf", "b.pdf")]
    arrival = sim.text_from(PHONE, "", media=files)
    (heard,) = desk.heard
    assert b"&Body=&" in heard.body
    assert genuine(desk, heard)
    assert (heard.form["NumMedia"], heard.form["MediaContentType1"]) == ("2", "application/pdf")
    assert re.fullmatch(
        rf"{re.escape(sim.url)}/2010-04-01/Accounts/{SID}/Messages/{arrival.sid}/Media/ME[0-9a-f]{{32}}",
        heard.form["MediaUrl0"],
    )


@settings(max_examples=tries(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_any_text_arrives_whole_and_genuine(sim: Simulator, desk: Desk, text: str) -> None:
    sim.text_from(PHONE, text)
    heard = desk.heard[-1]
    assert heard.form["Body"] == text
    assert genuine(desk, heard)


def test_during_rotation_the_secondary_token_signs(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, signing=Signing(sign_with="secondary")))
    sim.text_from(PHONE, "x")
    assert genuine(desk, desk.heard[0], SECOND_TOKEN)
    assert not genuine(desk, desk.heard[0], TOKEN)


def test_an_unknown_number_is_said_to_be_unknown(sim: Simulator) -> None:
    with pytest.raises(UnknownLine, match=r"\+19"):
        sim.text_from(PHONE, "x", to="+19")


def test_by_default_a_5xx_loses_the_message(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(503))
    arrival = sim.text_from(PHONE, "x")
    assert (arrival.status, len(desk.heard)) == (503, 1)
    assert sim.phone(PHONE).entries[-1].state == "failed"


def test_overrides_in_the_url_make_it_retry(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, numbers=(number(desk, webhook_url=f"{desk.url}/sms#rc=3&rp=5xx,rt"),)))
    desk.reply_with(Reply(503), Reply(cut=True))
    arrival = sim.text_from(PHONE, "x")
    assert arrival.status == 204
    assert [delivery.failure for delivery in sim.deliveries()] == ["5xx", "rt", None]
    assert [delivery.attempt for delivery in sim.deliveries()] == [1, 2, 3]
    assert len({heard.headers["i-twilio-idempotency-token"] for heard in desk.heard}) == 1
    assert len({heard.body for heard in desk.heard}) == 1
    assert {heard.path for heard in desk.heard} == {"/sms"}


def test_nobody_listening_is_tried_once_more_and_then_falls_back(sim: Simulator, desk: Desk) -> None:
    nowhere = "http://127.0.0.1:1/sms"
    sim.configure(account(desk, numbers=(number(desk, webhook_url=nowhere, fallback_url=f"{desk.url}/fallback"),)))
    arrival = sim.text_from(PHONE, "x")
    assert arrival.status == 204
    assert [(delivery.failure, delivery.fallback) for delivery in sim.deliveries()] == [
        ("ct", False),
        ("ct", False),
        (None, True),
    ]
    (heard,) = desk.heard
    assert (heard.form["ErrorUrl"], heard.form["ErrorCode"]) == (nowhere, "11205")
    assert genuine(desk, heard)


def test_a_number_without_a_webhook_loses_the_message(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, numbers=(number(desk, webhook_url=None),)))
    assert sim.text_from(PHONE, "x").status is None
    assert sim.phone(PHONE).entries[-1].error == "no webhook is configured"


def test_copies_at_the_same_instant(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(webhook_copies=8))
    gate = threading.Event()
    desk.reply_with(*[Reply(wait=gate)] * 8)
    writing = threading.Thread(target=sim.text_from, args=(PHONE, "x"))
    writing.start()
    until(lambda: len(desk.heard) == 8)
    gate.set()
    writing.join()
    assert len({heard.body for heard in desk.heard}) == 1
    assert all(genuine(desk, heard) for heard in desk.heard)


def test_copies_apart(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(webhook_copies=3, copies_apart_ms=(60, 60)))
    arrival = sim.text_from(PHONE, "x")
    first, second, third = arrival.deliveries
    assert (second.at - first.at).total_seconds() >= 0.055
    assert (third.at - first.at).total_seconds() >= 0.115


def test_stop_is_confirmed_forwarded_and_blocks_until_start(sim: Simulator, desk: Desk) -> None:
    sim.text_from(PHONE, "Stop")
    assert desk.heard[0].form["Body"] == "Stop"
    assert "OptOutType" not in desk.heard[0].form
    assert sim.phone(PHONE).texts[0].startswith("You have successfully been unsubscribed")
    assert send(sim).json()["code"] == 21610
    sim.text_from(PHONE, "START")
    assert send(sim).status_code == 201
    assert sim.phone(PHONE).inbox[1].author == "carrier"


def test_advanced_opt_out_names_the_type_and_covers_the_service(sim: Simulator, desk: Desk) -> None:
    numbers = (number(desk, messaging_service=SERVICE, advanced_opt_out=True),)
    sim.configure(account(desk, numbers=numbers))
    sim.text_from(PHONE, "stop")
    assert desk.heard[0].form["OptOutType"] == "STOP"
    assert desk.heard[0].form["MessagingServiceSid"] == SERVICE
    assert send(sim, From=None, MessagingServiceSid=SERVICE).json()["code"] == 21610
    assert send(sim).json()["code"] == 21610


@pytest.mark.parametrize(
    ("content_type", "answer", "texts"),
    [
        ("text/xml", "<Response/>", []),
        ("text/xml", "<Response><Message>Tom &amp; <Body>Ann</Body></Message></Response>", ["Tom & Ann"]),
        ("text/plain; charset=utf-8", "OK", ["OK"]),
        ("text/plain", " ", []),
        ("application/json", '{"ok": true}', []),
    ],
)
def test_what_a_webhook_answer_would_send_to_the_customer(content_type: str, answer: str, texts: list[str]) -> None:
    assert replies(answer, content_type) == texts


def test_a_plain_text_answer_reaches_the_customer(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(200, b"OK", "text/plain"))
    sim.text_from(PHONE, "x")
    assert sim.phone(PHONE).texts == ["OK"]
