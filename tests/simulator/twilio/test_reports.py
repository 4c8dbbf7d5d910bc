"""Status callbacks: signed, in order, and every disorder that was asked for."""

import threading

import pytest
from twilio.request_validator import RequestValidator

from casella_simulator import Faults, Simulator
from tests.simulator.desk import LINE, PHONE, SERVICE, SID, TOKEN, Desk, Heard, Reply, account, number, send, until

STATUS_PATH = "/status?message=17&x=%20a"


def genuine(desk: Desk, heard: Heard) -> bool:
    url = desk.url + heard.path
    return bool(RequestValidator(TOKEN).validate(url, heard.form, heard.headers["x-twilio-signature"]))


def send_and_settle(sim: Simulator, desk: Desk, **parameters: object) -> str:
    sid = send(sim, StatusCallback=desk.url + STATUS_PATH, **parameters).json()["sid"]
    sim.wait_until_quiet()
    return str(sid)


def test_sent_then_delivered_genuinely_signed_at_the_callback_url(sim: Simulator, desk: Desk) -> None:
    sid = send_and_settle(sim, desk)
    assert desk.statuses == ["sent", "delivered"]
    assert all(genuine(desk, heard) and heard.path == STATUS_PATH for heard in desk.heard)
    last = desk.heard[-1].form
    assert last["RawDlrDoneDate"].isdigit()
    assert (
        last
        | {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsStatus": "delivered",
            "AccountSid": SID,
            "From": LINE,
            "To": PHONE,
            "ApiVersion": "2010-04-01",
        }
        == last
    )
    assert sim.accepted()[0].state == "delivered"


def test_a_messaging_service_reports_queued_too(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, numbers=(number(desk, messaging_service=SERVICE),)))
    send_and_settle(sim, desk, From=None, MessagingServiceSid=SERVICE)
    assert desk.statuses == ["queued", "sent", "delivered"]
    assert {heard.form["MessagingServiceSid"] for heard in desk.heard} == {SERVICE}


def test_without_a_callback_the_message_still_arrives(sim: Simulator, desk: Desk) -> None:
    send(sim)
    sim.wait_until_quiet()
    assert desk.heard == []
    assert sim.phone(PHONE).texts == ["Hello"]


@pytest.mark.parametrize(
    ("faults", "statuses", "code"),
    [
        (Faults(undelivered={30003: 1}), ["sent", "undelivered"], "30003"),
        (Faults(failed={30008: 1}), ["failed"], "30008"),
    ],
)
def test_what_does_not_arrive_is_reported_with_its_code(
    sim: Simulator, desk: Desk, faults: Faults, statuses: list[str], code: str
) -> None:
    sim.set_faults(faults)
    send_and_settle(sim, desk)
    assert desk.statuses == statuses
    assert desk.heard[-1].form["ErrorCode"] == code
    assert "ErrorCode" not in desk.heard[0].form or statuses == ["failed"]
    assert sim.phone(PHONE).inbox == []
    assert sim.accepted()[0].error_code == int(code)


def test_an_unregistered_us_number_is_blocked_in_the_us_only(sim: Simulator, desk: Desk) -> None:
    sim.configure(account(desk, numbers=(number(desk, a2p_registered=False),)))
    send_and_settle(sim, desk)
    assert desk.heard[-1].form["ErrorCode"] == "30034"
    send_and_settle(sim, desk, To="+393331234567")
    assert desk.statuses[-1] == "delivered"


def test_receipts_in_reverse_order(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipts_reordered=1))
    send_and_settle(sim, desk)
    assert desk.statuses == ["delivered", "sent"]
    assert sim.accepted()[0].state == "delivered"


def test_missing_receipts(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipts_missing=1))
    send_and_settle(sim, desk)
    assert desk.heard == []
    assert sim.phone(PHONE).texts == ["Hello"]


def test_each_receipt_several_times_at_the_same_instant(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipts_copies=5))
    gate = threading.Event()
    desk.reply_with(*[Reply(wait=gate)] * 5)
    send(sim, StatusCallback=desk.url + STATUS_PATH)
    until(lambda: len(desk.heard) == 5)  # all five are waiting for their answer at once
    gate.set()
    sim.wait_until_quiet()
    assert desk.statuses == ["sent"] * 5 + ["delivered"] * 5
    assert sorted(delivery.copy for delivery in sim.deliveries()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_receipts_before_the_answer(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipts_first=1))
    send(sim, StatusCallback=desk.url + STATUS_PATH)
    assert desk.statuses == ["sent", "delivered"]  # without waiting: they came before the answer


def test_without_that_fault_the_answer_comes_before_the_receipts(sim: Simulator, desk: Desk) -> None:
    gate = threading.Event()
    desk.reply_with(Reply(wait=gate))
    assert send(sim, StatusCallback=desk.url + STATUS_PATH).status_code == 201
    gate.set()
    sim.wait_until_quiet()


def test_late_receipts_come_late(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(receipts_late=1, receipts_late_ms=(120, 120)))
    send_and_settle(sim, desk)
    accepted_at = sim.accepted()[0].at
    assert all((delivery.at - accepted_at).total_seconds() >= 0.115 for delivery in sim.deliveries())
    assert len(desk.heard) == 2


def test_a_bad_signature_is_sent_and_journalled_as_such(sim: Simulator, desk: Desk) -> None:
    sim.set_faults(Faults(bad_signature=1))
    send_and_settle(sim, desk)
    assert not any(genuine(desk, heard) for heard in desk.heard)
    assert not any(delivery.well_signed for delivery in sim.deliveries())


def test_a_receipt_that_is_refused_is_not_sent_again(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(503, b"busy"))
    send_and_settle(sim, desk)
    assert [delivery.status for delivery in sim.deliveries()] == [503, 204]


def test_pictures_are_fetched_and_shown_on_the_phone(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(200, b"\x89PNG picture", "image/png"))
    sid = send(sim, Body=None, MediaUrl=f"{desk.url}/files/cat.png?sig=1").json()["sid"]
    sim.wait_until_quiet()
    assert sid.startswith("MM")
    (picture,) = sim.phone(PHONE).inbox[0].media
    assert (picture.content, picture.content_type, picture.name) == (b"\x89PNG picture", "image/png", "cat.png")


def test_a_picture_that_cannot_be_had_fails_the_message(sim: Simulator, desk: Desk) -> None:
    desk.reply_with(Reply(404))
    send_and_settle(sim, desk, MediaUrl=f"{desk.url}/gone.png")
    assert sim.accepted()[0].state == "failed"
    assert desk.heard[-1].form["ErrorCode"] == "11200"
